"""What the tests of real programs tell at the end of a run: sizes, and which part stood in for which."""

from __future__ import annotations

_lines: dict[str, None] = {}


def tell(line: str) -> None:
    """Have a line shown after the run, once."""
    _lines[line] = None


def lines() -> tuple[str, ...]:
    """Return what was told."""
    return tuple(_lines)
