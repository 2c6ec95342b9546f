"""Members, direct and inherited (`doc/api/members`)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from wizard.sandbox.access import members
from wizard.sandbox.call import Call
from wizard.sandbox.entities import member
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import json_reply, not_found
from wizard.sandbox.roles import Role, role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import User

SEARCH = declare(optional("query"), unsimulated=("user_ids", "state", "show_seat_info", "skip_users"))
ONE = declare(requires("user_id", "integer"))


def _direct(call: Call) -> list[tuple[User, Role]]:
    home = call.group if call.route.rule.startswith("/groups") else call.project
    found = []
    for user in call.world.state.users:
        bots = [role(token.role) for token in user.tokens if token.of == home.path and token.role]
        level = max([role(home.members.get(user.username, "none")), *bots])
        if level:
            found.append((user, level))
    return found


def _all(call: Call) -> list[tuple[User, Role]]:
    return members(call.world, call.group if call.route.rule.startswith("/groups") else call.project)


def _chosen(call: Call) -> list[tuple[User, Role]]:
    return _all(call) if "/members/all" in call.route.rule else _direct(call)


def _index(call: Call) -> Response:
    words = (call.params.get("query") or "").lower()
    found = [pair for pair in _chosen(call) if words in f"{pair[0].username} {pair[0].name}".lower()]
    return paged(call, found, lambda pair: member(call.world, *pair))


def _show(call: Call) -> Response:
    for user, level in _chosen(call):
        if user.id == call.params["user_id"]:
            return json_reply(member(call.world, user, level))
    raise not_found()


routes = [
    Route(method="GET", rule=f"/{home}/<id>/{rule}", handler=handler, params=params, anonymous=True, noun="member")
    for home in ("projects", "groups")
    for rule, handler, params in (
        ("members", _index, SEARCH),
        ("members/all", _index, SEARCH),
        ("members/<user_id>", _show, ONE),
        ("members/all/<user_id>", _show, ONE),
    )
]
