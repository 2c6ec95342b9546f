"""F1: what this page is about, and what the open question means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Markdown, Static

from screens.content import line, lines
from screens.course import Asked
from wizard import flow
from wizard.help_pages import page, topics
from wizard.question import Choice, Known, ListQuestion, Question


@dataclass(frozen=True, slots=True)
class Help:
    """What there is to read."""

    title: str
    intro: str
    question: str = ""
    text: str = ""
    choices: tuple[Choice, ...] = ()
    topic: str = ""


def question_help(title: str, intro: str, question: Asked | None, known: Known) -> Help:
    """Return the help of a page with the question that is open on it."""
    if isinstance(question, Question):
        return Help(title, intro, question.text, question.help, flow.choices_of(question, known), question.topic)
    if isinstance(question, ListQuestion):
        return Help(title, intro, question.text, question.help, topic=question.topic)
    return Help(title, intro)


class HelpScreen(ModalScreen[None]):
    """The help of a page, over that page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss(None)", "Close", key_display="esc", id="help.close"),
        Binding("up,down", "scroll", "Scroll", key_display="↑↓", show=True, id="help.scroll"),
    ]

    def __init__(self, help: Help) -> None:
        """Show this help."""
        super().__init__()
        self._help = help

    def compose(self) -> ComposeResult:
        """Introduction, question, choices, and the page on the topic."""
        shown = self._help
        with VerticalScroll(id="reading"):
            yield Static(line(shown.title), classes="title")
            yield Static(lines(shown.intro))
            if shown.question:
                yield Static(line(shown.question), classes="title")
                yield Static(lines(shown.text))
            for choice in shown.choices:
                yield Static(line(f"• {choice.label}{': ' if choice.why else ''}{choice.why}"), classes="choice")
            if any(shown.topic == topic.name for topic in topics()):
                yield Markdown(page(shown.topic), open_links=False)
            yield Static(_KEYS, classes="keys")
        yield Footer(show_command_palette=False)

    def action_scroll(self) -> None:
        """Say which keys scroll; the text itself handles them."""


_KEYS = (
    "Enter takes what stands and leads to the next question that needs you, or to the next page, as the footer says. "
    "Tab and Shift+Tab open any question, the arrow keys move between its answers, Space ticks. F2 shows what the "
    "answers come to. Ctrl+N takes a whole page as it stands, Escape goes back and loses nothing, Ctrl+C leaves."
)
