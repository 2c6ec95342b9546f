"""What every kind of change can do with the world: look at it, act, and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from wizard.errors import StaleError, WizardError
from wizard.secret import Secret, literal, parse_reference

if TYPE_CHECKING:
    from wizard.change import Change
    from wizard.events import Result
    from wizard.gateways.gitlab import Api
    from wizard.gateways.work_tree import WorkTree

MADE = "change:"
"""Prefix of an input that an earlier change of the same apply brings: `change:ID#field`."""


BEFORE_UNKNOWN: Mapping[str, Any] = {"unknown": True}
"""What is foreseen where the present state may not be read with this role."""


class Seen(Enum):
    """What a change finds just before acting."""

    AS_EXPECTED = "as expected"
    AS_WANTED = "as wanted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What acting did. `undo` is what taking it back needs; it goes into the journal and holds no secret."""

    result: Result
    undo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """Why a change was not taken back. `lost`: nor can it be later, for what was before is known to nobody."""

    reason: str
    lost: bool = False


@dataclass(slots=True)
class Hands:
    """The gateways that changes act through, and what lives in memory during one apply only."""

    api: Api
    work_tree: WorkTree | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """The local secrets that the plan names, by reference."""
    made: dict[str, Secret] = field(default_factory=dict)
    """What changes of this apply brought, by `ID#field`."""
    previous: dict[str, Secret] = field(default_factory=dict)
    """Values that this apply replaced, by change id, as far as they could be read."""
    written: dict[str, Secret] = field(default_factory=dict)
    """Values that this apply wrote, by change id."""
    uncertain: set[str] = field(default_factory=set)
    """Ids of changes whose write got no answer: it may have been carried out, so what is found may be ours."""

    def value(self, text: str) -> Secret:
        """Resolve an input: a literal, a reference to a local secret, or what an earlier change made."""
        if text.startswith(MADE):
            if text.removeprefix(MADE) not in self.made:
                raise WizardError(
                    "made-elsewhere", "a secret that GitLab shows only once is no longer known", "Plan and apply again."
                )
            return self.made[text.removeprefix(MADE)]
        if parse_reference(text) is None:
            return Secret(literal(text))
        secret = self.secrets.get(text)
        if not secret:
            raise WizardError("secret-unavailable", f"{text} is not set or empty", "Set it, then apply again.")
        return secret


class Kind(Protocol):
    """One kind of change."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Look at the present state; StaleError where it is neither as expected nor as wanted."""

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Say just before acting what taking the change back would need, in case its outcome is never learnt.

        It goes into the journal and holds no secret; `BEFORE_UNKNOWN` where nobody could read what is there.
        """

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Make the changes (more than one only where they stand or fall together), an outcome for each.

        StaleError: the world moved in the last instant, and nothing of the changes stands.
        """

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Take one change back, if it is still as it was made; None when all is as before.

        It may have been taken back already, or never been made: then there is nothing to do.
        """


def moved(change: Change, what: str) -> StaleError:
    """Build the error for a world that moved since the plan was made."""
    return StaleError("moved", f"{change.id}: {what} since the plan was made", "Plan again, look at it, then apply.")


def changed_since(change: Change) -> Left:
    """Say that a change is not as it was made any more, so that it is not ours to take back."""
    return Left(f"{change.id} was changed since; left as it is")


def differing(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return the names of the expected fields that now hold something else."""
    return [name for name, value in expected.items() if found.get(name) != value]
