"""Where the style sheets lie: one for what is shared, one for each page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PAGES = ("connect", "project", "resume", "work", "step", "preview", "review", "confirm", "applying", "result", "help")
_NAMES = ("app", *_PAGES)
SHEETS: tuple[Path, ...] = tuple(Path(str(files("assets") / f"{name}.tcss")) for name in _NAMES)
"""All are loaded with the app: a page that brought its own would have every sheet read again when it opens."""
