"""Environments (`lib/api/environments.rb`)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, get_args

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.environments import tier_of
from wizard.sandbox.ci.slugs import environment_slug
from wizard.sandbox.entities import basic_project, made
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional, requires
from wizard.sandbox.replies import bad_request, empty, forbidden, json_reply, model_invalid, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Environment, Tier

TIERS: tuple[str, ...] = get_args(Tier)
SHORTEST_SEARCH = 3
NAME_RULE = (
    "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, "
    "but it cannot start or end with '/'"
)
_NAME = r"[a-zA-Z0-9_${}. -]([a-zA-Z0-9_/${}. -]*[a-zA-Z0-9_${}. -])?"
_UNSIMULATED = ("cluster_agent_id", "flux_resource_path", "auto_stop_setting")
_FIELDS = (
    optional("external_url"),
    optional("tier", values=TIERS),
    optional("description"),
    optional("kubernetes_namespace"),
)
ONE = declare(requires("environment_id", "integer"))


def _show_environment(call: Call, environment: Environment) -> dict[str, Any]:
    return {
        "id": environment.id,
        "name": environment.name,
        "slug": environment_slug(environment.name),
        "external_url": environment.external_url,
        "created_at": made(call.world),
        "updated_at": made(call.world),
        "tier": tier_of(environment),
        "state": environment.state,
        "auto_stop_at": None,
        "auto_stop_setting": "always",
        "description": environment.description,
        "kubernetes_namespace": environment.kubernetes_namespace,
        "flux_resource_path": None,
        "cluster_agent": None,
    }


def _with_project(call: Call, environment: Environment) -> dict[str, Any]:
    return _show_environment(call, environment) | {"project": basic_project(call.world, call.project)}


def require_reading(call: Call) -> None:
    """Guard: whoever sees a public or internal project, in a private one Reporters."""
    if call.project.visibility == "private" and call.role < Role.REPORTER:
        raise forbidden()


def _find(call: Call) -> Environment:
    found = (item for item in call.project.environments if item.id == call.params["environment_id"])
    environment = next(found, None)
    if environment is None:
        raise not_found()
    return environment


def _index(call: Call) -> Response:
    params, found = call.params, call.project.environments
    words = params.get("search")
    if words and len(words) < SHORTEST_SEARCH:
        raise bad_request(f"Search query is less than {SHORTEST_SEARCH} characters")
    if params.get("name") is not None:
        found = [item for item in found if item.name == params["name"]]
    if words:
        found = [item for item in found if item.name.lower().startswith(words.lower())]
    if params.get("states") is not None:
        found = [item for item in found if item.state == params["states"]]
    return paged(call, found, lambda item: _with_project(call, item))


def _show(call: Call) -> Response:
    return json_reply(_show_environment(call, _find(call)) | {"last_deployment": None})


def _check(call: Call, name: str, others: Sequence[Environment]) -> None:
    found = [] if name else ["can't be blank"]
    found += ["has already been taken"] if any(item.name == name for item in others) else []
    found += ["is too long (maximum is 255 characters)"] if len(name) > 255 else []
    found += [NAME_RULE] if not re.fullmatch(_NAME, name) else []
    errors = {"name": found} if found else {}
    address = call.params.get("external_url")
    if address and not re.fullmatch(r"https?://[^\s/?#]+\S*", address):
        errors["external_url"] = ["is blocked: Only allowed schemes are http, https"]
    if errors:
        raise model_invalid(errors)


def _given(call: Call) -> dict[str, Any]:
    names = ("external_url", "tier", "description", "kubernetes_namespace")
    given = {name: call.params[name] for name in names if name in call.params}
    return given | ({"external_url": given["external_url"] or None} if "external_url" in given else {})


def _create(call: Call) -> Response:
    name = call.params["name"] or ""
    _check(call, name, call.project.environments)
    wanted = Environment(id=call.world.next_id("environment"), name=name, **_given(call))
    call.project.environments.append(wanted)
    return json_reply(_with_project(call, wanted), 201)


def _update(call: Call) -> Response:
    environment = _find(call)
    _check(call, environment.name, [])
    wanted = dataclasses.replace(environment, **_given(call))
    call.project.environments[call.project.environments.index(environment)] = wanted
    return json_reply(_with_project(call, wanted))


def _delete(call: Call) -> Response:
    environment = _find(call)
    if environment.state != "stopped":
        raise forbidden()
    call.project.environments.remove(environment)
    return empty()


def _stop(call: Call) -> Response:
    environment = _find(call)
    environment.state = "stopped"
    return json_reply(_with_project(call, environment))


def _route(method: str, rule: str, handler: Any, params: Parameters) -> Route:
    return Route(
        method=method,
        rule=f"/projects/<id>/{rule}",
        handler=handler,
        params=params,
        role=Role.NONE if method == "GET" else Role.DEVELOPER,
        guard=require_reading if method == "GET" else None,
        noun="environment",
        job_token="allowlist",
    )


_LIST = declare(
    optional("name"),
    optional("search"),
    optional("states", values=("available", "stopping", "stopped")),
    exclusive=("name", "search"),
)
_ONE = "environments/<environment_id>"

routes = [
    _route("GET", "environments", _index, _LIST),
    _route("POST", "environments", _create, declare(requires("name"), *_FIELDS, unsimulated=_UNSIMULATED)),
    _route("GET", _ONE, _show, ONE),
    _route("PUT", _ONE, _update, declare(*ONE.declared, *_FIELDS, unsimulated=(*_UNSIMULATED, "name"))),
    _route("DELETE", _ONE, _delete, ONE),
    _route("POST", f"{_ONE}/stop", _stop, declare(*ONE.declared, optional("force", "boolean"))),
]
