"""Questions over a page: yes or no, a typed yes, a value typed unseen. None of them is answered yes by accident."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from screens.closing import Dialog
from screens.content import line, lines
from screens.forms.text import Line
from wizard.secret import Secret, typed_question


class ConfirmScreen(Dialog[bool]):
    """Yes or no; No has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, text: str = "", *, yes: str, no: str) -> None:
        """Ask this question; `yes` and `no` say what they do."""
        super().__init__()
        self._question = question
        self._text = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question and two buttons, No first."""
        with Vertical(id="dialog"):
            yield Static(line(self._question), classes="title")
            if self._text:
                yield Static(lines(self._text), classes="text")
            with Horizontal(id="buttons"):
                yield Button(self._no, id="no", compact=True)
                yield Button(self._yes, id="yes", compact=True)

    def on_mount(self) -> None:
        """Begin on No."""
        self.query_one("#no", Button).focus()

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")


class LeaveScreen(ConfirmScreen):
    """The question whether to leave, or to stop; whatever page is below goes on meanwhile."""


class ConsentScreen(Dialog[bool]):
    """Asks for a typed yes to read one secret of this machine."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "No", id="consent.no")]

    def __init__(self, reference: str, why: str) -> None:
        """Ask about this reference."""
        super().__init__()
        self._reference = reference
        self._why = why

    def compose(self) -> ComposeResult:
        """What would be read, why that is asked, and the line."""
        with Vertical(id="dialog"):
            yield Static(line(f"{self._reference} would be read"), classes="title")
            yield Static(line(f"{self._why[:1].upper()}{self._why[1:]}. Its value would be stored in GitLab."))
            yield Static("Type yes to allow it. Anything else, or Escape: it is not read.", classes="text")
            yield Line()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() == "yes")


class UnseenScreen(Dialog[Secret]):
    """Asks for the value that the answers leave to be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", id="unseen.back")]

    def __init__(self, what: str) -> None:
        """Ask for the value of `what`."""
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        """What is asked for, and the line."""
        with Vertical(id="dialog"):
            yield Static(line(typed_question(self._what)), classes="title")
            yield Static("It is kept in memory until the changes are made.", classes="text")
            yield Line(password=True)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value:
            secret = Secret(event.value)
            event.input.value = ""
            self.dismiss(secret)
