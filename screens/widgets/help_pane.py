"""What the open question means: below the questions, or beside them where there is room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.content import line


class HelpPane(VerticalScroll, can_focus=False):
    """The help of the open question, what speaks for the answer under its cursor, and what that comes to."""

    def compose(self) -> ComposeResult:
        """Three paragraphs."""
        yield Static(classes="help")
        yield Static(classes="brief")
        yield Static(classes="why")

    def explain(self, help: str, why: str) -> None:
        """Show these texts."""
        self.query_one(".help", Static).update(line(help))
        self.query_one(".why", Static).update(line(why))

    def sum_up(self, brief: str) -> None:
        """Say what the preview comes to; where the preview itself stands beside, this is left out."""
        paragraph = self.query_one(".brief", Static)
        paragraph.update(line(brief))
        paragraph.set_class(bool(brief), "-told")
