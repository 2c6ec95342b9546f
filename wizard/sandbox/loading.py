"""Worlds read and written: every mistake at once with its line, ids given in order, everything exported back."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from wizard.documents import Document, Mistake, Path, dotted, nearest, read
from wizard.errors import UsageError
from wizard.sandbox.completing import complete
from wizard.sandbox.consistency import contradictions
from wizard.sandbox.pruning import Pruned
from wizard.sandbox.schema import WorldState

_ADAPTER: TypeAdapter[WorldState] = TypeAdapter(WorldState)
_NO_LINES = Document(None, {})


def parse_world(text: str) -> tuple[WorldState | None, list[Mistake]]:
    """Read a world from YAML text; the state is None exactly when there are mistakes."""
    document = read(text)
    if document.mistakes:
        return None, list(document.mistakes)
    return check_world(document.data, document)


def check_world(data: object, document: Document = _NO_LINES) -> tuple[WorldState | None, list[Mistake]]:
    """Validate the plain structure of a world and complete it; the state is None exactly when there are mistakes."""
    try:
        state = _ADAPTER.validate_python(data)
    except ValidationError as error:
        malformed = cast("list[dict[str, Any]]", error.errors(include_url=False))
        told = [_told(item, document) for item in malformed]
        return None, told + _contradicted(Pruned(data, [_faulty(item) for item in malformed]), document)
    found = contradictions(state)
    if found:
        return None, [Mistake(dotted(path), document.line(path), message) for path, message in found]
    complete(state)
    return state, []


def _faulty(error: Mapping[str, Any]) -> Path:
    """Return the part to leave out: what is malformed, or what lacks something that it needs."""
    path: Path = error["loc"]
    return path[:-1] if error["type"] == "missing" else path


def _contradicted(pruned: Pruned, document: Document) -> list[Mistake]:
    """Return the contradictions of what is well formed, so that they are told beside the malformed parts."""
    try:
        state = _ADAPTER.validate_python(pruned.rest)
    except ValidationError:
        return []
    found = ((pruned.origin(path), message) for path, message in contradictions(state))
    return [Mistake(dotted(path), document.line(path), message) for path, message in found]


def load_world(source: FilePath | Mapping[str, object] | WorldState) -> WorldState:
    """Return the world of a file or of plain data; UsageError (exit 64) lists all that is wrong with it."""
    if isinstance(source, WorldState):
        return source
    name = "the world"
    if isinstance(source, FilePath):
        name = str(source)
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UsageError("world-unreadable", f"The world {name} cannot be read: {reason}.") from error
        state, mistakes = parse_world(text)
    else:
        state, mistakes = check_world(source)
    if state is None:
        listed = "\n".join(f"{name}: {mistake}" for mistake in mistakes)
        raise UsageError("invalid-world", listed, "Correct the world and start again.")
    return state


def export_world(state: WorldState) -> dict[str, object]:
    """Return the world as plain data with every key present, ready for `check_world`."""
    return cast("dict[str, object]", _ADAPTER.dump_python(state, mode="json", by_alias=True))


def _told(error: dict[str, Any], document: Document) -> Mistake:
    path: Path = error["loc"]
    context = error.get("ctx", {})
    match error["type"]:
        case "unexpected_keyword_argument":
            message = f"there is no such key{nearest(str(path[-1]), _keys_at(path[:-1]))}"
        case "missing":
            message = "is missing"
        case "literal_error":
            message = f"must be {context['expected']}"
            given = error.get("input")
            if isinstance(given, str):
                message += nearest(given, context["expected"].replace("' or '", "', '").strip("'").split("', '"))
        case "dataclass_type":
            message = "must be a mapping"
        case _:
            message = error["msg"].replace("Input should be", "must be")
    return Mistake(dotted(path), document.line(path), message)


def _keys_at(path: Path) -> list[str]:
    """Return the keys that may stand at a place of the world."""
    kind: Any = WorldState
    for part in path:
        kind = _bare(kind)
        if dataclasses.is_dataclass(kind):
            names = {_alias(field): field.name for field in dataclasses.fields(kind)}
            kind = get_type_hints(kind, include_extras=True)[names.get(str(part), str(part))]
        else:
            kind = get_args(kind)[-1]
    kind = _bare(kind)
    return [_alias(field) for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []


def _bare(kind: Any) -> Any:
    while get_origin(kind) in (Annotated, Union, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def _alias(field: dataclasses.Field[Any]) -> str:
    return str(getattr(field.default, "alias", None) or field.name)
