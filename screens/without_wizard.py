"""The command line that does the same without the wizard, to read and to copy."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.closing import Dialog
from screens.content import lines


class WithoutWizardScreen(Dialog[None]):
    """Shows commands as they are typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,w,q", "dismiss(None)", "Close", key_display="esc", id="without.close"),
        Binding("c", "copy", "Copy", id="without.copy"),
    ]

    def __init__(self, commands: str) -> None:
        """Show these lines."""
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with VerticalScroll(id="dialog"):
            yield Static("Without the wizard", classes="title")
            yield Static(lines(self._commands), classes="commands")
            yield Static("C copies, Escape closes.", classes="text")

    def action_copy(self) -> None:
        """Copy the lines through the terminal (OSC 52)."""
        self.app.copy_to_clipboard(self._commands)
        self.notify("Copied, where the terminal allows it.", markup=False)
