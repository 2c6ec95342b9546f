"""The keys of the answers format and the type of the value at each, read off the classes of `wizard.answers`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from wizard.answers import Answers
from wizard.documents import Path

IDENTITY: Mapping[str, str] = {
    "pull": "project",
    "docker_auth": "host",
    "deploy.kubernetes.environments": "name",
    "deploy.kubernetes.workloads": "name",
    "mirror": "to",
    "variables": "key",
}
"""The lists of the format, and the key that tells the items of each apart."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the type of its value, what it means, and its default (None where it has none)."""

    hint: Any
    description: str = ""
    default: Any = None
    required: bool = False

    @property
    def nullable(self) -> bool:
        """Whether null is a value, with a meaning of its own."""
        return NoneType in _members(self.hint)

    @property
    def element(self) -> Key | None:
        """What an item is, where the value is a list."""
        for member in _members(self.hint):
            if get_origin(member) is tuple:
                return Key(get_args(member)[0])
        return None

    @property
    def section(self) -> bool:
        """Whether the value is a mapping of further keys."""
        return any(is_dataclass(member) for member in _members(self.hint))

    def keys(self, value: Any = None) -> dict[str, Key]:
        """Return the keys below; `value` tells the kinds apart where there are several (`mirror`, by `to`)."""
        classes = [member for member in _members(self.hint) if is_dataclass(member)]
        kind = value.get("to") if isinstance(value, Mapping) else None
        fitting = [cls for cls in classes if isinstance(kind, str) and kind in _kinds(cls)]
        found: dict[str, Key] = {}
        for cls in fitting or classes:
            for name, key in _keys_of(cls).items():  # type: ignore[arg-type]
                found.setdefault(name, key)
        return found

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """What validates one value."""
        return _adapter(self.hint)


ROOT = Key(Answers)


def key_at(path: Path, data: Any = None) -> Key | None:
    """Return the key at `path`; None where the format has none there."""
    key: Key | None = ROOT
    for part in path:
        if key is None:
            return None
        key = key.element if isinstance(part, int) else key.keys(data).get(part)
        data = _below(data, part)
    return key


def named(key: str, kind: str = "") -> Key:
    """Return the key with a dotted name; list positions are left out (`pull.project`), `kind` is a mirror's `to`."""
    here: Key = ROOT
    for part in key.split("."):
        here = (here.element or here).keys({"to": kind})[part]
    return here


def lists() -> Iterator[Path]:
    """Yield the places of the lists whose items have keys of their own."""
    for name in IDENTITY:
        yield tuple(name.split("."))


def _below(data: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return data[part] if isinstance(data, list | tuple) and part < len(data) else None
    return data.get(part) if isinstance(data, Mapping) else None


def _members(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _members(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [inner for member in get_args(hint) for inner in _members(member)]
    return [hint]


@cache
def _keys_of(cls: Any) -> dict[str, Key]:
    hints = get_type_hints(cls, include_extras=True)
    fields = cast("Mapping[str, FieldInfo]", cls.__pydantic_fields__)
    return {
        info.alias or name: Key(
            # an alias belongs to the field, not to its type
            info.annotation if info.alias else hints[name],
            info.description or "",
            None if info.default is PydanticUndefined else info.default,
            info.is_required(),
        )
        for name, info in fields.items()
    }


def _kinds(cls: Any) -> tuple[Any, ...]:
    to = _keys_of(cls).get("to")
    return get_args(to.hint) if to else ()


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)
