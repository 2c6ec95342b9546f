"""F1: what this page is about, and what the open question means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Markdown, OptionList, Static

from screens.closing import Dialog
from screens.content import line, lines
from screens.course import Asked
from screens.forms.text import Line
from screens.widgets.keys import Keys
from screens.widgets.rows import Row, Rows
from wizard import flow
from wizard.help_pages import page, search, topics
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
        return Help(
            title, intro, question.text, question.help, flow.choices_of(question, known), flow.topic_of(question)
        )
    if isinstance(question, ListQuestion):
        return Help(title, intro, question.text, question.help, topic=flow.topic_of(question))
    return Help(title, intro)


class HelpScreen(Dialog[None]):
    """The help of a page, over that page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss(None)", "Close", key_display="esc", id="help.close"),
        Binding("up,down", "scroll", "Scroll", key_display="↑↓", show=True, id="help.scroll"),
        Binding("slash,i", "index", "All pages", key_display="/", id="help.index"),
    ]

    def __init__(self, help: Help) -> None:
        """Show this help."""
        super().__init__()
        self._help = help

    def compose(self) -> ComposeResult:
        """Introduction, question, choices, and the page on the topic."""
        shown = self._help
        with VerticalScroll(id="reading"):
            if shown.intro or shown.question:
                yield Static(line(shown.title), classes="title")
            if shown.intro:
                yield Static(lines(shown.intro))
            if shown.question:
                yield Static(line(shown.question), classes="title")
                yield Static(lines(shown.text))
            for choice in shown.choices:
                yield Static(line(f"• {choice.label}{': ' if choice.why else ''}{choice.why}"), classes="choice")
            if any(shown.topic == topic.name for topic in topics()):
                yield Markdown(_linked(page(shown.topic)), open_links=False)
            yield Static(_KEYS, classes="keys")
        yield Keys()

    def action_index(self) -> None:
        """Choose among all pages; Escape leads back to this one."""

        def open_page(name: str | None) -> None:
            if name:
                self.app.push_screen(HelpScreen(topic_help(name)))

        self.app.push_screen(HelpIndexScreen(), open_page)

    @on(Markdown.LinkClicked)
    def _followed(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        if any(event.href == topic.name for topic in topics()):
            self.app.push_screen(HelpScreen(topic_help(event.href)))

    def action_scroll(self) -> None:
        """Say which keys scroll; the text itself handles them."""


class HelpIndexScreen(Dialog[str]):
    """All help pages, and those that hold the words that are typed; closes with the name of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="help-index.back"),
    ]

    def compose(self) -> ComposeResult:
        """The search above the list."""
        with Vertical(id="reading"):
            yield Static("Help pages", classes="title")
            yield Line()
            yield Rows()
            yield Static(classes="none")

    def on_mount(self) -> None:
        """Show all, ready to search."""
        self.query_one(Line).placeholder = "search"
        self._list("")
        self.query_one(Line).focus()

    def _list(self, words: str) -> None:
        found = search(words)
        self.query_one(Rows).fill([Row(topic.name, topic.title, topic.name) for topic in found], 0)
        self.query_one(".none", Static).update("" if found else line(f"No page holds “{words}”."))

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        event.stop()
        row = self.query_one(Rows).current
        if row is not None:
            self.dismiss(str(row.value))


def topic_help(name: str) -> Help:
    """Return one page alone."""
    return Help("Help", "", topic=name)


def _linked(text: str) -> str:
    """Return a page whose mentions of other pages are links to them."""
    return re.sub(r"`registry-wizard explain ([a-z-]+)`", r"[registry-wizard explain \1](\1)", text)


_KEYS = (
    "Enter takes what stands and leads to the next question that needs you, or to the next page, as the footer says. "
    "Tab and Shift+Tab open any question, the arrow keys move between its answers, Space ticks. F2 shows what the "
    "answers come to. Ctrl+N takes a whole page as it stands, Escape goes back and loses nothing, Ctrl+C leaves. "
    "Ctrl+P lists everything that the page can do; / lists all help pages."
)
