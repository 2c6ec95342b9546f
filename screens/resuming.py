"""The question whether to go on with the answers of an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static

from screens.content import MUTED, line
from screens.help import Help
from screens.page import Page
from screens.widgets.rows import Row, Rows
from screens.widgets.top_bar import Trail
from wizard.differences import Difference

_INTRO = (
    "The wizard was left before it had come to its end, and its answers were kept on this machine: no secret is among "
    "them. They are forgotten once an apply has come to its end."
)


class ResumeScreen(Page[bool]):
    """One question, and what the kept answers would change; closes with True to go on with them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Scroll", show=False, id="resume.scroll"),
    ]

    def __init__(self, trail: Trail, at: datetime, found: Sequence[Difference]) -> None:
        """Ask about answers that were kept `at` a moment and differ like this from those that are there now."""
        super().__init__(trail)
        self._at = at
        self._found = found

    def body(self) -> ComposeResult:
        """The question, two answers, what differs."""
        count = len(self._found)
        noun = "answer differs" if count == 1 else "answers differ"
        with Vertical(id="choosing"):
            yield Static("Go on where you left off?", classes="title")
            when = f"{self._at:%Y-%m-%d %H:%M} UTC"
            yield Static(f"Your answers of {when} were kept. {count} {noun}:", classes="intro", markup=False)
            yield Rows("one")
            with VerticalScroll(id="differences"):
                for found in self._found:
                    yield Static(line(str(found), MUTED))

    def help(self) -> Help:
        """Return where these answers come from."""
        return Help("Answers of an earlier run", _INTRO, topic="answers-file")

    def on_mount(self) -> None:
        """Begin on going on."""
        rows = self.query_one(Rows)
        rows.fill(
            [
                Row(True, "Go on with them", "what was answered stands", tag="recommended"),
                Row(False, "Begin anew", "they are forgotten"),
            ],
            0,
        )
        rows.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        current = self.query_one(Rows).current
        if current is not None:
            self.dismiss(bool(current.value))
