"""What is wrong with an answer, in words that a person understands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wizard.answer_keys import ROOT, Key, key_at
from wizard.documents import Path, nearest

Problem = tuple[Path, str]
"""Where, and what."""


def problems(data: Any) -> Iterator[Problem]:
    """Yield everything in plain `data` that the format does not allow, each thing once. No value is ever quoted."""
    found: list[Problem] = []
    plain = _plain(data, (), found)
    odd = [path for path, _ in found if path]
    for error in _errors(ROOT, plain):
        found += [(path, words) for path, words in _told(error, plain) if path not in odd]
    yield from dict.fromkeys(found)


def problem_with(key: Key, value: Any) -> str | None:
    """Return what is wrong with one value for `key`, or None."""
    found: list[Problem] = []
    plain = _plain(value, (), found)
    words = [words for _, words in found]
    words += [_words(error, key) for error in _errors(key, plain)]
    return words[0] if words else None


def _errors(key: Key, value: Any) -> list[ErrorDetails]:
    # JSON and strict: YAML has already decided what is text and what is a number
    try:
        key.adapter.validate_json(json.dumps(value), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _plain(data: Any, path: Path, found: list[Problem]) -> Any:
    """Take out what YAML has and the format has not: dates, sets, bytes, keys that are no text, broken characters."""
    if isinstance(data, Mapping):
        found += [
            (path, f"a key must be text; write it in quotes: {_in_quotes(k)}") for k in data if type(k) is not str
        ]
        return {name: _plain(value, (*path, name), found) for name, value in data.items() if isinstance(name, str)}
    if isinstance(data, list | tuple):
        return [_plain(item, (*path, index), found) for index, item in enumerate(data)]
    problem = _odd(data)
    if problem:
        found.append((path, problem))
    return None if problem else data


def _odd(value: Any) -> str | None:
    if isinstance(value, str):
        broken = any("\ud800" <= character <= "\udfff" for character in value)
        return "holds a character that is none (half a surrogate pair)" if broken else None
    if isinstance(value, date):
        return f"must be text; write it in quotes: {_in_quotes(value)}"
    if value is None or isinstance(value, bool | int | float):
        return None
    return "must be text, a number, true, false, a list or a section"


def _told(error: ErrorDetails, data: Any) -> Iterator[Problem]:
    path = _path(error, data)
    key, value = key_at(path, data), _value(path, data)
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        expected = error.get("ctx", {}).get("expected_tags")
        yield (*path, "to"), f"must be {_or(expected)}" if expected else "is missing"
    elif key is not None and key.section and isinstance(value, str | bool | int | float | list):
        # a union of a section and a word reports each half; people need one sentence
        yield path, _section_words(key)
    elif error["type"] == "unexpected_keyword_argument":
        yield path, _unknown_key(path, data)
    elif not _echo(error, value):
        yield path, _words(error, key)


def _echo(error: ErrorDetails, value: Any) -> bool:
    """Whether the error only follows from another one: the other half of a union, a list whose items are wrong."""
    half = str(error["loc"][-1] if error["loc"] else "").startswith("literal[")
    return half or (error["type"] == "too_short" and bool(value))


def _path(error: ErrorDetails, data: Any) -> Path:
    """Cut what is not in the document (the names of union members) out of pydantic's location."""
    path: list[str | int] = []
    parts = error["loc"]
    for position, part in enumerate(parts):
        missing = error["type"] == "missing" and position == len(parts) - 1
        if isinstance(data, Mapping) and (part in data or missing):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        else:
            continue
        path.append(part)
    return tuple(path)


def _value(path: Path, data: Any) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _unknown_key(path: Path, data: Any) -> str:
    around = key_at(path[:-1], data)
    known = list(around.keys(_value(path[:-1], data))) if around else []
    return f"unknown key{nearest(str(path[-1]), known)}"


def _section_words(key: Key) -> str:
    words = choices_of(key)
    section = f"a section with the keys {', '.join(key.keys())}"
    return f"must be {', '.join(words)} or {section}" if words else f"must be {section}"


def choices_of(key: Key) -> list[str]:
    """Return the words and numbers that alone are allowed for `key`; empty where there is no such list."""
    return [str(choice) for choice in _enumerated(key)]


def _enumerated(key: Key) -> list[Any]:
    schema = key.adapter.json_schema()
    found: list[Any] = []
    for part in schema.get("anyOf", [schema]):
        found += [part["const"]] if "const" in part else part.get("enum", [])
    return found


def _text_words(error: ErrorDetails) -> str:
    value = error["input"]
    if isinstance(value, bool | int | float):
        return f"must be text; write it in quotes: {_in_quotes(value)}"
    return "must be text" if value is not None else "is empty; it must be text"


def _in_quotes(value: Any) -> str:
    plain = yaml.safe_dump(value).partition("\n")[0] if isinstance(value, bool | date) else str(value)
    return json.dumps(plain)


def _number_words(key: Key | None) -> str:
    schema = key.adapter.json_schema() if key else {}
    for part in schema.get("anyOf", [schema]):
        if "minimum" in part and "maximum" in part:
            return f"must be a number from {part['minimum']} to {part['maximum']}"
    return "must be a whole number"


def _choice_words(error: ErrorDetails, key: Key | None) -> str:
    expected = str(error["ctx"]["expected"])
    if key and key.description == ROOT.keys()["version"].description:
        return f"unknown version: must be {expected}, the one that this program reads"
    return f"must be {_or(expected)}"


def _or(expected: str) -> str:
    """`'a', 'b', 'c'` or `'a', 'b' or 'c'`: a, b or c."""
    words = expected.replace(" or ", ", ").replace("'", "").split(", ")
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _words(error: ErrorDetails, key: Key | None) -> str:
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _choice_words(error, key)
    if kind == "string_type":
        return _text_words(error)
    if kind in ("int_type", "int_from_float", "int_parsing_size", "greater_than_equal", "less_than_equal"):
        return _number_words(key)
    if kind in ("dataclass_type", "dict_type") and key:
        return _section_words(key)
    said = _SAID.get(kind)
    return said(context) if said else "is not valid here"


_SAID: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "bool_type": lambda _: "must be true or false",
    "tuple_type": lambda _: "must be a list",
    "too_short": lambda _: "needs at least one entry",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda context: f"must be at most {context['max_length']} characters long",
}
