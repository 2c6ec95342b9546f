"""One change while the plan is applied."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from screens.content import MUTED, line, lines
from screens.widgets.told import Told
from wizard.change import Change
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted

_WORTH_TELLING = 1
"""Seconds."""
_NOTHING = Content()


class ChangeState(Told):
    """A symbol and a word for how far the change is."""

    def __init__(self, change: Change) -> None:
        """Begin as waiting."""
        super().__init__(Content.styled("· waiting", MUTED), line(change.summary, MUTED))
        self.change = change
        self._began: datetime | None = None

    def follow(self, event: ChangeStarted | ChangeDone | ChangeFailed) -> None:
        """Show what happened to it."""
        match event:
            case ChangeStarted(at=at):
                self._began = at
                self.elapsed(0)
            case ChangeDone(result=result, at=at):
                taken = (at - self._began).total_seconds() if self._began else 0
                self._say(f"✓ {'as wanted' if result == 'already' else result}", "$text-success", _taken(taken))
            case ChangeFailed(message=message):
                self._say("✗ failed", "$text-error", lines(f"\n{message}", "$text-error"))

    def elapsed(self, seconds: float) -> None:
        """Show that it is under way, and since when."""
        self._say("… working", "$text-accent", _taken(seconds))

    def _say(self, state: str, style: str, more: Content = _NOTHING) -> None:
        self.tell(Content.styled(state, style), Content.assemble(line(self.change.summary), more))


def _taken(seconds: float) -> Content:
    """Say how long it took, where that was long enough to wonder."""
    return line(f"  {lasting(seconds)}", MUTED) if seconds >= _WORTH_TELLING else _NOTHING


def lasting(seconds: float) -> str:
    """Return a duration in few letters: `12 s`, `2:05 min`."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02} min"
