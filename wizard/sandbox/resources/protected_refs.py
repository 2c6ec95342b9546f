"""Protected branches and tags, to read (`doc/api/protected_branches`, `doc/api/protected_tags`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.replies import json_reply, not_found
from wizard.sandbox.roles import Level, Role, role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import ProtectedBranch

_DESCRIPTIONS = {
    Role.NONE: "No one",
    Role.DEVELOPER: "Developers + Maintainers",
    Role.MAINTAINER: "Maintainers",
    Role.OWNER: "Owners",
    Role.ADMIN: "Instance admins",
}


def _level(number: int, name: Level) -> dict[str, Any]:
    return {
        "id": number,
        "access_level": int(role(name)),
        "access_level_description": _DESCRIPTIONS[role(name)],
        "deploy_key_id": None,
        "user_id": None,
        "group_id": None,
    }


def _show_branch(call: Call, name: str, branch: ProtectedBranch) -> dict[str, Any]:
    number = call.world.stable_id("protected_branch", (call.project.id, name))
    body: dict[str, Any] = {
        "id": number,
        "name": name,
        "push_access_levels": [_level(number, branch.push)],
        "merge_access_levels": [_level(number, branch.merge)],
        "allow_force_push": False,
    }
    if call.world.state.instance.enterprise:
        body |= {"unprotect_access_levels": [], "code_owner_approval_required": False, "inherited": False}
    return body


def _branches(call: Call) -> Response:
    words = call.params.get("search") or ""
    found = [pair for pair in call.project.protected_branches.items() if words in pair[0]]
    return paged(call, found, lambda pair: _show_branch(call, *pair))


def _branch(call: Call) -> Response:
    name = call.arguments["name"]
    if name not in call.project.protected_branches:
        raise not_found()
    return json_reply(_show_branch(call, name, call.project.protected_branches[name]))


def _show_tag(call: Call, name: str, create: Level) -> dict[str, Any]:
    number = call.world.stable_id("protected_tag", (call.project.id, name))
    return {"name": name, "create_access_levels": [_level(number, create)]}


def _tags(call: Call) -> Response:
    return paged(call, list(call.project.protected_tags.items()), lambda pair: _show_tag(call, *pair))


def _tag(call: Call) -> Response:
    name = call.arguments["name"]
    if name not in call.project.protected_tags:
        raise not_found()
    return json_reply(_show_tag(call, name, call.project.protected_tags[name]))


def _route(rule: str, handler: Any, noun: str) -> Route:
    params = declare(optional("search")) if rule == "protected_branches" else declare()
    return Route(
        method="GET",
        rule=f"/projects/<id>/{rule}",
        handler=handler,
        params=params,
        role=Role.DEVELOPER,
        anonymous=True,
        noun=noun,
    )


routes = [
    _route("protected_branches", _branches, "protected_branch"),
    _route("protected_branches/<name>", _branch, "protected_branch"),
    _route("protected_tags", _tags, "protected_tag"),
    _route("protected_tags/<name>", _tag, "protected_tag"),
]
