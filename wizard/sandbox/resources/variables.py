"""CI/CD variables of projects, groups and the instance (`lib/api/ci/variables.rb`, `Ci::Maskable`, `Ci::Hidable`)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import empty, json_reply, message, model_invalid, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Group, InstanceVariable, Project, Variable

Errors = dict[str, list[str]]
Some = Variable | InstanceVariable

TYPES = ("env_var", "file")
FLAGS = (optional("protected", "boolean"), optional("masked", "boolean"), optional("raw", "boolean"))
COMMON = (*FLAGS, optional("variable_type", values=TYPES), optional("description"))
SCOPED = (*COMMON, optional("environment_scope"))
FILTER = optional("filter", "hash")

INSTANCE_LIMIT = 10_000
MASKED_AND_HIDDEN_SINCE = (17, 4)
AMBIGUOUS = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
ONLY_NEW = "The visibility setting cannot be changed for masked and hidden variables."
SCOPE_CHARACTERS = "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces"
_NOT_FOUND = {"projects": "Variable", "groups": "GroupVariable", "admin": "InstanceVariable"}


def show_variable(variable: Some) -> dict[str, Any]:
    """Show a variable; the value of a hidden one is null everywhere, the answer to its creation included."""
    body = {
        "variable_type": variable.variable_type,
        "key": variable.key,
        "value": variable.value,
        "protected": variable.protected,
        "masked": variable.masked,
        "raw": variable.raw,
        "description": variable.description,
    }
    if isinstance(variable, InstanceVariable):
        return body
    shown = None if variable.hidden else variable.value
    return body | {"value": shown, "hidden": variable.hidden, "environment_scope": variable.environment_scope}


def maskable(value: str, *, raw: bool) -> bool:
    """Whether GitLab masks this value: at least 8 characters on one line, and of a small alphabet unless raw."""
    pattern = r"\S{8,}" if raw else r"[a-zA-Z0-9_+=/@:.~-]{8,}"
    return re.fullmatch(pattern, value, re.ASCII) is not None


def _kind(call: Call) -> str:
    return call.route.rule.split("/")[1]


def _stored(call: Call) -> list[Variable]:
    home: Project | Group = call.group if _kind(call) == "groups" else call.project
    return home.variables


def _scope_of(variable: Some) -> str:
    return variable.environment_scope if isinstance(variable, Variable) else "*"


def _find(call: Call, variables: Sequence[Some]) -> Some:
    """Find by key, and by the exact scope of the filter; without one a key that stands there twice is a 409."""
    found = [variable for variable in variables if variable.key == call.arguments["key"]]
    wanted = (call.params.get("filter") or {}).get("environment_scope")
    if wanted is not None:
        found = [variable for variable in found if _scope_of(variable) == wanted]
    if not found:
        raise not_found(_NOT_FOUND[_kind(call)])
    if len(found) > 1:
        raise message(409, AMBIGUOUS)
    return found[0]


def _validated(variable: Some, others: Sequence[Some]) -> None:
    errors: Errors = {}
    for check in (_key, _value, _description, _scope):
        check(variable, errors)
    identity = (variable.key, _scope_of(variable))
    if any((other.key, _scope_of(other)) == identity for other in others if other is not variable):
        errors.setdefault("key", []).append(f"({variable.key}) has already been taken")
    if errors:
        raise model_invalid(errors)


def _too_long(text: str) -> list[str]:
    return ["is too long (maximum is 255 characters)"] if len(text) > 255 else []


def _key(variable: Some, errors: Errors) -> None:
    found = [] if variable.key else ["can't be blank"]
    found += _too_long(variable.key)
    if not re.fullmatch(r"[a-zA-Z0-9_]+", variable.key):
        found.append("can contain only letters, digits and '_'.")
    if found:
        errors["key"] = found


def _value(variable: Some, errors: Errors) -> None:
    if isinstance(variable, InstanceVariable) and len(variable.value) > INSTANCE_LIMIT:
        errors["value"] = [f"The value of the provided variable exceeds the {INSTANCE_LIMIT} character limit"]
    elif variable.masked and not maskable(variable.value, raw=variable.raw):
        errors["value"] = ["is invalid"]


def _description(variable: Some, errors: Errors) -> None:
    found = _too_long(variable.description or "")
    if found:
        errors["description"] = found


def _scope(variable: Some, errors: Errors) -> None:
    if isinstance(variable, InstanceVariable):
        return
    found = [] if variable.environment_scope else ["can't be blank"]
    found += _too_long(variable.environment_scope)
    if variable.environment_scope and not re.fullmatch(r"[a-zA-Z0-9_/\\${}. *-]+", variable.environment_scope):
        found.append(SCOPE_CHARACTERS)
    if found:
        errors["environment_scope"] = found


def _wanted(call: Call) -> dict[str, Any]:
    """Return the given fields by their names in the world; null means the default for all but the description."""
    given = {name: value for name, value in call.params.items() if name in _FIELDS}
    given = {name: value for name, value in given.items() if value is not None or name in ("description", "value")}
    if "value" in given:
        given["value"] = given["value"] or ""
    given.pop("key", None)
    if _kind(call) == "groups" and not call.world.state.instance.enterprise:
        given.pop("environment_scope", None)
    return given


_FIELDS = frozenset(field.name for field in dataclasses.fields(Variable)) - {"hidden"}


def _index(call: Call) -> Response:
    return paged(call, _stored(call), show_variable)


def _show(call: Call) -> Response:
    return json_reply(show_variable(_find(call, _stored(call))))


def _create(call: Call) -> Response:
    stored, group = _stored(call), _kind(call) == "groups"
    made = Variable(key=(call.params["key"] or "").strip(), **_wanted(call))
    if call.params.get("masked_and_hidden") and call.world.version >= MASKED_AND_HIDDEN_SINCE:
        made.masked = made.hidden = True
    limits = call.world.state.instance.limits
    limit = limits.group_variables if group else limits.project_variables
    if len(stored) >= limit:
        what = "group" if group else "project"
        raise model_invalid({"base": [f"Maximum number of {what} ci variables ({limit}) exceeded"]})
    _validated(made, stored)
    stored.append(made)
    return json_reply(show_variable(made), 201)


def _update(call: Call) -> Response:
    stored = _stored(call)
    variable = _find(call, stored)
    wanted = _wanted(call)
    if isinstance(variable, Variable) and variable.hidden and wanted.get("masked") is False:
        raise model_invalid({"base": [ONLY_NEW]})
    return _replaced(stored, variable, wanted)


def _replaced(stored: list[Any], variable: Some, wanted: dict[str, Any]) -> Response:
    changed = dataclasses.replace(variable, **wanted)
    position = next(index for index, other in enumerate(stored) if other is variable)
    _validated(changed, [*stored[:position], *stored[position + 1 :]])
    stored[position] = changed
    return json_reply(show_variable(changed))


def _delete(call: Call) -> Response:
    stored = _stored(call)
    doomed = _find(call, stored)
    stored[:] = [variable for variable in stored if variable is not doomed]
    return empty()


def _instance_index(call: Call) -> Response:
    return paged(call, call.world.state.instance.variables, show_variable)


def _instance_show(call: Call) -> Response:
    return json_reply(show_variable(_find(call, call.world.state.instance.variables)))


def _instance_create(call: Call) -> Response:
    stored = call.world.state.instance.variables
    made = InstanceVariable(key=(call.params["key"] or "").strip(), **_wanted(call))
    _validated(made, stored)
    stored.append(made)
    return json_reply(show_variable(made), 201)


def _instance_update(call: Call) -> Response:
    stored = call.world.state.instance.variables
    return _replaced(stored, _find(call, stored), _wanted(call))


def _instance_delete(call: Call) -> Response:
    stored = call.world.state.instance.variables
    doomed = _find(call, stored)
    stored[:] = [variable for variable in stored if variable is not doomed]
    return empty()


_NEW = (requires("key"), requires("value"))
_HIDDEN = optional("masked_and_hidden", "boolean")


def _routes(home: str, least: Role) -> list[Route]:
    one = f"/{home}/<id>/variables/<key>"
    rows: list[tuple[str, str, Callable[[Call], Response], Any]] = [
        ("GET", f"/{home}/<id>/variables", _index, declare()),
        ("POST", f"/{home}/<id>/variables", _create, declare(*_NEW, *SCOPED, _HIDDEN)),
        ("GET", one, _show, declare(FILTER)),
        ("PUT", one, _update, declare(optional("value"), *SCOPED, FILTER)),
        ("DELETE", one, _delete, declare(FILTER)),
    ]
    return [
        Route(
            method=method,
            rule=rule,
            handler=handler,
            params=params,
            role=least,
            noun="variable",
            settings=method != "GET",
        )
        for method, rule, handler, params in rows
    ]


def _instance_routes() -> list[Route]:
    every, one = "/admin/ci/variables", "/admin/ci/variables/<key>"
    rows: list[tuple[str, str, Callable[[Call], Response], Any]] = [
        ("GET", every, _instance_index, declare()),
        ("POST", every, _instance_create, declare(*_NEW, *COMMON)),
        ("GET", one, _instance_show, declare()),
        ("PUT", one, _instance_update, declare(optional("value"), *COMMON)),
        ("DELETE", one, _instance_delete, declare()),
    ]
    return [
        Route(method=method, rule=rule, handler=handler, params=params, admin=True, noun="variable")
        for method, rule, handler, params in rows
    ]


routes = [*_routes("projects", Role.MAINTAINER), *_routes("groups", Role.OWNER), *_instance_routes()]
