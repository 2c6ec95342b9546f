"""YAML that people write, read with the line of every value, so that each mistake can be told with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import yaml

from wizard.text import visible

Path = tuple[str | int, ...]

_MOST_NODES = 1_000_000
"""Aliases can make a few lines mean a document of any size."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a document: what, and where.

    `line` counts from 1; None where no text was read. `flag` is the option that gave the value, if one did.
    """

    path: str
    line: int | None
    message: str
    flag: str = ""

    def __str__(self) -> str:
        place = f"{self.flag}: " if self.flag else f"line {self.line}: " if self.line else ""
        known = not self.path or self.flag.endswith(f" {self.path}")
        return visible(f"{place}{self.message}" if known else f"{place}{self.path}: {self.message}")


@dataclass(frozen=True, slots=True)
class Document:
    """The plain data of a YAML text and the line of each value by its path."""

    data: Any
    lines: Mapping[Path, int]
    mistakes: tuple[Mistake, ...] = ()

    def line(self, path: Path) -> int | None:
        """Return the line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def dotted(path: Path) -> str:
    """Write a path as `registry.cleanup.keep` or `pull.0.project`."""
    return ".".join(str(part) for part in path)


def nearest(word: str, known: list[str]) -> str:
    """Return a suggestion for a misspelt word, ready to append to a sentence."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known here: {', '.join(known)}" if known else ""


def read(text: str) -> Document:
    """Parse one YAML document; whatever is wrong with it is a mistake, not an exception."""
    lines: dict[Path, int] = {}
    mistakes: list[Mistake] = []
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _walk(root, (), lines, mistakes, frozenset(), count(1))
        if root is None or mistakes:
            return Document(None, lines, tuple(mistakes))
        data = yaml.SafeLoader("").construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _broken(error.problem or str(error), mark.line + 1 if mark else None)
    except _TooLargeError:
        return Document(None, {}, (Mistake("", None, f"more than {_MOST_NODES} values once its aliases are followed"),))
    except RecursionError:
        return Document(None, {}, (Mistake("", None, "too deeply nested"),))
    except (yaml.YAMLError, ValueError) as error:
        return _broken(str(error), None)
    return Document(data, lines, ())


def _broken(problem: str, line: int | None) -> Document:
    return Document(None, {}, (Mistake("", line, f"not valid YAML: {' '.join(problem.split())}"),))


class _TooLargeError(Exception):
    """The document stands for more values than any real one."""


def _walk(
    node: yaml.Node,
    path: Path,
    lines: dict[Path, int],
    mistakes: list[Mistake],
    around: frozenset[int],
    nodes: Iterator[int],
) -> None:
    if next(nodes) > _MOST_NODES:
        raise _TooLargeError
    if id(node) in around:
        mistakes.append(Mistake(dotted(path), node.start_mark.line + 1, "an alias that contains itself"))
        return
    lines.setdefault(path, node.start_mark.line + 1)
    inside = around | {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), lines, mistakes, inside, nodes)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen and name != "<<":
                mistakes.append(Mistake(dotted((*path, name)), key.start_mark.line + 1, "the key stands here twice"))
            seen.add(name)
            lines.setdefault((*path, name), key.start_mark.line + 1)
            _walk(value, (*path, name), lines, mistakes, inside, nodes)
