"""What is left of a document without its malformed parts, and where each part of the rest stood before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wizard.documents import Path


class Pruned:
    """A document without the parts at some paths: keys leave their mapping, items their list."""

    def __init__(self, document: object, gone: Collection[Path]) -> None:
        """Copy the rest; the document itself stays as it is."""
        self._gone = set(gone)
        self._places: dict[Path, Path] = {}
        self.rest = self._copy(document, (), ())

    def origin(self, path: Path) -> Path:
        """Return where the part that is now at a path stood in the whole document."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._places:
                return self._places[path[:length]] + path[length:]
        return path

    def _copy(self, part: Any, before: Path, now: Path) -> Any:
        self._places[now] = before
        if isinstance(part, dict):
            kept = {key: value for key, value in part.items() if (*before, key) not in self._gone}
            return {key: self._copy(value, (*before, key), (*now, key)) for key, value in kept.items()}
        if isinstance(part, list):
            left = [(at, item) for at, item in enumerate(part) if (*before, at) not in self._gone]
            return [self._copy(item, (*before, at), (*now, to)) for to, (at, item) in enumerate(left)]
        return part
