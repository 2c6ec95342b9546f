"""Projects as GraphQL shows them. What the caller may not see is null, mostly without a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from wizard.sandbox.access import may_pull, membership, role_in, sees_project
from wizard.sandbox.graphql.connections import connection
from wizard.sandbox.identity import Identity
from wizard.sandbox.images import Row, rows
from wizard.sandbox.roles import Role
from wizard.sandbox.schema import Group, Project, Protection, Variable
from wizard.sandbox.world import World

MOST_PATHS = 50
NOT_AVAILABLE = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action"
)
_CADENCES = {"1d": "EVERY_DAY", "7d": "EVERY_WEEK", "14d": "EVERY_TWO_WEEKS", "1month": "EVERY_MONTH",
             "3month": "EVERY_THREE_MONTHS"}  # fmt: skip
_KEPT = {1: "ONE_TAG", 5: "FIVE_TAGS", 10: "TEN_TAGS", 25: "TWENTY_FIVE_TAGS", 50: "FIFTY_TAGS",
         100: "ONE_HUNDRED_TAGS"}  # fmt: skip
_AGES = {"7d": "SEVEN_DAYS", "14d": "FOURTEEN_DAYS", "30d": "THIRTY_DAYS", "60d": "SIXTY_DAYS", "90d": "NINETY_DAYS"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks which world, and what the query costs."""

    world: World
    identity: Identity
    score: int
    limit: int

    def level(self, project: Project) -> Role:
        """Return what the caller may act as in a project."""
        return role_in(self.world, self.identity.user, project)

    def maintains(self, project: Project, right: str = "read_project") -> bool:
        """Whether the caller may see the settings of a project; a fine-grained token also needs the right for it."""
        token = self.identity.token
        if token is not None and token.granular is not None and right not in token.granular:
            return False
        return self.level(project) >= Role.MAINTAINER


def find_project(viewer: Viewer, path: str) -> Project | None:
    """Find a project by its present full path, if it exists for the caller."""
    found = viewer.world.project(path) if not path.isdigit() else None
    is_it = found is not None and found.path.lower() == path.lower()
    return found if is_it and found and sees_project(viewer.world, viewer.identity.user, found) else None


def find_projects(viewer: Viewer, arguments: dict[str, Any]) -> list[Project]:
    """Return the projects that are asked for and exist for the caller, the newest first."""
    paths = arguments.get("fullPaths")
    if paths is not None and len(paths) > MOST_PATHS:
        raise GraphQLError(f"You cannot provide more than {MOST_PATHS} full_paths")
    world, user = viewer.world, viewer.identity.user
    wanted = [project for project in world.state.projects if sees_project(world, user, project)]
    if paths:
        asked = {path.lower() for path in paths}
        wanted = [project for project in wanted if project.path.lower() in asked]
    if arguments.get("ids"):
        wanted = [project for project in wanted if _gid("Project", project.id) in arguments["ids"]]
    if arguments.get("membership"):
        wanted = [project for project in wanted if membership(world, user, project)]
    if arguments.get("search"):
        wanted = [project for project in wanted if arguments["search"].lower() in _name(project.path).lower()]
    return sorted(wanted, key=lambda project: -project.id)


def _gid(kind: str, number: int) -> str:
    return f"gid://gitlab/{kind}/{number}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _plain(viewer: Viewer, project: Project) -> dict[str, object]:
    return {
        "id": _gid("Project", project.id),
        "name": _name(project.path),
        "path": _name(project.path),
        "fullPath": project.path,
        "webUrl": f"{viewer.world.addresses.url}/{project.path}",
        "visibility": project.visibility,
        "archived": project.archived,
        "containerRepositoriesCount": len(project.images),
    }


def _access_level(viewer: Viewer, project: Project) -> dict[str, object]:
    level = membership(viewer.world, viewer.identity.user, project)
    return {"integerValue": int(level), "stringValue": "NO_ACCESS" if level is Role.NONE else level.name}


def _registry_enabled(viewer: Viewer, project: Project) -> bool:
    if viewer.world.registry_host is None or project.registry == "disabled":
        return False
    return project.registry == "enabled" or viewer.level(project) >= Role.REPORTER


def _repositories(viewer: Viewer, project: Project, arguments: dict[str, Any]) -> object:
    if not may_pull(viewer.world, viewer.identity.user, project):
        return None
    own = [row for row in rows(viewer.world) if row.project is project]

    def show(row: Row) -> dict[str, object]:
        known = {"name": row.name, "path": row.path, "location": row.location(viewer.world)}
        return {"id": _gid("ContainerRepository", row.id), "tagsCount": len(row.tags), **known}

    return connection(own, show, arguments)


def _policy(viewer: Viewer, project: Project) -> object:
    if not may_pull(viewer.world, viewer.identity.user, project):
        return None
    policy = project.cleanup_policy
    if not viewer.maintains(project):
        return {"enabled": policy.enabled}
    return {
        "enabled": policy.enabled,
        "cadence": _CADENCES[policy.cadence],
        "keepN": None if policy.keep_n is None else _KEPT[policy.keep_n],
        "olderThan": None if policy.older_than is None else _AGES[policy.older_than],
        "nameRegex": policy.name_regex,
        "nameRegexKeep": policy.name_regex_keep,
    }


def _protection(kind: str, pattern: str, rules: Sequence[Protection]) -> Callable[..., object]:
    def show(rule: Protection) -> dict[str, object]:
        return {
            "id": _gid(kind, rule.id),
            pattern: rule.pattern,
            "minimumAccessLevelForPush": rule.push and rule.push.upper(),
            "minimumAccessLevelForDelete": rule.delete and rule.delete.upper(),
        }

    return lambda viewer, project, arguments: connection(rules if viewer.maintains(project) else (), show, arguments)


def _repository_rules(viewer: Viewer, project: Project, arguments: dict[str, Any]) -> object:
    kind = "ContainerRegistry::Protection::Rule"
    shown = _protection(kind, "repositoryPathPattern", project.repository_protection)
    return shown(viewer, project, arguments)


def _tag_rules(viewer: Viewer, project: Project, arguments: dict[str, Any]) -> object:
    kind = "ContainerRegistry::Protection::TagRule"
    return _protection(kind, "tagNamePattern", project.tag_protection)(viewer, project, arguments)


def _settings(viewer: Viewer, project: Project) -> object:
    if not viewer.maintains(project):
        return None
    enforced = viewer.world.state.instance.enforce_job_token_allowlist
    return {
        "inboundJobTokenScopeEnabled": project.job_token_scope.enabled or enforced,
        "jobTokenScopeEnabled": False,
    }


def _job_token_scope(viewer: Viewer, project: Project) -> object:
    """Unlike the other fields this one says so when it is forbidden: its resolver raises."""
    if not viewer.maintains(project):
        raise GraphQLError(NOT_AVAILABLE)
    world, scope = viewer.world, project.job_token_scope
    listed = [project, *filter(None, (world.project(path) for path in scope.projects if path != project.path))]
    groups = list(filter(None, map(world.group, scope.groups)))

    def show(home: Project | Group) -> dict[str, object]:
        kind, before = ("Project", "") if isinstance(home, Project) else ("Group", "groups/")
        return {
            "id": _gid(kind, home.id),
            "name": _name(home.path),
            "path": _name(home.path),
            "fullPath": home.path,
            "webUrl": f"{world.addresses.url}/{before}{home.path}",
        }

    return {
        "inboundAllowlistCount": len(listed),
        "groupsAllowlistCount": len(groups),
        "inboundAllowlist": lambda _info, **arguments: connection(listed, show, arguments),
        "groupsAllowlist": lambda _info, **arguments: connection(groups, show, arguments),
    }


def _variable(viewer: Viewer, home: Project | Group, variable: Variable) -> dict[str, object]:
    kind = "Ci::ProjectVariable" if isinstance(home, Project) else "Ci::GroupVariable"
    number = viewer.world.stable_id(kind, (home.path, variable.key, variable.environment_scope))
    return {
        "id": _gid(kind, number),
        "key": variable.key,
        "value": None if variable.hidden else variable.value,
        "raw": variable.raw,
        "variableType": variable.variable_type.upper(),
        "environmentScope": variable.environment_scope,
        "protected": variable.protected,
        "masked": variable.masked,
        "hidden": variable.hidden,
        "description": variable.description,
        "groupName": _name(home.path),
    }


def _variables(viewer: Viewer, project: Project, arguments: dict[str, Any]) -> object:
    if not viewer.maintains(project, "read_variable"):
        return None
    limit = viewer.world.state.instance.limits.project_variables
    return connection(project.variables, lambda one: _variable(viewer, project, one), arguments, limit=limit)


def _inherited(viewer: Viewer, project: Project, arguments: dict[str, Any]) -> object:
    if not viewer.maintains(project, "read_variable"):
        return None
    found = [(group, one) for group in viewer.world.ancestors(project.path) for one in group.variables]
    return connection(found, lambda pair: _variable(viewer, *pair), arguments)


_SINGLE: dict[str, Callable[[Viewer, Project], object]] = {
    "maxAccessLevel": _access_level,
    "containerRegistryEnabled": _registry_enabled,
    "containerTagsExpirationPolicy": _policy,
    "ciCdSettings": _settings,
    "ciJobTokenScope": _job_token_scope,
}
_PAGED: dict[str, Callable[[Viewer, Project, dict[str, Any]], object]] = {
    "containerRepositories": _repositories,
    "containerProtectionRepositoryRules": _repository_rules,
    "containerProtectionTagRules": _tag_rules,
    "ciVariables": _variables,
    "inheritedCiVariables": _inherited,
}


def show_project(viewer: Viewer, project: Project) -> dict[str, object]:
    """Return a project as the source of its fields; those that cost something are worked out when asked for."""

    def single(field: Callable[[Viewer, Project], object]) -> Callable[[object], object]:
        return lambda _info: field(viewer, project)

    def paged(field: Callable[[Viewer, Project, dict[str, Any]], object]) -> Callable[..., object]:
        return lambda _info, **arguments: field(viewer, project, arguments)

    return {
        **_plain(viewer, project),
        **{name: single(field) for name, field in _SINGLE.items()},
        **{name: paged(field) for name, field in _PAGED.items()},
    }
