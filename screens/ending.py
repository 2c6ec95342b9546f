"""What the last page tells, worked out from the plan and from what happened."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Literal

from screens.applying import Applied
from wizard.change import Change, Plan
from wizard.events import ChangeDone, ChangeFailed, Verified

Tone = Literal["good", "bad", "plain", "muted"]
Told = tuple[Tone, str]
_HEADLINES = {
    "done": "Done: everything is as you wanted it",
    "nothing": "Nothing to do: everything is as you wanted it",
    "partial": "Done in part",
    "refused": "Refused: nothing was changed",
    "failed": "It stopped",
    "interrupted": "Stopped, as you asked",
}


def headline(applied: Applied) -> str:
    """Say in a few words how it ended."""
    finished = applied.finished
    changed = "" if finished.done or finished.status != "failed" else ": nothing was changed"
    return f"{_HEADLINES[finished.status]}{changed}"


def made(plan: Plan, applied: Applied) -> Iterator[Told]:
    """Yield what exists now, and what was left."""
    changes = {change.id: change for change in plan.changes}
    for event in applied.events:
        if isinstance(event, ChangeDone):
            word = "as wanted" if event.result == "already" else event.result
            yield "good", f"✓ {word:<10} {_summary(changes, event.id)}"
        elif isinstance(event, ChangeFailed):
            yield "bad", f"✗ {'failed':<10} {_summary(changes, event.id)}"
            yield "bad", f"  {event.message}"
            if event.hint:
                yield "muted", f"  {event.hint}"
    if applied.error:
        yield "bad", f"✗ {applied.error.message}"
        yield "muted", f"  {applied.error.hint}"
    failed = {event.id for event in applied.events if isinstance(event, ChangeFailed)}
    for change_id in applied.finished.left:
        if change_id not in failed:
            yield "muted", f"· {'left':<10} {_summary(changes, change_id)}"


def proved(applied: Applied) -> Iterator[Told]:
    """Yield what was checked afterwards."""
    for event in applied.events:
        if isinstance(event, Verified):
            yield ("good", f"✓ {event.message}") if event.ok else ("bad", f"✗ {event.message}")


def next_steps(plan: Plan, applied: Applied) -> Iterator[Told]:
    """Yield what to do now."""
    done = set(applied.finished.done)
    written = [change for change in plan.pending if change.id in done]
    yield from _files(plan, written)
    if applied.finished.left:
        yield "plain", "registry-wizard         makes what is left; what stands already stays"
    if done:
        yield "plain", "registry-wizard doctor  checks all this again, at any time"
        yield "plain", "registry-wizard undo    takes back what was changed"


def places(plan: Plan, image_prefix: str | None) -> Iterator[Told]:
    """Yield where the result is found."""
    yield "plain", f"Project   {plan.url}/{plan.project}"
    if image_prefix:
        yield "plain", f"Images    {image_prefix}"


def _files(plan: Plan, written: list[Change]) -> Iterator[Told]:
    kinds = {change.kind for change in plan.changes}
    files = [change.target for change in written if change.kind == "file"]
    if "merge-request" in kinds:
        yield "plain", "Look at the merge request in GitLab, and merge it."
    elif "commit" in kinds:
        yield "plain", "Look at the branch in GitLab, and open a merge request."
    elif files:
        yield "plain", "Look at the files, then commit and push them:"
        yield "plain", f"  git add {shlex.join(files)}"
        yield "plain", "  git commit && git push"


def _summary(changes: dict[str, Change], change_id: str) -> str:
    return changes[change_id].summary if change_id in changes else change_id
