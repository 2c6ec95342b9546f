"""Apply: the plan's changes, one after the other, as events. It never prints, asks or exits.

Each change is looked at just before acting. Where the server asks for patience or does not answer, the change is looked
at again after the pause, so that a write that may have worked is never blindly repeated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Stop

from wizard.change import Change, Plan
from wizard.changes.kind import Hands, Outcome, Seen
from wizard.changes.kinds import kind_of, together
from wizard.errors import Exit, StaleError, WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Status, Waiting
from wizard.gateways.gitlab import PassingError
from wizard.journal import Journal

_TRIES = 4
Clock = Callable[[], datetime]
Ending = tuple[Status, Exit]


class StoppedError(WizardError):
    """Somebody asked to stop; what was done by then stands."""

    exit = Exit.INTERRUPTED


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
                self.journal.begin(plan, self.clock())
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
                yield from self._patiently(group)
            except StoppedError:
                return ("interrupted", Exit.PARTIAL if self._touched() else Exit.INTERRUPTED)
            except WizardError as error:
                yield self._failed(group[-1], error)
                stale = isinstance(error, StaleError)
                return ("failed", Exit.PARTIAL if self._touched() else Exit.STALE if stale else Exit.FAILED)
        return None

    def _patiently(self, group: Sequence[Change]) -> Iterator[Event]:
        for attempt in range(1, _TRIES + 1):
            if self.stop.is_set():
                raise StoppedError("stopped", "stopped")
            try:
                yield from self._make(group)
            except PassingError as error:
                if attempt == _TRIES:
                    raise
                seconds = max(error.seconds, 2.0 ** (attempt - 1))
                yield Waiting(at=self.clock(), seconds=seconds, reason=error.message)
                self.stop.wait(seconds)
            else:
                return

    def _make(self, group: Sequence[Change]) -> Iterator[Event]:
        """Look, and act where it is needed: the group's changes stand or fall together."""
        acting = self._needed(group)
        outcomes = {change.id: Outcome("already") for change in group}
        for change in acting:
            self.journal.intend(change, self.clock())
        writes = self.hands.api.writes
        try:
            acted = kind_of(group[-1]).perform(acting, self.hands) if acting else []
        except PassingError:
            if self.hands.api.writes != writes:
                self.hands.uncertain.update(change.id for change in acting)
            raise
        outcomes |= {change.id: outcome for change, outcome in zip(acting, acted, strict=True)}
        self.made += sum(outcome.result != "already" for outcome in outcomes.values())
        for change in group:
            outcome = outcomes[change.id]
            self.journal.done(change, outcome, self.clock())
            self.done.append(change.id)
            yield ChangeDone(at=self.clock(), id=change.id, result=outcome.result)

    def _needed(self, group: Sequence[Change]) -> Sequence[Change]:
        if group[-1].kind == "commit":
            return group if self._expected(group[-1]) else ()
        return [change for change in group if self._expected(change)]

    def _expected(self, change: Change) -> bool:
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
