"""What a log-in may do with a repository of the registry (`Auth::ContainerRegistryAuthenticationService`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wizard.sandbox.access import allowlisted, may_pull, membership, role_in
from wizard.sandbox.images import forbids, protected_path
from wizard.sandbox.registry.login import Login
from wizard.sandbox.roles import Role
from wizard.sandbox.schema import Project
from wizard.sandbox.world import World

_PATH = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+")
_LEVELS_BELOW = 2


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted of one scope."""

    type: str
    name: str
    actions: tuple[str, ...]
    project: Project | None = None

    @property
    def below(self) -> str:
        """The repository within its project; empty for the project's own path."""
        return self.name.removeprefix(self.project.path.lower()).strip("/") if self.project else ""

    @property
    def pushes(self) -> bool:
        """Whether something may be written."""
        return "push" in self.actions or "*" in self.actions


def granted(world: World, login: Login, scope: str) -> Grant | None:
    """Return what is granted of a scope such as `repository:group/project:pull,push`; None: nothing."""
    kind, name, wanted = [*scope.split(":", 2), "", ""][:3]
    actions = tuple(action for action in wanted.split(",") if action)
    if kind == "registry":
        is_catalog = (name, actions) == ("catalog", ("*",))
        return Grant(kind, name, actions) if is_catalog and login.user is not None and login.user.admin else None
    project = repository_project(world, name.lower()) if kind == "repository" else None
    if project is None:
        return None
    allowed = tuple(action for action in actions if _may(world, login, project, action))
    return Grant(kind, name.lower(), allowed, project) if allowed else None


def repository_project(world: World, path: str) -> Project | None:
    """Return the project of an image path: the path itself, or at most two levels above it."""
    if not _PATH.fullmatch(path):
        return None
    for _ in range(_LEVELS_BELOW + 1):
        project = world.project(path)
        if project is not None and project.path.lower() == path:
            return project
        path = path.rpartition("/")[0]
    return None


def _may(world: World, login: Login, project: Project, action: str) -> bool:
    """Decide one action; in maintenance mode and in an archived project nothing is written."""
    if project.registry == "disabled":
        return False
    if action == "pull":
        return _may_pull(world, login, project)
    if world.state.instance.maintenance or project.archived:
        return False
    own = login.job_project is project
    if action == "push":
        return own or _may_push(world, login, project)
    if action in ("delete", "*"):
        may_admin = "admin" in login.abilities and role_in(world, login.user, project) >= Role.MAINTAINER
        return may_admin or (own and action == "delete")
    return False


def _may_pull(world: World, login: Login, project: Project) -> bool:
    if login.job_project is not None:
        return login.job_project is project or _job_may_pull(world, login, login.job_project, project)
    if "read" not in login.abilities:
        return False
    if login.deploy_token is not None:
        return _reaches(login, project) or (project.visibility == "public" and project.registry == "enabled")
    return may_pull(world, login.user, project)


def _job_may_pull(world: World, login: Login, job_project: Project, project: Project) -> bool:
    is_open = project.visibility != "private" and project.registry == "enabled"
    if not is_open and not allowlisted(world, job_project, project):
        return False
    return may_pull(world, login.user, project, as_admin=False)


def _may_push(world: World, login: Login, project: Project) -> bool:
    if "create" not in login.abilities:
        return False
    if login.deploy_token is not None:
        return _reaches(login, project)
    return role_in(world, login.user, project) >= Role.DEVELOPER


def _reaches(login: Login, project: Project) -> bool:
    """Whether a deploy token is of this project or of a group around it; useless where the repository is off."""
    if login.home is None or project.repository == "disabled":
        return False
    return login.home is project or project.path.lower().startswith(login.home.path.lower() + "/")


def push_forbidden(world: World, login: Login, grant: Grant) -> bool:
    """Whether a protection rule stops a granted push.

    The rule looks at the user, for a job token at the one who started the job. A deploy token has none, and passes.
    """
    if grant.project is None or not grant.pushes or login.user is None or login.user.admin:
        return False
    return protected_path(world, login.user, grant.name, grant.project, "push")


def access_entry(world: World, login: Login, grant: Grant) -> dict[str, Any]:
    """Return the entry of a token's `access` claim."""
    entry: dict[str, Any] = {"type": grant.type, "name": grant.name, "actions": list(grant.actions)}
    if grant.project is not None:
        around = world.ancestors(grant.project.path)
        root = around[0].id if around else None
        meta = {"project_path": grant.project.path.lower(), "project_id": grant.project.id, "root_namespace_id": root}
        entry["meta"] = {name: value for name, value in meta.items() if value is not None}
        patterns = _denied_tags(login, world, grant.project, grant.actions)
        if patterns is not None:
            entry["meta"]["tag_deny_access_patterns"] = patterns
    return entry


def _denied_tags(login: Login, world: World, project: Project, actions: tuple[str, ...]) -> dict[str, list[str]] | None:
    if login.user is None or not project.tag_protection:
        return None
    wanted = ("push", "delete") if "*" in actions else tuple(dict.fromkeys(actions))
    level, rules = membership(world, login.user, project), [] if login.user.admin else project.tag_protection
    return {
        action: [rule.pattern for rule in rules if forbids(rule, level, action)]
        for action in wanted
        if action != "pull"
    }
