"""What a question shows beside itself: computed once in the core, drawn by each front end in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; a column may be empty."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FileText:
    """A file that would be written, or that is there, as it is."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One of several ways beside each other, the recommended one first."""

    name: str
    points: tuple[tuple[str, str], ...]
    """What is told about it, and what there is to tell: (`lasts`, `until its job ends`)."""


Part: TypeAlias = str | Table | FileText | tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A title and what stands below it."""

    title: str
    parts: tuple[Part, ...]
    brief: str = ""
    """What it comes to, in one sentence, for where there is no room for the whole."""


def as_text(preview: Preview) -> str:
    """Return a preview as lines that can be read aloud: a row of a table or a point is one line."""
    return "\n".join([preview.title, *(line for part in preview.parts for line in _lines(part))])


def _lines(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, FileText):
        yield f"{part.path}:"
        yield from (f"    {line}".rstrip() for line in part.text.splitlines())
    elif isinstance(part, Table):
        yield from (f"  {_row(part.columns, row)}" for row in part.rows)
    else:
        for option in part:
            yield f"{option.name}:"
            yield from (f"  {name}: {text}" for name, text in option.points)


def _row(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    first, *others = row
    told = [f"{name} {text}".strip() for name, text in zip(columns[1:], others, strict=True) if text]
    return "; ".join([first, *told])
