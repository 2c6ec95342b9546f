"""What a world cannot mean although each value is well formed: names of nobody, one id twice, secrets shared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from wizard.documents import Path, nearest
from wizard.sandbox.schema import Group, InstanceVariable, Project, Token, Variable, WorldState

Finding = tuple[Path, str]
Placed = tuple[Path, str]


_GIVEN_ONCE = {"jobs": "job", "agents": "agent", "environments": "environment", "pipeline_schedules": "schedule"}


def contradictions(state: WorldState) -> list[Finding]:
    """Return every contradiction of a well-formed world, in the order of its parts."""
    checks: list[Callable[[WorldState], Iterator[Finding]]] = [
        _ids_twice, _names_twice, _secrets_twice, _variables, _people, _tokens, _homes, _allowlists, _branches,
        _references, _ci,
    ]  # fmt: skip
    return [finding for check in checks for finding in check(state)]


def _twice(placed: Iterable[Placed], what: str, show: bool = True) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, value in placed:
        if value in seen:
            yield path, f"{what} {value!r} is there twice" if show else f"{what} is there twice"
        seen.add(value)


def _ids(path: Path, items: Iterable[object], field: str = "id") -> Iterator[Placed]:
    for index, item in enumerate(items):
        value = getattr(item, field)
        if value:
            yield (*path, index, field), str(value)


def _ids_twice(state: WorldState) -> Iterator[Finding]:
    tokens = [
        placed for path, home in _homes_placed(state) for placed in _ids((*path, "deploy_tokens"), home.deploy_tokens)
    ]
    projects = list(enumerate(state.projects))
    yield from _twice(_ids(("users",), state.users), "the user id")
    yield from _twice(_ids(("groups",), state.groups), "the group id")
    yield from _twice(_ids(("projects",), state.projects), "the project id")
    yield from _twice(tokens, "the deploy token id")
    for field, what in _GIVEN_ONCE.items():
        yield from _twice(_all_ids(projects, field), f"the {what} id")
    for field in ("repository_protection", "tag_protection"):
        for index, project in projects:
            path = ("projects", index, field)
            yield from _twice(_ids(path, getattr(project, field)), "the rule id")
            yield from _twice(_ids(path, getattr(project, field), "pattern"), "the pattern")
    for index, project in projects:
        yield from _twice(_ids(("projects", index, "merge_requests"), project.merge_requests, "iid"), "the iid")


def _all_ids(projects: list[tuple[int, Project]], field: str) -> list[Placed]:
    """Ids that are given once in the instance, not once in each project."""
    return [placed for at, item in projects for placed in _ids(("projects", at, field), getattr(item, field))]


def _homes_placed(state: WorldState) -> Iterator[tuple[Path, Group | Project]]:
    for index, group in enumerate(state.groups):
        yield ("groups", index), group
    for index, project in enumerate(state.projects):
        yield ("projects", index), project


def _names_twice(state: WorldState) -> Iterator[Finding]:
    users = [(path, name.lower()) for path, name in _ids(("users",), state.users, "username")]
    yield from _twice(users, "the username")
    places = [*_ids(("groups",), state.groups, "path"), *_ids(("projects",), state.projects, "path")]
    for index, project in enumerate(state.projects):
        places += [(("projects", index, "former_paths", at), old) for at, old in enumerate(project.former_paths)]
    yield from _twice([(path, name.lower()) for path, name in places], "the path")
    names = {name: path for path, name in users}
    for index, group in enumerate(state.groups):
        if group.path.lower() in names:
            yield ("groups", index, "path"), f"the path {group.path!r} is the name of a user"


def _secrets_twice(state: WorldState) -> Iterator[Finding]:
    placed: list[Placed] = []
    for index, user in enumerate(state.users):
        placed += _ids(("users", index, "tokens"), user.tokens, "value")
    for path, home in _homes_placed(state):
        placed += _ids((*path, "deploy_tokens"), home.deploy_tokens, "token")
    for index, project in enumerate(state.projects):
        placed += _ids(("projects", index, "jobs"), project.jobs, "token")
    yield from _twice(placed, "the secret of this token", show=False)


def _variables(state: WorldState) -> Iterator[Finding]:
    sets: list[tuple[Path, Iterable[Variable | InstanceVariable]]] = [
        (("instance", "variables"), state.instance.variables),
        *(((*path, "variables"), home.variables) for path, home in _homes_placed(state)),
    ]
    for path, variables in sets:
        names = []
        for index, variable in enumerate(variables):
            scope = variable.environment_scope if isinstance(variable, Variable) else "*"
            names.append(((*path, index, "key"), f"{variable.key}@{scope}"))
            if not re.fullmatch(r"[a-zA-Z0-9_]{1,255}", variable.key):
                yield (*path, index, "key"), "a key consists of letters, digits and '_'"
            if not scope:
                yield (*path, index, "environment_scope"), "is empty; '*' means every environment"
            if isinstance(variable, Variable) and variable.hidden and not variable.masked:
                yield (*path, index, "hidden"), "a hidden variable must be masked"
        yield from _twice(names, "the variable")


def _people(state: WorldState) -> Iterator[Finding]:
    known = [user.username for user in state.users if user.username]
    folded = {name.lower() for name in known}

    def nobody(path: Path, name: str) -> Iterator[Finding]:
        if name.lower() not in folded:
            yield path, f"there is no user {name!r}{nearest(name, known)}"

    for path, home in _homes_placed(state):
        for name in home.members:
            yield from nobody((*path, "members", name), name)
    for index, project in enumerate(state.projects):
        for at, job in enumerate(project.jobs):
            yield from nobody(("projects", index, "jobs", at, "started_by"), job.started_by)
        for at, schedule in enumerate(project.pipeline_schedules):
            if schedule.owner is not None:
                yield from nobody(("projects", index, "pipeline_schedules", at, "owner"), schedule.owner)


def _tokens(state: WorldState) -> Iterator[Finding]:
    groups = namespaces(state)
    projects = [project.path for project in state.projects]
    for index, user in enumerate(state.users):
        bots = {token.of for token in user.tokens if token.kind in ("project", "group")}
        if len(bots) > 1:
            yield ("users", index, "tokens"), "a bot has tokens of one project or group only"
        for at, token in enumerate(user.tokens):
            yield from _token(("users", index, "tokens", at), token, {"project": projects, "group": groups})


def _token(path: Path, token: Token, homes: dict[str, list[str]]) -> Iterator[Finding]:
    if token.kind in homes:
        known = homes[token.kind]
        if token.of is None:
            yield (*path, "of"), f"a {token.kind} token needs the path that it is of"
        elif token.of.lower() not in {name.lower() for name in known}:
            yield (*path, "of"), f"there is no {token.kind} {token.of!r}{nearest(token.of, known)}"
    elif token.of is not None or token.role is not None:
        yield (*path, "of"), f"a {token.kind} token has neither `of` nor `role`"
    if token.granular is not None and token.kind != "personal":
        yield (*path, "granular"), "only a personal token can be fine-grained"


def _homes(state: WorldState) -> Iterator[Finding]:
    paths = {project.path.lower() for project in state.projects}
    for index, project in enumerate(state.projects):
        parents = _parents(project.path)
        if not parents:
            yield ("projects", index, "path"), "a project lies in a group or belongs to a user: GROUP/PROJECT"
        for parent in parents:
            if parent.lower() in paths:
                yield ("projects", index, "path"), f"lies below {parent!r}, which is a project"


def _allowlists(state: WorldState) -> Iterator[Finding]:
    groups = namespaces(state)
    projects = [path for project in state.projects for path in (project.path, *project.former_paths)]
    for index, project in enumerate(state.projects):
        scope = project.job_token_scope
        for field, names, known in (("projects", scope.projects, projects), ("groups", scope.groups, groups)):
            path = ("projects", index, "job_token_scope", field)
            folded = {name.lower() for name in known}
            for at, name in enumerate(names):
                if name.lower() not in folded:
                    yield (*path, at), f"there is no {field[:-1]} {name!r}{nearest(name, known)}"
            yield from _twice([((*path, at), name) for at, name in enumerate(names)], "the entry")


def _branches(state: WorldState) -> Iterator[Finding]:
    for index, project in enumerate(state.projects):
        path = ("projects", index, "branches")
        earlier = {project.default_branch}
        if project.branches and not project.files:
            yield path, "an empty repository has no branches: give it `files`"
        for name, branch in project.branches.items():
            if name == project.default_branch:
                yield (*path, name), "the default branch is described by `files`"
            start = branch.from_ or project.default_branch
            if start not in earlier:
                yield (*path, name, "from"), f"there is no branch {start!r} before this one"
            earlier.add(name)


def _references(state: WorldState) -> Iterator[Finding]:
    for index, project in enumerate(state.projects):
        known = {project.default_branch, *project.branches}
        for name, branch in project.tags.items():
            if branch not in known or not project.files:
                yield ("projects", index, "tags", name), f"there is no branch {branch!r}"
        for at, request in enumerate(project.merge_requests):
            for field, wanted in (("source", request.source), ("target", request.target)):
                if wanted and wanted not in known and request.state == "opened":
                    yield ("projects", index, "merge_requests", at, field), f"there is no branch {wanted!r}"


def _ci(state: WorldState) -> Iterator[Finding]:
    owners: dict[int, tuple[int, str]] = {}
    for index, project in enumerate(state.projects):
        names = _ids(("projects", index, "environments"), project.environments, "name")
        yield from _twice(names, "the environment")
        for at, job in enumerate(project.jobs):
            ref = job.ref or project.default_branch
            if job.pipeline and owners.setdefault(job.pipeline, (index, ref)) != (index, ref):
                yield ("projects", index, "jobs", at, "pipeline"), "a pipeline is of one project and one branch"


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def namespaces(state: WorldState) -> list[str]:
    """Return the paths of all groups, with those that only stand within longer paths."""
    users = {user.username.lower() for user in state.users}
    paths: dict[str, str] = {}
    for group in state.groups:
        for path in (*_parents(group.path), group.path):
            paths.setdefault(path.lower(), path)
    for project in state.projects:
        for path in _parents(project.path):
            if path.lower() not in users:
                paths.setdefault(path.lower(), path)
    explicit = {group.path.lower(): group.path for group in state.groups}
    return [explicit.get(folded, path) for folded, path in paths.items()]
