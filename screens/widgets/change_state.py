"""One change while the plan is applied."""

from __future__ import annotations

from textual.content import Content

from screens.content import MUTED, line
from screens.widgets.told import Told
from wizard.change import Change
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted


class ChangeState(Told):
    """A symbol and a word for how far the change is."""

    def __init__(self, change: Change) -> None:
        """Begin as waiting."""
        super().__init__(Content.styled("· waiting", MUTED), line(change.summary, MUTED))
        self.change = change

    def follow(self, event: ChangeStarted | ChangeDone | ChangeFailed) -> None:
        """Show what happened to it."""
        match event:
            case ChangeStarted():
                self._say("… working", "$text-accent")
            case ChangeDone(result=result):
                self._say(f"✓ {'as wanted' if result == 'already' else result}", "$text-success")
            case ChangeFailed(message=message):
                self._say("✗ failed", "$text-error", message)

    def _say(self, state: str, style: str, message: str = "") -> None:
        summary = line(self.change.summary)
        said = Content("\n").join([summary, line(message, "$text-error")]) if message else summary
        self.tell(Content.styled(state, style), said)
