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


def named(words: str) -> str:
    """Return the name that is meant: of a page with that name in any spelling, or the only one so named or titled."""
    slug = re.sub(r"[\s_]+", "-", words.strip()).lower()
    if slug in _names():
        return slug
    titled = {topic.title.lower(): topic.name for topic in topics()}
    wanted = set(re.findall(r"\w+", words.lower()))
    so_named = [topic.name for topic in topics() if wanted and wanted <= _words(topic)]
    return titled.get(words.strip().lower()) or (so_named[0] if len(so_named) == 1 else words)


def _words(topic: Topic) -> set[str]:
    return set(re.findall(r"\w+", f"{topic.name} {topic.title}".lower()))


def search(words: str) -> tuple[Topic, ...]:
    """Return the pages that hold all these words; those that hold them in name, title or summary come first."""
    wanted = words.lower().split()

    def place(topic: Topic) -> int | None:
        heads = (f"{topic.name} {topic.title}", topic.summary, _read(topic.name))
        return next((rank for rank, text in enumerate(heads) if all(word in text.lower() for word in wanted)), None)

    ranked = [(rank, topic) for topic in topics() if (rank := place(topic)) is not None]
    return tuple(topic for _, topic in sorted(ranked, key=lambda found: (found[0], found[1].name)))


def _folder() -> Traversable:
    return files("assets").joinpath("help")


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in _folder().iterdir() if file.name.endswith(_SUFFIX)))


@functools.cache
def _read(name: str) -> str:
    return _folder().joinpath(f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _topic(name: str) -> Topic:
    title, _, body = _read(name).partition("\n")
    sentence = _SENTENCE.match(body.strip())
    return Topic(name, title.removeprefix("# "), " ".join(sentence[0].split()) if sentence else "")
