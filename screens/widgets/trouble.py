"""An error with its hint, in place of what it kept from being shown."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.content import MUTED, lines
from wizard.errors import WizardError


class Trouble(VerticalScroll, can_focus=False):
    """What happened, and what to do next; hidden until there is something to tell."""

    def compose(self) -> ComposeResult:
        """Head, message and hint."""
        yield Static("✗ That did not work", classes="head")
        yield Static(classes="message")
        yield Static(classes="hint")

    def on_mount(self) -> None:
        """Begin hidden."""
        self.display = False

    def tell(self, error: WizardError | None) -> None:
        """Show an error; None hides the last one."""
        self.display = error is not None
        if error is not None:
            self.query_one(".message", Static).update(lines(error.message))
            self.query_one(".hint", Static).update(lines(error.hint, MUTED))
