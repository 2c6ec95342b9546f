"""Which release of the program this is."""

from __future__ import annotations


def release() -> str:
    """Return name and version, as `--version` prints them."""
    from importlib.metadata import version  # noqa: PLC0415  # costs more than most commands take to parse

    return f"registry-wizard {version('registry-wizard')}"
