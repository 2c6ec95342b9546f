"""Where the style sheets lie."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_ASSETS = Path(str(files("assets")))


def sheet(name: str) -> Path:
    """Return the style sheet of one screen."""
    return _ASSETS / f"{name}.tcss"
