"""Undo: the journal of the last apply, read backwards. What was made is removed only if it is still as we made it."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event as Stop
from typing import Any

from wizard.change import Action, Blocked, Change, Conflict, Notice, Plan
from wizard.changes.auth_config import takes_out
from wizard.changes.kind import BEFORE_UNKNOWN, Hands, Left
from wizard.changes.kinds import kind_of
from wizard.errors import Exit, StaleError, WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Result, Status
from wizard.journal import Entry, Journal, Run
from wizard.patience import Clock, StoppedError, patiently
from wizard.secret import MASK

Ending = tuple[Status, Exit]
_INVERSE: dict[str, Action] = {"created": "delete", "updated": "update", "deleted": "create"}
_RESULT: dict[Action, Result] = {"delete": "deleted", "update": "updated", "create": "created", "unchanged": "already"}


def last_run(journal: Journal) -> Run | None:
    """Return the last apply of which something stands; one that no undo has tried yet goes before."""
    standing = [run for run in reversed(journal.runs()) if run.standing]
    return next((run for run in standing if run.untried), standing[0] if standing else None)


def plan_undo(run: Run | None, plan: Plan, kept: Collection[str] = ()) -> Plan:
    """Return what taking the run back would do, newest change first; `plan` is an empty one for the project.

    `kept`: ids of changes whose previous value this process still has in memory.
    """
    entries = run.standing if run else ()
    changes = tuple(
        replace(change_of(entry.change), action=_INVERSE[entry.result], diff=None, needs=(), inputs={},
                before=entry.change.get("after"), after=entry.change.get("before"),
                summary=f"take back{'' if entry.sure else ', if it was made'}: {entry.change['summary']}")
        for entry in entries
    )  # fmt: skip
    notices = tuple(Notice("not-restorable", f"{name}: {reason}") for name, reason in _staying(entries, kept))
    return replace(plan, changes=changes, warnings=notices)


@dataclass(slots=True)
class Undoing:
    """One undo under way."""

    hands: Hands
    journal: Journal
    clock: Clock
    stop: Stop = field(default_factory=Stop)
    done: list[str] = field(default_factory=list)
    """Ids of the changes that were taken back."""

    def run(self, run: Run | None, plan: Plan) -> Iterator[Event]:
        """Take every change of the run back; what cannot be restored is told and left as it is.

        StaleError where the run is not the one that `plan` shows: another apply or undo came in between.
        """
        if _shown(plan) != _shown(plan_undo(run, plan)):
            raise StaleError(
                "moved", "another apply or undo on this project came in between", "Look at what undo would do now."
            )
        yield PlanStarted(at=self.clock(), counts=plan.counts, fingerprint=plan.fingerprint)
        entries = run.standing if run else ()
        ending: Ending = ("done", Exit.DONE) if entries else ("nothing", Exit.DONE)
        if run:
            ending = yield from self._all(run, plan)
        if ending[1] is Exit.PARTIAL and not self._touched():
            ending = ("failed", Exit.FAILED)
        remaining = tuple(change.id for change in plan.changes if change.id not in self.done)
        yield Finished(at=self.clock(), status=ending[0], exit=int(ending[1]), done=tuple(self.done), left=remaining)

    def _all(self, run: Run, plan: Plan) -> Generator[Event, None, Ending]:
        """Take change after change back; returns how it ended."""
        staying: list[Change] = []
        for entry, shown in zip(run.standing, plan.changes, strict=True):
            change = change_of(entry.change)
            yield ChangeStarted(at=self.clock(), id=change.id)
            try:
                attempt = partial(self._revert, change, entry, staying)
                left = yield from patiently(attempt, self.stop, self.clock)
                if left:
                    self.journal.left(change.id, self.clock(), run.number, lost=left.lost)
                else:
                    self.journal.undone(change.id, self.clock(), run.number)
            except StoppedError:
                return "interrupted", Exit.PARTIAL if self._touched() else Exit.INTERRUPTED
            except WizardError as error:
                yield self._failed(change, error)
                return "failed", Exit.PARTIAL
            if left:
                staying.append(change)
                yield self._failed(change, WizardError("not-restored", left.reason))
            else:
                self.done.append(change.id)
                yield ChangeDone(at=self.clock(), id=change.id, result=_RESULT[shown.action])
        return ("partial", Exit.PARTIAL) if staying else ("done", Exit.DONE)

    def _revert(self, change: Change, entry: Entry, staying: Sequence[Change]) -> Left | None:
        if bound := _bound(change, staying):
            return Left(f"{change.id}: {bound}")
        if entry.undo == BEFORE_UNKNOWN:
            return Left(f"{change.id}: what was there before could not be read; it stays as it is", lost=True)
        return kind_of(change).revert(change, entry.undo, self.hands)

    def _touched(self) -> bool:
        return bool(self.done or self.hands.api.writes)

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


def _bound(change: Change, staying: Sequence[Change]) -> str | None:
    """Say why a change stays because another one does, which needs it, or holds the other half of a credential."""
    for other in staying:
        if change.id in other.needs or change.inputs.get("via") == other.id:
            return f"{other.id} stays as it is, and needs it"
        if change.action == "update" and any(name in other.needs for name in change.needs if _is_token(name)):
            return f"{other.id} stays as it is, and is of the same token"
    return None


def _is_token(change_id: str) -> bool:
    return change_id.startswith("deploy-token:")


def _staying(entries: Sequence[Entry], kept: Collection[str]) -> Iterator[tuple[str, str]]:
    """Name what will stay, newest first, and why: it is lost, or what stays needs it."""
    staying: list[Change] = []
    for entry in entries:
        change = change_of(entry.change)
        bound = _bound(change, staying)
        reason = bound or (None if change.id in kept else _lost(entry))
        if reason:
            yield change.id, reason
            if bound or not _goes_all_the_same(change):
                staying.append(change)


def _goes_all_the_same(change: Change) -> bool:
    """Whether taking it back does something though not all comes back: of a token that was replaced, the new one."""
    return change.kind == "deploy-token" and "token" in (change.after or {})


def _was_secret(entry: Entry) -> bool:
    shown = (entry.change.get("before") or {}).get("value")
    return (shown is None or shown == MASK) and not takes_out(entry.undo)


def _lost(entry: Entry) -> str | None:
    if entry.undo == BEFORE_UNKNOWN:
        return "what was there before could not be read; it stays as it is now"
    if entry.change["kind"] == "variable" and entry.result != "created" and _was_secret(entry):
        return "its previous value is a secret that this machine does not keep; it stays as it is now"
    if entry.change["kind"] == "deploy-token" and entry.result != "created":
        new = "; the new one is revoked" if _goes_all_the_same(change_of(entry.change)) else ""
        return f"a revoked token cannot be brought back{new}"
    if entry.change["kind"] == "commit" and entry.result == "updated":
        return "the commit stays in the branch; revert it there"
    return None
