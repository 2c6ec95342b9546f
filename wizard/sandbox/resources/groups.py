"""Groups and what lies in them (`doc/api/groups`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.access import membership, sees_group, sees_project
from wizard.sandbox.call import Call
from wizard.sandbox.entities import VISIBILITIES, basic_project, group_entity, project_entity
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.replies import json_reply
from wizard.sandbox.resources.projects import LIST, list_projects
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Group, Project

GROUPS = declare(
    optional("search"),
    optional("owned", "boolean"),
    optional("min_access_level", "integer"),
    optional("top_level_only", "boolean"),
    optional("visibility", values=VISIBILITIES),
    optional("order_by", values=("name", "path", "id", "similarity")),
    optional("sort", values=("asc", "desc")),
    optional("all_available", "boolean"),
    unsimulated=("skip_groups", "repository_storage", "marked_for_deletion_on"),
)


def _list(call: Call, groups: Iterable[Group]) -> Response:
    chosen = [group for group in groups if _asked_for(call, group)]
    by_id = call.params.get("order_by") == "id"
    if by_id:
        chosen.sort(key=lambda group: group.id)
    else:
        chosen.sort(key=lambda group: (group.path.rpartition("/")[2].lower(), group.id))
    if call.params.get("sort") == "desc":
        chosen.reverse()
    return paged(call, chosen, lambda group: group_entity(call.world, group), keyset=lambda group: group.id)


def _asked_for(call: Call, group: Group) -> bool:
    params, user = call.params, call.identity.user
    level = membership(call.world, user, group)
    least = max(params.get("min_access_level") or 0, Role.OWNER if params.get("owned") else 0)
    if params.get("all_available") is False:
        least = max(least, Role.GUEST)
    if not sees_group(call.world, user, group) or level < least:
        return False
    if params.get("top_level_only") and "/" in group.path:
        return False
    if params.get("visibility") and group.visibility != params["visibility"]:
        return False
    words = (params.get("search") or "").lower()
    return words in (group.path if "/" in words else group.path.rpartition("/")[2]).lower()


def _index(call: Call) -> Response:
    return _list(call, call.world.state.groups)


def _show(call: Call) -> Response:
    body = group_entity(call.world, call.group)
    if call.params.get("with_projects") is not False:
        user = call.identity.user
        inside = [item for item in call.world.state.projects if item.path.rpartition("/")[0] == call.group.path]
        seen = [item for item in inside if sees_project(call.world, user, item)][:100]
        body["projects"] = [_show_project(call, item) for item in seen]
        body["shared_projects"] = []
    return json_reply(body)


def _below(call: Call, *, deep: bool) -> list[Group]:
    start = call.group.path.lower() + "/"
    found = [group for group in call.world.state.groups if group.path.lower().startswith(start)]
    return [group for group in found if deep or "/" not in group.path[len(start) :]]


def _subgroups(call: Call) -> Response:
    return _list(call, _below(call, deep=False))


def _descendants(call: Call) -> Response:
    return _list(call, _below(call, deep=True))


def _projects(call: Call) -> Response:
    start = call.group.path.lower() + "/"
    deep = call.params.get("include_subgroups")
    inside = [item for item in call.world.state.projects if item.path.lower().startswith(start)]
    return list_projects(call, [item for item in inside if deep or "/" not in item.path[len(start) :]], _show_project)


def _show_project(call: Call, project: Project) -> dict[str, Any]:
    user = call.identity.user
    if user is None or call.params.get("simple"):
        return basic_project(call.world, project)
    return project_entity(call.world, project, user)


def _ancestors(call: Call) -> Response:
    around = [group for group in call.world.ancestors(call.project.path) if _asked_for(call, group)]
    return paged(call, around, lambda group: group_entity(call.world, group))


routes = [
    Route(method="GET", rule="/groups", handler=_index, params=GROUPS, anonymous=True),
    Route(
        method="GET",
        rule="/groups/<id>",
        handler=_show,
        anonymous=True,
        params=declare(optional("with_projects", "boolean")),
    ),
    Route(method="GET", rule="/groups/<id>/subgroups", handler=_subgroups, params=GROUPS, anonymous=True),
    Route(method="GET", rule="/groups/<id>/descendant_groups", handler=_descendants, params=GROUPS, anonymous=True),
    Route(method="GET", rule="/groups/<id>/projects", handler=_projects, params=LIST, anonymous=True, noun="project"),
    Route(
        method="GET",
        rule="/projects/<id>/groups",
        handler=_ancestors,
        anonymous=True,
        params=declare(optional("search"), unsimulated=("with_shared", "shared_min_access_level")),
        noun="group",
    ),
]
