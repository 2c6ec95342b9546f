"""One change while the plan is applied."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from screens.content import MUTED, line
from wizard.change import Change
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted


class ChangeState(Static):
    """A symbol and a word for how far the change is."""

    def __init__(self, change: Change) -> None:
        """Begin as waiting."""
        super().__init__()
        self.change = change

    def on_mount(self) -> None:
        """Show that it waits."""
        self._say("·", "waiting", MUTED)

    def follow(self, event: ChangeStarted | ChangeDone | ChangeFailed) -> None:
        """Show what happened to it."""
        match event:
            case ChangeStarted():
                self._say("…", "working", "$text-accent")
            case ChangeDone(result=result):
                self._say("✓", "as wanted" if result == "already" else result, "$text-success")
            case ChangeFailed(message=message):
                self._say("✗", "failed", "$text-error", message)

    def _say(self, symbol: str, word: str, style: str, message: str = "") -> None:
        told = Content.assemble((f" {symbol} {word:<10}", style), line(self.change.summary))
        self.update(Content("\n").join([told, line(f"   {message}", "$text-error")]) if message else told)
