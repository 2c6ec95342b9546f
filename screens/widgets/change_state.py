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
                self._say("… working", "$text-accent")
            case ChangeDone(result=result, at=at):
                self._say(f"✓ {'as wanted' if result == 'already' else result}", "$text-success", self._taken(at))
            case ChangeFailed(message=message):
                self._say("✗ failed", "$text-error", lines(f"\n{message}", "$text-error"))

    def _taken(self, at: datetime) -> Content:
        """Say how long it took, where that was long enough to wonder."""
        seconds = (at - self._began).total_seconds() if self._began else 0
        return line(f"  {seconds:.0f} s", MUTED) if seconds >= _WORTH_TELLING else Content()

    def _say(self, state: str, style: str, more: Content = _NOTHING) -> None:
        self.tell(Content.styled(state, style), Content.assemble(line(self.change.summary), more))
