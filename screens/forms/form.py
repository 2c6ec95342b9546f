"""What all forms of question have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.content import MUTED, line
from screens.widgets.entering import Lead
from wizard import flow
from wizard.question import Choice, Known, ListQuestion, Question
from wizard.replies import Problem


class Keep(Enum):
    """The reply that leaves what stands there, so that an untouched default stays one."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
Reply = Any | Problem | Keep
"""An answer; None takes the answer back."""


@runtime_checkable
class Leading(Protocol):
    """A widget whose Enter leads somewhere."""

    leads: Lead


class Form(Vertical):
    """A question with the widgets that answer it: one line until it has the focus, then open.

    A form holds no answers. `show` gives it what stands, `reply` says what its widgets mean.
    """

    MARKED: ClassVar[bool] = True

    @dataclass
    class Passed(Message):
        """Enter was pressed: on to the next question."""

        form: Form

    @dataclass
    class Explained(Message):
        """Something else is to be said about what is under the cursor."""

        form: Form

    def __init__(self, question: Question | ListQuestion) -> None:
        """Ask this question."""
        super().__init__(classes="form")
        self.asked = question

    def compose(self) -> ComposeResult:
        """The question, its answer, what opens, and what is wrong."""
        with Horizontal(classes="head"):
            yield Static(line(self.asked.text), classes="text")
            yield Static(classes="answer")
        with Vertical(classes="body"):
            yield from self.widgets()
        yield Static(classes="problem")

    def widgets(self) -> ComposeResult:
        """Yield the widgets that answer the question, the one to focus first."""
        yield from ()

    def show(self, known: Known) -> None:
        """Show what stands there: given or recommended."""

    def reply(self, known: Known) -> Reply:
        """Return what the widgets mean now."""
        return KEEP if known else None

    def glance(self, known: Known) -> Reply:
        """Return what the widgets would mean if Enter were pressed, taking nothing in; KEEP: not told before."""
        return KEEP if known else None

    def lead(self, lead: Lead) -> None:
        """Say where Enter leads from here."""
        for widget in self.query_one(".body").children:
            if isinstance(widget, Leading):
                widget.leads = lead

    def explanation(self) -> str:
        """Return what there is to say about what is under the cursor, beside the question's help."""
        return ""

    def item_here(self) -> Mapping[str, Any] | None:
        """Return the item under the cursor of a list; None for every other question."""
        return None

    def entry(self) -> Widget:
        """Return the widget that the focus goes to."""
        return self.query_one(".body").children[0]

    def answered(self, text: str, *, recommended: bool = False) -> None:
        """Show the answer that stands, for when the form is closed."""
        shown = line(text) if not recommended else line(text, MUTED)
        self.query_one(".answer", Static).update(shown)

    def complain(self, message: str) -> None:
        """Say below the question what is wrong with the answer; nothing with an empty text."""
        self.query_one(".problem", Static).update(line(f"✗ {message}") if message else "")
        self.set_class(bool(message), "-wrong")


def labelled(value: Any, choices: tuple[Choice, ...]) -> str:
    """Return how a chosen value is called."""
    return next((choice.label for choice in choices if choice.value == value), "")


def untouched(question: Question, known: Known) -> bool:
    """Whether the recommended answer stands."""
    return flow.given(question, known) is None
