"""Parameters as Grape declares them: coerced, checked in the order of declaration, undeclared ones dropped silently."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from wizard.sandbox.replies import failure, not_simulated, parameters_invalid

Kind = Literal["string", "integer", "boolean", "strings", "moment", "hash", "list"]

_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "off", "f", "false", "n", "no"})
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Param:
    """One declared parameter; `blank=False` refuses null and the empty text, `values` limits each value."""

    name: str
    kind: Kind = "string"
    required: bool = False
    values: tuple[str, ...] = ()
    blank: bool = True


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a route declares; `any_of` needs at least one of its names, `exclusive` allows at most one."""

    declared: tuple[Param, ...] = ()
    any_of: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    unsimulated: tuple[str, ...] = ()
    """Parameters that GitLab honours and the sandbox does not: giving one is a 501, never silently ignored."""

    def validated(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the declared parameters that were given, coerced; refuse with every problem at once."""
        for name in self.unsimulated:
            if raw.get(name) is not None:
                raise not_simulated(f"the parameter {name} here")
        problems: list[str] = []
        found: dict[str, Any] = {}
        for param in self.declared:
            problem, value = _check(param, raw.get(param.name, _MISSING))
            if problem:
                problems.append(f"{param.name} {problem}")
            elif value is not _MISSING:
                found[param.name] = value
        given = [name for name in self.exclusive if name in raw]
        if len(given) > 1:
            problems.append(f"{', '.join(given)} are mutually exclusive")
        if self.any_of and not any(name in raw for name in self.any_of):
            problems.append(f"{', '.join(self.any_of)} are missing, at least one parameter must be provided")
        if problems:
            raise parameters_invalid(problems)
        return found


def declare(
    *declared: Param,
    any_of: tuple[str, ...] = (),
    exclusive: tuple[str, ...] = (),
    unsimulated: tuple[str, ...] = (),
) -> Parameters:
    """Declare the parameters of a route."""
    return Parameters(declared, any_of, exclusive, unsimulated)


def requires(name: str, kind: Kind = "string", values: tuple[str, ...] = (), blank: bool = True) -> Param:
    """Declare a parameter that must be given."""
    return Param(name, kind, True, values, blank)


def optional(name: str, kind: Kind = "string", values: tuple[str, ...] = (), blank: bool = True) -> Param:
    """Declare a parameter that may be given."""
    return Param(name, kind, False, values, blank)


def _check(param: Param, given: Any) -> tuple[str, Any]:
    if given is _MISSING:
        return ("is missing" if param.required else "", _MISSING)
    if given is None or (given == "" and param.kind != "string"):
        value = None
    else:
        try:
            value = _COERCIONS[param.kind](given)
        except (TypeError, ValueError, OverflowError):
            return "is invalid", None
    if not param.blank and (value is None or value in ("", [], {})):
        return "is empty", None
    if param.values and value is not None:
        chosen = value if isinstance(value, list) else [value]
        if any(item not in param.values for item in chosen):
            return "does not have a valid value", None
    return "", value


def _string(given: Any) -> str:
    if isinstance(given, dict | list):
        raise TypeError
    return given if isinstance(given, str) else json.dumps(given)


def _integer(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise TypeError
    if isinstance(given, str) and not re.fullmatch(r"[+-]?[0-9]{1,18}", given):
        raise ValueError
    return int(given)


def _boolean(given: Any) -> bool:
    text = str(given).lower() if isinstance(given, bool | str | int) else ""
    if text not in _TRUE | _FALSE:
        raise ValueError
    return text in _TRUE


def _strings(given: Any) -> list[str]:
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    if not isinstance(given, list):
        raise TypeError
    return [_string(item) for item in given]


def _moment(given: Any) -> datetime:
    if not isinstance(given, str):
        raise TypeError
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", given):
        return datetime.combine(date.fromisoformat(given), time(), UTC)
    moment = datetime.fromisoformat(given)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _hash(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise TypeError
    return given


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise TypeError
    return given


_COERCIONS: dict[Kind, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "strings": _strings,
    "moment": _moment,
    "hash": _hash,
    "list": _list,
}


def raw_parameters(request: Request) -> dict[str, Any]:
    """Return query and body together, the body winning; a JSON body must be an object."""
    return {**_nested(request.args), **_body(request)}


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return _nested(request.form)
    content = request.get_data()
    if not content:
        return {}
    if request.mimetype not in ("application/json", ""):
        raise failure(415, {"error": f"The provided content-type '{request.mimetype}' is not supported."})
    try:
        body = json.loads(content)
        # half a surrogate pair is no text in any encoding
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise failure(400, {"error": "message body does not match declared format"}) from None
    return body if isinstance(body, dict) else {}


def _nested(flat: MultiDict[str, str]) -> dict[str, Any]:
    """Read `filter[environment_scope]=x` and `scopes[]=a` as Rack does."""
    found: dict[str, Any] = {}
    for name, values in flat.lists():
        parts = re.fullmatch(r"([^\[\]]+)((?:\[[^\[\]]*\])*)", name)
        if parts is None:
            found[name] = values[-1]
            continue
        _put(found, [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])], values)
    return found


def _put(target: dict[str, Any], keys: Sequence[str], values: list[str]) -> None:
    *around, last = keys
    is_list = last == "" and bool(around)
    if is_list:
        *around, last = around
    for key in around:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target[last] = list(values) if is_list else values[-1]
