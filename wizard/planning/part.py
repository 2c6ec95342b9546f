"""A part of a plan, as one resource's planner returns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.change import Change, Check, Notice
from wizard.planning.variables import Wanted


@dataclass(frozen=True, slots=True)
class Part:
    """Changes, the variables that they want, and what to know."""

    changes: tuple[Change, ...] = ()
    variables: tuple[Wanted, ...] = ()
    notices: tuple[Notice, ...] = ()
    checks: tuple[Check, ...] = ()
    auths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Entries for DOCKER_AUTH_CONFIG by key: inputs for `username` and `password`, and the change that it `needs`."""
    kept_auths: tuple[str, ...] = ()
    """Keys of entries that are there and stay."""
    removed_auths: tuple[str, ...] = ()
    removed_variables: tuple[tuple[str, str], ...] = ()
    """(key, step) of variables to remove because that was asked for."""


def joined(parts: list[Part]) -> Part:
    """Put parts together, in order."""
    return Part(
        changes=tuple(change for part in parts for change in part.changes),
        variables=tuple(wanted for part in parts for wanted in part.variables),
        notices=tuple(notice for part in parts for notice in part.notices),
        checks=tuple(check for part in parts for check in part.checks),
        auths={key: entry for part in parts for key, entry in part.auths.items()},
        kept_auths=tuple(key for part in parts for key in part.kept_auths),
        removed_auths=tuple(key for part in parts for key in part.removed_auths),
        removed_variables=tuple(pair for part in parts for pair in part.removed_variables),
    )
