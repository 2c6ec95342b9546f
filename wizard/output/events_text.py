"""The events of apply, undo and doctor, as lines of text or of JSON."""

from __future__ import annotations

import json

from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, Verified, Waiting
from wizard.output.console import Console, Line, Style

_ENDINGS = {
    "done": "Done.",
    "nothing": "Nothing to do.",
    "partial": "Done in part.",
    "refused": "Refused: nothing was changed.",
    "failed": "Failed.",
    "interrupted": "Interrupted.",
}


def as_json(event: Event) -> str:
    """Return one line of `--format json`; plain ASCII, so no text from outside can act on the terminal."""
    return json.dumps(event.document())


def tell(event: Event, console: Console) -> None:
    """Write one event: what came of it to stdout, what is under way to stderr."""
    match event:
        case ChangeStarted(id=name):
            console.detail(f"… {name}")
        case Waiting(seconds=seconds, reason=reason):
            console.note(f"waiting {seconds:g} s: {reason}")
        case ChangeDone(id=name, result=result):
            console.show([("  ", (Style.GREEN, f"{result:<8}"), f" {name}")])
        case ChangeFailed(id=name, code=code, message=message, hint=hint):
            lines: list[Line] = [("  ", (Style.RED, f"{'failed':<8}"), f" {name} ({code}): {message}")]
            console.show(lines + [(f"           {hint}",)] * bool(hint))
        case Verified(id=name, ok=ok, message=message):
            console.show([("  ", (Style.GREEN, "ok      ") if ok else (Style.RED, "not ok  "), f" {name}: {message}")])
        case Finished():
            console.show(_ending(event))


def _ending(event: Finished) -> list[Line]:
    style = Style.GREEN if event.exit == 0 else Style.RED
    numbers = f" {len(event.done)} done, {len(event.left)} left." if event.done or event.left else ""
    lines: list[Line] = [((style, _ENDINGS[event.status]), numbers)]
    if event.exit and event.done:
        lines += [("Done:",), *((f"  {name}",) for name in event.done)]
    if event.left:
        lines += [("Left:",), *((f"  {name}",) for name in event.left)]
    return lines
