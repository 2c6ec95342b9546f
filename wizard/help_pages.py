"""The help pages: one concept each, as Markdown that reads as plain text in a terminal.

A page begins with its title (`# …`); the first sentence after it sums the page up. Pages are read when they are asked
for, and name each other as `registry-wizard explain TOPIC`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from wizard.documents import nearest
from wizard.errors import UsageError
from wizard.text import visible

_SUFFIX = ".md"
_SENTENCE = re.compile(r".*?[.](?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Topic:
    """A page as a list shows it. `summary` is one sentence on one line."""

    name: str
    title: str
    summary: str


@functools.cache
def topics() -> tuple[Topic, ...]:
    """Return every page, by name."""
    return tuple(_topic(name) for name in _names())


def page(topic: str) -> str:
    """Return the text of a page. UsageError `unknown-topic` where there is none, with the nearest name."""
    names = _names()
    if topic not in names:
        raise UsageError(
            "unknown-topic",
            f"there is no help page {visible(topic)!r}{nearest(topic, list(names))}",
            "`registry-wizard explain` lists every page.",
        )
    return _read(topic)


def _folder() -> Traversable:
    return files("assets").joinpath("help")


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in _folder().iterdir() if file.name.endswith(_SUFFIX)))


def _read(name: str) -> str:
    return _folder().joinpath(f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _topic(name: str) -> Topic:
    title, _, body = _read(name).partition("\n")
    sentence = _SENTENCE.match(body.strip())
    return Topic(name, title.removeprefix("# "), " ".join(sentence[0].split()) if sentence else "")
