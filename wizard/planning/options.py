"""What the command line adds to the answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Permissions that are given for one run only, and never stand in the answers."""

    allow_dirty: bool = False
    overwrite: frozenset[str] = frozenset()
    rotate: frozenset[str] = frozenset()
    """Variables, KEY or KEY@SCOPE, whose secret is written again."""
    write_answers: bool = False
    """Write the answers file even where there is one: the wizard asked for it."""
