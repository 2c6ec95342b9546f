"""What the open question means: below the questions, or beside them where there is room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.content import line


class HelpPane(VerticalScroll, can_focus=False):
    """The help of the open question, and what speaks for the answer under its cursor."""

    def compose(self) -> ComposeResult:
        """Two paragraphs."""
        yield Static(classes="help")
        yield Static(classes="why")

    def explain(self, help: str, why: str) -> None:
        """Show these texts."""
        self.query_one(".help", Static).update(line(help))
        self.query_one(".why", Static).update(line(why))
