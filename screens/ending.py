"""What the last page tells, worked out from the plan and from what happened."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from screens.applying import Applied
from wizard.change import Change, Plan
from wizard.events import ChangeDone, ChangeFailed, Verified

Tone = Literal["good", "bad", "plain", "muted"]
_HEADLINES = {
    "done": "Done: everything is as you wanted it",
    "nothing": "Nothing to do: everything is as you wanted it",
    "partial": "Done in part",
    "refused": "Refused: nothing was changed",
    "failed": "It stopped",
    "interrupted": "Stopped, as you asked",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One line: a short lead that has the tone, and what it is about."""

    tone: Tone
    lead: str
    text: str


def headline(applied: Applied) -> str:
    """Say in a few words how it ended."""
    unproved = any(isinstance(event, Verified) and not event.ok for event in applied.events)
    if applied.finished.status == "done" and unproved:
        return "Everything was made, but a check failed"
    nothing = applied.finished.status in ("failed", "interrupted") and not applied.finished.done
    return f"{_HEADLINES[applied.finished.status]}{': nothing was changed' if nothing else ''}"


def made(plan: Plan, applied: Applied) -> Iterator[Said]:
    """Yield what exists now, what failed, and what was left."""
    changes = {change.id: change for change in plan.changes}
    failed = set()
    for event in applied.events:
        if isinstance(event, ChangeDone):
            word = "as wanted" if event.result == "already" else event.result
            yield Said("good", f"✓ {word}", _summary(changes, event.id))
        elif isinstance(event, ChangeFailed):
            failed.add(event.id)
            yield Said("bad", "✗ failed", _summary(changes, event.id))
            yield Said("bad", "", event.message)
            yield Said("muted", "", event.hint)
    if applied.error:
        yield Said("bad", "✗ stopped", applied.error.message)
        yield Said("muted", "", applied.error.hint)
    for change_id in applied.finished.left:
        if change_id not in failed:
            yield Said("muted", "· left", _summary(changes, change_id))


def proved(applied: Applied) -> Iterator[Said]:
    """Yield what was checked afterwards."""
    for event in applied.events:
        if isinstance(event, Verified):
            yield Said("good", "✓ ok", event.message) if event.ok else Said("bad", "✗ not ok", event.message)


def places(plan: Plan, image_prefix: str | None) -> Iterator[Said]:
    """Yield where the result is found."""
    yield Said("muted", "Project", f"{plan.url}/{plan.project}")
    if image_prefix:
        yield Said("muted", "Images", image_prefix)


def next_steps(plan: Plan, applied: Applied) -> Iterator[Said]:
    """Yield what to do now."""
    done = set(applied.finished.done)
    yield from _files(plan, [change for change in plan.pending if change.id in done])
    if applied.finished.left:
        yield Said("muted", "Go on", "registry-wizard  (makes what is left; what stands already stays)")
    if done:
        yield Said("muted", "Check again", "registry-wizard doctor")
        yield Said("muted", "Take back", "registry-wizard undo")


def _files(plan: Plan, written: list[Change]) -> Iterator[Said]:
    kinds = {change.kind for change in plan.changes}
    files = [change.target for change in written if change.kind == "file"]
    if "merge-request" in kinds:
        yield Said("muted", "Merge", "look at the merge request in GitLab, then merge it")
    elif "commit" in kinds:
        yield Said("muted", "Merge", "look at the branch in GitLab, then open a merge request")
    elif files:
        yield Said("muted", "Commit", f"git add {shlex.join(files)} && git commit && git push")


def _summary(changes: dict[str, Change], change_id: str) -> str:
    return changes[change_id].summary if change_id in changes else change_id
