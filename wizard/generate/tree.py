"""The files of a repository as detection sees them: names first, contents as far as they can be read."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST = 1 << 20
"""Bytes of a file that are looked at. What detection reads is written by people and far smaller."""


class Tree:
    """Paths of a repository with their contents; garbage reads as empty, never as an error."""

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Look at `files`: path relative to the repository's root, with `/`, to content (empty where not read)."""
        self._files = files

    def has(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        return path in self._files

    def any(self, *paths: str) -> bool:
        """Whether there is a file at one of `paths`."""
        return any(path in self._files for path in paths)

    def folder(self, path: str) -> bool:
        """Whether there is a file below `path`."""
        return any(name.startswith(f"{path}/") for name in self._files)

    def matching(self, pattern: str) -> Iterator[str]:
        """Yield the paths that match the regular expression whole, sorted."""
        whole = re.compile(pattern)
        return (path for path in sorted(self._files) if whole.fullmatch(path))

    def text(self, path: str, *, limit: int = LARGEST) -> str:
        """Return the text at `path`; an unknown path is empty, a foreign encoding shows replacement characters."""
        content = self._files.get(path, b"")[:limit]
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16", errors="replace")
        return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")

    def word(self, path: str) -> str:
        """Return the first word of a one-line file such as `.nvmrc`."""
        words = self.text(path, limit=200).split()
        return words[0] if words else ""

    def json(self, path: str) -> dict[str, Any]:
        """Return the JSON object at `path`, empty where there is none."""
        try:
            data = json.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def toml(self, path: str) -> dict[str, Any]:
        """Return the TOML document at `path`, empty where there is none."""
        try:
            return tomllib.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}


def table(data: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the table at a path of keys, empty where the document holds something else there."""
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def string(data: Mapping[str, Any], key: str) -> str:
    """Return the text under `key`, empty where the document holds something else there."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def names(data: Mapping[str, Any], *tables: str) -> frozenset[str]:
    """Return the keys of several tables of dependencies."""
    return frozenset(key for name in tables for key in table(data, name))


def version(text: str, parts: int = 2) -> str:
    """Return the first version in `text` with at most `parts` numbers: `^8.3.1` is `8.3`; empty where there is none."""
    found = re.search(r"(?<![\w.])v?(\d{1,4}(?:\.\d{1,5})*)", text[:200])
    return ".".join(found[1].split(".")[:parts]) if found else ""
