"""The layers of the answers: `--set` flags over the answers file. What is detected and the defaults lie below them."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from wizard import documents
from wizard.answer_keys import IDENTITY, ROOT, Key
from wizard.documents import Document, Mistake, Path, dotted, nearest

NO_FILE = Document({"version": 1}, {})
"""What flags are laid over where there is no answers file."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The answers as one document, with the place that each part came from."""

    data: Any
    lines: Mapping[Path, int]
    flags: Mapping[Path, str]
    """The `--set` that gave the value at a path."""
    mistakes: tuple[Mistake, ...] = ()

    def mistake(self, path: Path, message: str) -> Mistake:
        """Return a mistake with its place: the flag, or the line, of `path` or of the nearest thing around it."""
        around = path
        while around and around not in self.flags and around not in self.lines:
            around = around[:-1]
        flag = self.flags.get(around, "")
        return Mistake(dotted(path), None if flag else self.lines.get(around), message, flag)


class _FlagError(Exception):
    """What is wrong with one flag; its words never hold the value."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the format, and in the document so far, the reading of a flag stands."""

    key: Key
    data: Any
    path: Path = ()


def layered(file: Document, sets: Sequence[str]) -> Layers:
    """Lay `--set KEY=VALUE` flags over the document of an answers file, the later over the earlier.

    KEY is dotted; an item of a list is named by its index (one past the last appends) or by what tells it apart, as in
    `variables.key=SENTRY_DSN.masked=false` or `docker_auth.host=harbor.example.com.username=bob`. VALUE is a YAML
    scalar or flow value and replaces what stood there as a whole.
    """
    layers = Layers(copy.deepcopy(file.data), file.lines, {}, file.mistakes)
    if file.mistakes:
        return layers
    for text in sets:
        layers = _with(layers, text)
    return layers


def _with(layers: Layers, text: str) -> Layers:
    flag = "--set"
    try:
        path, written, rest = _target(layers.data, text)
        flag = f"--set {written}"
        data = _put(layers.data, path, _value(rest))
    except _FlagError as problem:
        named = re.match(r"[\w./:@-]*(?==)", text)
        flag = f"--set {named[0]}" if named and flag == "--set" else flag
        return replace(layers, mistakes=(*layers.mistakes, Mistake("", None, str(problem), flag)))
    lines = {place: line for place, line in layers.lines.items() if place[: len(path)] != path}
    flags = {place: name for place, name in layers.flags.items() if place[: len(path)] != path}
    for depth in range(1, len(path)):
        if path[:depth] not in lines:
            flags.setdefault(path[:depth], flag)
    return Layers(data, lines, {**flags, path: flag}, layers.mistakes)


def _target(data: Any, text: str) -> tuple[Path, str, str]:
    """Split a flag into the path that it sets, the key as written and the text of the value."""
    place, rest = _Place(ROOT, data), text
    while True:
        place, rest = _item(place, rest) if place.key.element else _section_key(place, rest)
        if rest.startswith("="):
            return place.path, text[: len(text) - len(rest)], rest[1:]
        if not rest.startswith("."):
            raise _FlagError("must be KEY=VALUE")
        rest = rest[1:]


def _section_key(place: _Place, rest: str) -> tuple[_Place, str]:
    name = re.match(r"[^.=]*", rest)
    word = name[0] if name else ""
    known = place.key.keys(place.data)
    if not known:
        raise _FlagError(f"{dotted(place.path)} has no keys below it")
    if word not in known:
        raise _FlagError(f"unknown key {word!r}{nearest(word, list(known))}")
    if place.data is not None and not isinstance(place.data, Mapping):
        raise _FlagError(f"{dotted(place.path) or 'the answers file'} is no section in the answers file")
    inner = place.data.get(word) if place.data else None
    return _Place(known[word], inner, (*place.path, word)), rest[len(word) :]


def _item(place: _Place, rest: str) -> tuple[_Place, str]:
    items = place.data if place.data is not None else []
    name = dotted(tuple(part for part in place.path if isinstance(part, str)))
    if not isinstance(items, list):
        raise _FlagError(f"{name} is no list in the answers file")
    digits = re.match(r"(\d{1,6})(?=[.=])", rest)
    if digits:
        index, rest = int(digits[0]), rest[digits.end() :]
        if index > len(items):
            raise _FlagError(f"{name} has {len(items)} entries; the next one is {name}.{len(items)}")
    else:
        index, rest = _named_item(name, items, rest, place)
    element = place.key.element
    assert element is not None  # noqa: S101  # only lists come here
    return _Place(element, items[index] if index < len(items) else None, (*place.path, index)), rest


def _named_item(name: str, items: list[Any], rest: str, place: _Place) -> tuple[int, str]:
    identity = IDENTITY.get(name)
    if identity is None:
        raise _FlagError(f"name an entry of {name} by its index: {name}.0, {name}.1, …")
    named = re.match(rf"{identity}=([^=]*)(?==)", rest)
    if not named:
        raise _FlagError(f"name an item of {name} by its index or as {name}.{identity}=NAME.KEY=VALUE")
    wanted, length = named[1], named.end()
    before, dot, last = wanted.rpartition(".")
    inner = place.key.element.keys() if place.key.element else {}
    if dot and last in inner:
        wanted, length = before, length - len(last) - 1
    found = [index for index, item in enumerate(items) if isinstance(item, Mapping) and item.get(identity) == wanted]
    if len(found) != 1:
        there = ", ".join(str(item.get(identity)) for item in items if isinstance(item, Mapping)) or "none"
        how_many = "several items have" if found else "no item has"
        raise _FlagError(f"{how_many} that {identity} (there: {there}); use the index, {name}.{len(items)} appends")
    return found[0], rest[length:]


def _value(text: str) -> Any:
    document = documents.read(text)
    if document.mistakes:
        raise _FlagError(f"{document.mistakes[0].message}; put text in quotes")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.CollectionNode) and not root.flow_style:
        raise _FlagError("the value must be a scalar, [a list] or {a: mapping}; put text in quotes")
    return document.data


def _put(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        items = list(data or [])
        items[first : first + 1] = [_put(items[first] if first < len(items) else None, rest, value)]
        return items
    section = dict(data or {})
    section[first] = _put(section.get(first), rest, value)
    return section
