"""Private images of other projects on the same GitLab: allowlist entries, or deploy tokens stored in our variables."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.advice import MOST_ENTRIES, Way, advise, covering_group, open_to_all, token_name, variable_names
from wizard.answers import Pull
from wizard.change import UNKNOWN, Change, Check, Conflict, Notice
from wizard.changes.auth_config import KEY as AUTH_CONFIG
from wizard.changes.kind import MADE
from wizard.changes.project_settings import blocked_below
from wizard.errors import WizardError
from wizard.planning.auth_config import present_entries
from wizard.planning.deploy_tokens import WantedToken, plan_token
from wizard.planning.part import Part, joined
from wizard.planning.variables import Wanted, present_variable
from wizard.state import JobTokenScope, ProjectState, Role, SourceState, State, Unknown

_TOKEN_DAYS = 365


def plan_shared_images(pulls: Sequence[Pull], state: State, rotate: frozenset[str]) -> Part:
    """Plan every source project once, whatever the number of its images."""
    by_source: dict[str, list[Pull]] = {}
    for pull in pulls:
        by_source.setdefault(pull.project, []).append(pull)
    return joined([_plan_source(path, items, state, rotate) for path, items in by_source.items()])


def chosen_way(items: Sequence[Pull], source: SourceState, state: State) -> Way:
    """Return the way for one source: a deploy token as soon as one of its images asks for it."""
    ways = {advise(item, source, state).chosen for item in items if not item.absent}
    return "deploy-token" if "deploy-token" in ways else "job-token"


def _plan_source(path: str, items: list[Pull], state: State, rotate: frozenset[str]) -> Part:
    source = state.sources[path]
    project = source.project or _unseen(path, state)
    if project.id == state.project.id:
        raise WizardError("own-image", f"pull.{path}: this is the project itself", "Its own images need no answer.")
    notices = _notices(source, project) if source.project else [_not_found(path, state)]
    wanted = [item for item in items if not item.absent]
    if not wanted:
        part = _removal(source, project, state)
    elif chosen_way(wanted, source, state) == "deploy-token":
        part = _by_deploy_token(source, project, wanted, state, rotate)
    else:
        part = _by_job_token(source, project, wanted, state)
    return joined([Part(notices=tuple(notices if wanted or source.project is None else ())), part])


def _unseen(path: str, state: State) -> ProjectState:
    """Stand for a project that GitLab does not show: there is no role in it, so whatever it needs is held back."""
    host, hidden = state.project.registry_host, Unknown("404 Project Not Found")
    return ProjectState(
        id=0,
        path=path,
        visibility="private",
        role=Role.NONE,
        default_branch=None,
        web_url=f"{state.instance.url}/{path}",
        registry_access=hidden,
        image_prefix=f"{host}/{path.lower()}" if host else None,
        cleanup=hidden,
    )


def _not_found(path: str, state: State) -> Notice:
    return Notice(
        "source-not-found",
        f"pull.{path}: GitLab says 404 Project Not Found: the project is missing, or not yours to see",
        f"Check its path. If it is right, a Maintainer there has to make that change, and whoever starts pipelines of "
        f"{state.project.path} needs the role Reporter there as long as they come in by job token.",
    )


def _notices(source: SourceState, project: ProjectState) -> list[Notice]:
    notices = []
    if project.registry_access == "disabled":
        notices.append(
            Notice(
                "source-registry-disabled",
                f"the container registry of {project.path} is off, so nothing can be pulled from it",
                "Ask a Maintainer there to switch it on.",
            )
        )
    if project.role < Role.REPORTER and not open_to_all(source) and project.visibility == "private":
        notices.append(
            Notice(
                "no-role-in-source",
                f"you have no pulling role in {project.path}: with a job token your own pipelines cannot pull from it",
                "Whoever starts a pipeline needs the role Reporter there; Developer is safer.",
            )
        )
    return notices


def _by_job_token(source: SourceState, project: ProjectState, items: list[Pull], state: State) -> Part:
    may_pull = Check(f"pull:{project.path}", "gitlab-grant", project.path, repository=_repository(project, items))
    if open_to_all(source):
        return Part(checks=(may_pull,))
    scope = source.job_token_scope
    entry = _entry(source, project, scope, state)
    notices: list[Notice] = []
    changes = [entry]
    if isinstance(scope, JobTokenScope):
        notices += _group_offer(project, scope, state)
        if not scope.enabled and any(item.enforce for item in items):
            changes.append(_switch(project, scope, entry))
            notices.append(_cut_off(project, scope))
        elif not scope.enabled:
            notices.append(
                Notice(
                    "allowlist-not-enforced",
                    f"{project.path} lets every project in with a job token: the entry counts once that ends",
                    "To enforce the allowlist there: enforce: true. It cuts off whoever is not listed.",
                )
            )
    listed = Check(entry.id, "allowlist", project.path, project.id, repository=entry.id.partition(":")[2].split("@")[0])
    checks = (listed, may_pull) if source.project else (may_pull,)
    return Part(changes=tuple(changes), notices=tuple(notices), checks=checks)


def _repository(project: ProjectState, items: Sequence[Pull]) -> str:
    """Return the repository path of the first image, which stands for all of the project's."""
    image = items[0].image.partition("@")[0].rpartition(":")[0] or items[0].image.partition(":")[0]
    return f"{project.path}/{image}".rstrip("/").lower()


def _entry(source: SourceState, project: ProjectState, scope: JobTokenScope | Unknown, state: State) -> Change:
    group = covering_group(source, state)
    listed = isinstance(scope, JobTokenScope) and state.project.id in scope.projects
    full = isinstance(scope, JobTokenScope) and not listed and len(scope.projects) >= MOST_ENTRIES
    there = bool(listed or group)
    consumer = group or state.project.path
    shown = {"target_project_id": state.project.id, "path": consumer}
    return Change(
        id=f"job-token-allowlist:{consumer}@{project.path}",
        kind="job-token-allowlist",
        action="unchanged" if there else "create",
        target=project.path,
        summary=f"{project.path} lets jobs of {consumer} in with CI_JOB_TOKEN",
        before=UNKNOWN if isinstance(scope, Unknown) else shown if there else None,
        after=shown,
        expects={"project_id": project.id},
        inputs={} if there else {"target_project_id": state.project.id},
        blocked=None if there else blocked_below(Role.MAINTAINER, project),
        conflict=Conflict(
            "allowlist-full",
            f"the allowlist of {project.path} holds {MOST_ENTRIES} entries, GitLab's limit",
            "Use a deploy token (with: deploy-token), or have a group entry replace some there.",
        )
        if full
        else None,
        step="pull",
    )


def _group_offer(project: ProjectState, scope: JobTokenScope, state: State) -> list[Notice]:
    if not state.project.groups:
        return []
    group = state.project.groups[0][1]
    siblings = [path for path in scope.projects.values() if path.rpartition("/")[0] == group]
    others = [path for path in siblings if path != state.project.path]
    if not others or project.path in siblings:
        return []
    return [
        Notice(
            "group-entry-possible",
            f"{project.path} already lists {len(others)} other project(s) of {group}; one entry for the group would do",
            "A Maintainer there can add it in Settings > CI/CD > Job token permissions.",
        )
    ]


def _switch(project: ProjectState, scope: JobTokenScope, entry: Change) -> Change:
    return Change(
        id=f"job-token-scope:{project.path}",
        kind="job-token-scope",
        action="update",
        target=project.path,
        summary=f"{project.path} lets in only the projects and groups on its allowlist",
        before={"inbound_enabled": scope.enabled},
        after={"inbound_enabled": True},
        needs=(entry.id,) if entry.pending else (),
        expects={"project_id": project.id, "inbound_enabled": False},
        blocked=blocked_below(Role.MAINTAINER, project),
        step="pull",
    )


def _cut_off(project: ProjectState, scope: JobTokenScope) -> Notice:
    listed = sorted({*scope.projects.values(), *scope.groups.values()} - {project.path})
    keep = (
        ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "") if listed else "nobody"
    )
    return Notice(
        "enforce-cuts-off",
        f"from then on only these may enter {project.path} with a job token besides this project: {keep}. "
        "Who else uses it today cannot be read from GitLab",
        "Look at Settings > CI/CD > Job token permissions > authentication log there first.",
    )


def _by_deploy_token(
    source: SourceState, project: ProjectState, items: list[Pull], state: State, rotate: frozenset[str]
) -> Part:
    user_key, token_key = variable_names(project.path)
    auth_key = f"{project.registry_host}/{project.path.lower()}"
    by_runner = any(item.as_ == "job" for item in items)
    stored = present_variable(state, token_key) is not None and present_variable(state, user_key) is not None
    entry_there = not by_runner or _entry_stays(auth_key, state, rotate)
    rotated = bool(rotate & {token_key, f"{token_key}@*"})
    token = plan_token(
        WantedToken(
            name=token_name(state.project.path),
            project=project,
            days=_TOKEN_DAYS,
            purpose=f"{state.project.path} pulls images",
            step="pull",
            stored=stored and entry_there and not rotated,
        ),
        source.deploy_tokens,
        state,
    )
    change = token.change
    needs = (change.id,) if token.fresh else ()
    username = f"{MADE}{change.id}#username" if token.fresh else None
    secret = f"{MADE}{change.id}#token" if token.fresh else None
    purpose = f"deploy token of {project.path}"
    variables = (
        Wanted(user_key, username, "pull", needs=needs, purpose=purpose),
        Wanted(token_key, secret, "pull", masked=True, hidden=True, needs=needs, purpose=purpose),
    )
    entry = {"username": username, "password": secret, "needs": change.id}
    return Part(
        changes=(change,),
        variables=variables,
        notices=token.notices,
        checks=(token.check,),
        auths={auth_key: entry} if by_runner and token.fresh else {},
        kept_auths=(auth_key,) if by_runner and not token.fresh else (),
    )


def _entry_stays(key: str, state: State, rotate: frozenset[str]) -> bool:
    """Whether the runner's entry is there; in a hidden value it may be, and only replacing that needs the secret."""
    found = present_variable(state, AUTH_CONFIG)
    if found is not None and found.hidden:
        return not rotate & {AUTH_CONFIG, f"{AUTH_CONFIG}@*"}
    return key in present_entries(state)


def _removal(source: SourceState, project: ProjectState, state: State) -> Part:
    name = token_name(state.project.path)
    tokens = source.deploy_tokens
    ours = [] if isinstance(tokens, Unknown) else [found for found in tokens if found.name == name]
    active = [found.id for found in ours if found.active(state.today)]
    token = Change(
        id=f"deploy-token:{project.path}/{name}",
        kind="deploy-token",
        action="delete",
        target=project.path,
        summary=f"revoke the deploy token {name}",
        before={"name": name, "ids": active},
        expects={"project_id": project.id, "ids": active},
        inputs={"revoke": active},
        blocked=blocked_below(Role.MAINTAINER, project),
        step="pull",
    )
    return Part(
        changes=(*_entry_removal(source.job_token_scope, project, state), *([token] if active else [])),
        removed_auths=(f"{project.registry_host}/{project.path.lower()}",),
        removed_variables=tuple((key, "pull") for key in variable_names(project.path)),
    )


def _entry_removal(scope: JobTokenScope | Unknown, project: ProjectState, state: State) -> tuple[Change, ...]:
    """Take our entry out; where the allowlist may not be read it may be on it."""
    unknown = isinstance(scope, Unknown)
    if isinstance(scope, JobTokenScope) and state.project.id not in scope.projects:
        return ()
    entry = Change(
        id=f"job-token-allowlist:{state.project.path}@{project.path}",
        kind="job-token-allowlist",
        action="delete",
        target=project.path,
        summary=f"{project.path} no longer lets jobs of {state.project.path} in",
        before=UNKNOWN if unknown else {"target_project_id": state.project.id, "path": state.project.path},
        expects={"project_id": project.id},
        inputs={"target_project_id": state.project.id},
        blocked=blocked_below(Role.MAINTAINER, project),
        step="pull",
    )
    return (entry,)
