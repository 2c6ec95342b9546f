"""Apply: the plan's changes, one after the other, as events. It never prints, asks or exits.

Each change is looked at just before acting. Where the server asks for patience or does not answer, the change is looked
at again after the pause, so that a write that may have worked is never blindly repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event as Stop
from typing import Any

from wizard.change import Change, Plan
from wizard.changes.kind import Hands, Outcome, Seen
from wizard.changes.kinds import kind_of, together
from wizard.errors import Exit, StaleError, WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Status
from wizard.journal import WOULD_BE, Journal
from wizard.patience import Clock, StoppedError, patiently

Ending = tuple[Status, Exit]


@dataclass(slots=True)
class Applying:
    """One apply under way."""

    hands: Hands
    journal: Journal
    clock: Clock
    stop: Stop = field(default_factory=Stop)
    done: list[str] = field(default_factory=list)
    """Ids of the changes that stand, whoever made them."""
    made: int = 0
    """How many of them we made."""
    number: int = -1
    """The place of this apply in the journal, once it began."""
    _foreseen: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What taking a change back would need, as it was before the first try."""
    _looked_at: Change | None = None
    """The change of a group whose place is looked at; None while the whole group is made."""

    def run(self, plan: Plan, *, partial: bool = False) -> Iterator[Event]:
        """Make the plan's changes; the last event is always `Finished`.

        With `partial` what the role, or a conflict, holds back is left out together with what needs it.
        """
        yield PlanStarted(at=self.clock(), counts=plan.counts, fingerprint=plan.fingerprint)
        held = tuple(change for change in plan.pending if change.held)
        doable = plan.pending if not held else without(plan.pending, {change.id for change in held})
        if held and not (partial and doable):
            yield from (self._held(change) for change in held)
            yield self._finished(plan, ("refused", Exit.FAILED))
            return
        if not doable:
            self._tidy()
            yield self._finished(plan, ("nothing", Exit.DONE))
            return
        ending: Ending = ("partial", Exit.PARTIAL) if held else ("done", Exit.DONE)
        try:
            with self.journal.alone():
                self.number = self.journal.begin(plan, self.clock())
                ending = (yield from self._all(doable)) or ending
                self.journal.end(ending[0], self.clock())
        except WizardError as error:
            yield self._failed(doable[0], error)
            ending = ("failed", Exit.PARTIAL if self.made else error.exit)
        yield self._finished(plan, ending)

    def _tidy(self) -> None:
        """Remove what an apply left in the work tree that was killed after its last file: nothing else comes by."""
        if self.hands.work_tree and self.hands.work_tree.left_over():
            with contextlib.suppress(WizardError), self.journal.alone():
                self.hands.work_tree.tidy()

    def _all(self, changes: Sequence[Change]) -> Generator[Event, None, Ending | None]:
        """Make group after group; returns how it ended where it did not come to the end."""
        for group in together(changes):
            yield from (ChangeStarted(at=self.clock(), id=change.id) for change in group)
            try:
                yield from (yield from patiently(partial(self._make, group), self.stop, self.clock))
            except StoppedError:
                return ("interrupted", Exit.PARTIAL if self._touched() else Exit.INTERRUPTED)
            except WizardError as error:
                yield self._failed(self._looked_at or group[-1], error)
                stale = isinstance(error, StaleError)
                return ("failed", Exit.PARTIAL if self._touched() else Exit.STALE if stale else Exit.FAILED)
        return None

    def _make(self, group: Sequence[Change]) -> list[Event]:
        """Look, and act where it is needed: the group's changes stand or fall together."""
        acting = self._needed(group)
        self._looked_at = None
        outcomes = {change.id: self._standing(change) for change in group if change not in acting}
        outcomes |= dict(zip((change.id for change in acting), self._act(acting), strict=True))
        self.made += sum(outcome.result != "already" for outcome in outcomes.values())
        events: list[Event] = []
        for change in group:
            outcome = outcomes[change.id]
            self.journal.done(change, outcome, self.clock())
            self.done.append(change.id)
            events.append(ChangeDone(at=self.clock(), id=change.id, result=outcome.result))
        return events

    def _act(self, acting: Sequence[Change]) -> Sequence[Outcome]:
        """Write what is about to be made into the journal, then make it."""
        if not acting:
            return ()
        kind = kind_of(acting[-1])
        for change in acting:
            undo = self._foreseen.setdefault(change.id, kind.foresee(change, self.hands))
            self.journal.intend(change, self.clock(), undo)
        writes, doubtful = self.hands.api.writes, set(self.hands.uncertain)
        try:
            outcomes = kind.perform(acting, self.hands)
        except WizardError as error:
            if self.hands.api.writes != writes and not isinstance(error, StaleError):
                self.hands.uncertain.update(change.id for change in acting)
            else:
                self._refused(acting)
            raise
        return [
            self._first(change, outcome) if change.id in doubtful else outcome
            for change, outcome in zip(acting, outcomes, strict=True)
        ]

    def _refused(self, acting: Sequence[Change]) -> None:
        """Keep that none was made, unless an earlier try may have; where that fails, doubt remains, which is safe."""
        with contextlib.suppress(WizardError):
            for change in acting:
                if change.id not in self.hands.uncertain:
                    self.journal.refused(change.id, self.clock())

    def _standing(self, change: Change) -> Outcome:
        """Return what came of a change that stands: ours, where a write of ours got no answer."""
        already = Outcome("already")
        return self._first(change, already) if change.id in self.hands.uncertain else already

    def _first(self, change: Change, outcome: Outcome) -> Outcome:
        """Return what came of a change that took several tries: taking it back means what was before the first."""
        return Outcome(WOULD_BE[change.action], {**outcome.undo, **self._foreseen[change.id]})

    def _needed(self, group: Sequence[Change]) -> Sequence[Change]:
        if group[-1].kind == "commit":
            return group if self._expected(group[-1]) else ()
        return [change for change in group if self._expected(change)]

    def _expected(self, change: Change) -> bool:
        self._looked_at = change
        return kind_of(change).observe(change, self.hands) is Seen.AS_EXPECTED

    def _touched(self) -> bool:
        return bool(self.made or self.hands.api.writes)

    def _held(self, change: Change) -> ChangeFailed:
        conflict = change.conflict
        if conflict:
            error = WizardError(conflict.code, conflict.message, conflict.hint)
        else:
            needs = f"{change.blocked.needs} on {change.blocked.on}" if change.blocked else ""
            hint = "Ask somebody with that role to run the same plan, or leave it out with --partial."
            error = WizardError("role-too-low", f"needs the role {needs}", hint)
        return self._failed(change, error)

    def _failed(self, change: Change, error: WizardError) -> ChangeFailed:
        return ChangeFailed(at=self.clock(), id=change.id, code=error.code, message=error.message, hint=error.hint)

    def _finished(self, plan: Plan, ending: Ending) -> Finished:
        left = tuple(change.id for change in plan.pending if change.id not in self.done)
        return Finished(at=self.clock(), status=ending[0], exit=int(ending[1]), done=tuple(self.done), left=left)


def without(changes: Iterable[Change], held: set[str]) -> tuple[Change, ...]:
    """Leave out what is held, and what cannot be made without it, directly or not."""
    every, out = tuple(changes), set(held)
    while more := {change.id for change in every if change.id not in out and _falls(change, every, out)}:
        out |= more
    return tuple(change for change in every if change.id not in out)


def _falls(change: Change, every: Sequence[Change], out: set[str]) -> bool:
    """Whether a change falls with those that are out: a token also falls with what would keep its secret."""
    if out.intersection(change.needs) or change.inputs.get("via") in out:
        return True
    return change.kind == "deploy-token" and any(other.id in out and change.id in other.needs for other in every)
