"""Deploy tokens of projects and groups, and all of them for an administrator (`lib/api/deploy_tokens.rb`)."""

from __future__ import annotations

import re
import secrets
from typing import Any, get_args

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.entities import moment
from wizard.sandbox.identity import expired
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import empty, json_reply, message, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import DeployScope, DeployToken, Group, Project
from wizard.sandbox.world import World

SCOPES: tuple[str, ...] = get_args(DeployScope)
BAD_USERNAME = "Username can contain only letters, digits, '_', '-', '+', and '.'"

ACTIVE = declare(optional("active", "boolean"))
ONE = declare(requires("token_id", "integer"))
NEW = declare(
    requires("name"),
    requires("scopes", "strings", values=SCOPES),
    optional("expires_at", "moment"),
    optional("username"),
)


def show_deploy_token(world: World, token: DeployToken) -> dict[str, Any]:
    """Show a deploy token without its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "username": token.username,
        "expires_at": moment(token.expires_at) if token.expires_at else None,
        "scopes": list(token.scopes),
        "revoked": token.revoked,
        "expired": expired(world, token),
    }


def active(world: World, token: DeployToken) -> bool:
    """Whether a deploy token can be used."""
    return not token.revoked and not expired(world, token)


def _home(call: Call) -> Project | Group:
    return call.group if call.route.rule.startswith("/groups") else call.project


def _listed(call: Call, tokens: list[DeployToken]) -> Response:
    if call.params.get("active"):
        tokens = [token for token in tokens if active(call.world, token)]
    return paged(call, tokens, lambda token: show_deploy_token(call.world, token))


def _all(call: Call) -> Response:
    return _listed(call, sorted((token for _, token in call.world.deploy_tokens()), key=lambda token: token.id))


def _index(call: Call) -> Response:
    return _listed(call, _home(call).deploy_tokens)


def _find(call: Call) -> DeployToken:
    found = (token for token in _home(call).deploy_tokens if token.id == call.params["token_id"])
    token = next(found, None)
    if token is None:
        raise not_found()
    return token


def _show(call: Call) -> Response:
    return json_reply(show_deploy_token(call.world, _find(call)))


def _create(call: Call) -> Response:
    params, home = call.params, _home(call)
    username = params.get("username")
    if not params["scopes"]:
        raise message(400, "Scopes can't be blank")
    if not params["name"]:
        raise message(400, "Name can't be blank")
    if username is not None and not re.fullmatch(r"[a-zA-Z0-9.+_-]{1,255}", username):
        raise message(400, BAD_USERNAME)
    number = call.world.next_id("deploy_token")
    made = DeployToken(
        id=number,
        name=params["name"],
        username=username or f"gitlab+deploy-token-{number}",
        token=f"gldt-{secrets.token_urlsafe(15)}",
        scopes=list(dict.fromkeys(params["scopes"])),
        expires_at=params.get("expires_at"),
    )
    home.deploy_tokens.append(made)
    return json_reply(show_deploy_token(call.world, made) | {"token": made.token}, 201)


def _delete(call: Call) -> Response:
    _home(call).deploy_tokens.remove(_find(call))
    return empty()


def _routes(home: str, least_to_change: Role) -> list[Route]:
    every, one = f"/{home}/<id>/deploy_tokens", f"/{home}/<id>/deploy_tokens/<token_id>"
    rows = [
        ("GET", every, _index, ACTIVE),
        ("POST", every, _create, NEW),
        ("GET", one, _show, ONE),
        ("DELETE", one, _delete, ONE),
    ]
    return [
        Route(
            method=method,
            rule=rule,
            handler=handler,
            params=params,
            role=Role.MAINTAINER if method == "GET" else least_to_change,
            anonymous=True,
            noun="deploy_token",
            settings=method != "GET",
        )
        for method, rule, handler, params in rows
    ]


routes = [
    Route(method="GET", rule="/deploy_tokens", handler=_all, params=ACTIVE, admin=True, noun="deploy_token"),
    *_routes("projects", Role.MAINTAINER),
    *_routes("groups", Role.OWNER),
]
