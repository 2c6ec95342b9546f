"""Undo: the journal of the last apply, read backwards. What was made is removed only if it is still as we made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Stop
from typing import Any

from wizard.apply import Clock
from wizard.change import Action, Blocked, Change, Conflict, Notice, Plan
from wizard.changes.kind import Hands
from wizard.changes.kinds import kind_of
from wizard.errors import Exit, StaleError, WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Result, Status
from wizard.journal import Entry, Journal, Run
from wizard.secret import MASK

_INVERSE: dict[str, Action] = {"created": "delete", "updated": "update", "deleted": "create"}
_RESULT: dict[Action, Result] = {"delete": "deleted", "update": "updated", "create": "created", "unchanged": "already"}


def last_run(journal: Journal) -> Run | None:
    """Return the last apply that did something which was not taken back."""
    return next((run for run in reversed(journal.runs()) if _standing(run)), None)


def plan_undo(run: Run | None, plan: Plan) -> Plan:
    """Return what taking the run back would do, newest change first; `plan` is an empty one for the project."""
    entries = _standing(run) if run else []
    changes = tuple(
        replace(change_of(entry.change), action=_INVERSE[entry.result], diff=None, needs=(), inputs={},
                before=entry.change.get("after"), after=entry.change.get("before"),
                summary=f"take back: {entry.change['summary']}")
        for entry in entries
    )  # fmt: skip
    notices = tuple(
        Notice("not-restorable", f"{entry.change['id']}: {reason}") for entry in entries if (reason := _lost(entry))
    )
    return replace(plan, changes=changes, warnings=notices)


@dataclass(slots=True)
class Undoing:
    """One undo under way."""

    hands: Hands
    journal: Journal
    clock: Clock
    stop: Stop = field(default_factory=Stop)

    def run(self, run: Run | None, plan: Plan) -> Iterator[Event]:
        """Take every change of the run back; what cannot be restored is told and left as it is.

        StaleError where the run is not the one that `plan` shows: another apply or undo came in between.
        """
        if _shown(plan) != _shown(plan_undo(run, plan)):
            raise StaleError(
                "moved", "another apply or undo on this project came in between", "Look at what undo would do now."
            )
        yield PlanStarted(at=self.clock(), counts=plan.counts, fingerprint=plan.fingerprint)
        entries = _standing(run) if run else []
        done: list[str] = []
        ending: tuple[Status, Exit] = ("done", Exit.DONE) if entries else ("nothing", Exit.DONE)
        for entry, shown in zip(entries, plan.changes, strict=True):
            if self.stop.is_set():
                ending = ("interrupted", Exit.PARTIAL if self._touched(done) else Exit.INTERRUPTED)
                break
            change = change_of(entry.change)
            yield ChangeStarted(at=self.clock(), id=change.id)
            try:
                left = kind_of(change).revert(change, entry.undo, self.hands)
            except WizardError as error:
                yield self._failed(change, error)
                ending = ("failed", Exit.PARTIAL)
                break
            if left:
                yield self._failed(change, WizardError("not-restored", left))
                ending = ("partial", Exit.PARTIAL)
                continue
            self.journal.undone(change.id, self.clock())
            done.append(change.id)
            yield ChangeDone(at=self.clock(), id=change.id, result=_RESULT[shown.action])
        if ending[1] is Exit.PARTIAL and not self._touched(done):
            ending = ("failed", Exit.FAILED)
        remaining = tuple(change.id for change in plan.changes if change.id not in done)
        yield Finished(at=self.clock(), status=ending[0], exit=int(ending[1]), done=tuple(done), left=remaining)

    def _touched(self, done: list[str]) -> bool:
        return bool(done or self.hands.api.writes)

    def _failed(self, change: Change, error: WizardError) -> ChangeFailed:
        return ChangeFailed(at=self.clock(), id=change.id, code=error.code, message=error.message, hint=error.hint)


def _shown(plan: Plan) -> list[tuple[str, Action]]:
    return [(change.id, change.action) for change in plan.changes]


def change_of(document: Mapping[str, Any]) -> Change:
    """Read a change as it was printed."""
    values = {name: value for name, value in document.items() if name in Change.__dataclass_fields__}
    blocked, conflict = document.get("blocked"), document.get("conflict")
    return Change(
        **{
            **values,
            "needs": tuple(document["needs"]),
            "blocked": Blocked(**blocked) if blocked else None,
            "conflict": Conflict(**conflict) if conflict else None,
        }
    )


def _standing(run: Run) -> list[Entry]:
    return [
        entry
        for change_id, entry in reversed(run.done.items())
        if change_id not in run.undone and entry.result in _INVERSE and entry.change
    ]


def _was_secret(entry: Entry) -> bool:
    shown = (entry.change.get("before") or {}).get("value")
    return shown is None or shown == MASK


def _lost(entry: Entry) -> str | None:
    if entry.change["kind"] == "variable" and entry.result != "created" and _was_secret(entry):
        return "its previous value is a secret that this machine does not keep; it stays as it is now"
    if entry.change["kind"] == "deploy-token" and entry.result != "created":
        return "a revoked token cannot be brought back; the new one is revoked"
    if entry.change["kind"] == "commit" and entry.result == "updated":
        return "the commit stays in the branch; revert it there"
    return None
