"""What the last page tells, worked out from the plan and from what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from screens.applying import Applied
from wizard.change import Change, Plan
from wizard.events import ChangeDone, ChangeFailed, Verified
from wizard.next_steps import next_steps as next_steps_of

Tone = Literal["good", "bad", "plain", "muted"]
_HEADLINES = {
    "done": "Done: everything is as you wanted it",
    "nothing": "Nothing to do: everything is as you wanted it",
    "partial": "Done in part",
    "refused": "Refused: nothing was changed",
    "failed": "It stopped",
    "interrupted": "Stopped, as you asked",
}
_TAKEN_BACK = {
    "done": "Taken back: everything is as it was before that apply",
    "nothing": "There was nothing to take back",
    "partial": "Taken back in part",
}
_BACK_WORDS = {"deleted": "removed", "updated": "restored", "created": "put back", "already": "gone already"}


@dataclass(frozen=True, slots=True)
class Result:
    """A plan that was carried out, and what happened; `undone`: it took an earlier one back."""

    plan: Plan
    applied: Applied
    undone: bool = False

    @property
    def can_retry(self) -> bool:
        """Whether something is left that another try could do."""
        finished = self.applied.finished
        return bool(finished.left) and finished.status not in ("refused", "partial")

    @property
    def can_undo(self) -> bool:
        """Whether something was made that can be taken back."""
        made = (event for event in self.applied.events if isinstance(event, ChangeDone))
        return not self.undone and any(event.result != "already" for event in made)


@dataclass(frozen=True, slots=True)
class Said:
    """One line: a short lead that has the tone, and what it is about."""

    tone: Tone
    lead: str
    text: str


def headline(result: Result) -> str:
    """Say in a few words how it ended."""
    finished = result.applied.finished
    unproved = any(isinstance(event, Verified) and not event.ok for event in result.applied.events)
    if result.undone and finished.status in _TAKEN_BACK:
        return _TAKEN_BACK[finished.status]
    if finished.status == "done" and unproved:
        return "Everything was made, but a check failed"
    nothing = finished.status in ("failed", "interrupted") and not finished.done
    return f"{_HEADLINES[finished.status]}{': nothing was changed' if nothing else ''}"


def parts(result: Result, images: str | None) -> Iterator[tuple[str, Iterable[Said]]]:
    """Yield the parts of the page, each with its heading."""
    if result.undone:
        yield "What was taken back", made(result)
        yield "What to do next", _after_undo(result)
        return
    yield "What exists now", made(result)
    yield "What was checked", proved(result.applied)
    yield "Where it is", places(result.plan, images)
    yield "What to do next", next_steps(result)


def made(result: Result) -> Iterator[Said]:
    """Yield what stands now, what failed, and what was left."""
    changes = {change.id: change for change in result.plan.changes}
    failed = set()
    for event in result.applied.events:
        if isinstance(event, ChangeDone):
            word = "as wanted" if event.result == "already" else event.result
            said = _BACK_WORDS[event.result] if result.undone else word
            summary = _summary(changes, event.id)
            yield Said("good", f"✓ {said}", _taken(summary) if result.undone else summary)
        elif isinstance(event, ChangeFailed):
            failed.add(event.id)
            yield Said("bad", "✗ failed", _summary(changes, event.id))
            yield Said("bad", "", event.message)
            yield Said("muted", "", event.hint)
    error = result.applied.error
    if error:
        yield Said("bad", "✗ stopped", error.message)
        yield Said("muted", "", error.hint)
    for change_id in result.applied.finished.left:
        if change_id not in failed:
            yield Said("muted", "· left", _summary(changes, change_id))


def proved(applied: Applied) -> Iterator[Said]:
    """Yield what was checked afterwards."""
    for event in applied.events:
        if isinstance(event, Verified):
            yield Said("good", "✓ ok", event.message) if event.ok else Said("bad", "✗ not ok", event.message)


def places(plan: Plan, images: str | None) -> Iterator[Said]:
    """Yield where the result is found."""
    yield Said("muted", "Project", f"{plan.url}/{plan.project}")
    if images:
        yield Said("muted", "Images", images)


def next_steps(result: Result) -> Iterator[Said]:
    """Yield what to do now."""
    finished = result.applied.finished
    if result.can_retry:
        yield Said("plain", "R", "try again: what is left is planned anew and shown before it is made")
    if result.can_undo:
        yield Said("plain", "U", "take back what was made: shown first, and asked for")
    for word, step in next_steps_of(result.plan, finished.done, finished.left):
        yield Said("muted", word, step)


def _after_undo(result: Result) -> Iterator[Said]:
    if result.can_retry:
        yield Said("plain", "R", "try again to take back what is left")
    yield Said("muted", "Before it", "registry-wizard undo  (takes the apply before that one back, where there is one)")
    yield Said("muted", "Set up", "registry-wizard  (your answers are kept for the next start)")


def _taken(summary: str) -> str:
    """Return what was taken back: the word before it says that already."""
    return summary.removeprefix("take back: ")


def _summary(changes: dict[str, Change], change_id: str) -> str:
    return changes[change_id].summary if change_id in changes else change_id
