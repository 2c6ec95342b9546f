"""A line with a short lead and a text that wraps beside it, not below it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static


class Told(Horizontal):
    """Symbol and word on the left, what they are about on the right."""

    def __init__(self, lead: Content, text: Content, *, id: str | None = None) -> None:
        """Show both."""
        super().__init__(id=id)
        self._lead = lead
        self._text = text

    def compose(self) -> ComposeResult:
        """Two columns; without a lead the text takes the whole width."""
        if self._lead:
            yield Static(self._lead, classes="lead")
        yield Static(self._text, classes="said")

    def tell(self, lead: Content, text: Content) -> None:
        """Show something else."""
        self.query_one(".lead", Static).update(lead)
        self.query_one(".said", Static).update(text)
