"""One item of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from screens.content import line
from screens.course import Asked, ItemCourse
from screens.forms.items import Place
from screens.help import Help, question_help
from screens.page import Page
from screens.widgets.help_pane import HelpPane
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from wizard import flow
from wizard.question import Known, ListQuestion


@dataclass(frozen=True, slots=True)
class ItemDone:
    """The item as it was answered."""

    item: Mapping[str, Any]


class ItemScreen(Page[ItemDone]):
    """Asks about one item. Back leaves the list as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+n", "go_on", "Done", show=False, id="item.done")]

    def __init__(self, trail: Trail, listing: ListQuestion, known: Known, place: Place) -> None:
        """Ask about the item at `place`."""
        super().__init__(trail)
        self._listing = listing
        self._place = place
        self._known = replace(known, item=place.item)
        self._open: Asked | None = None

    def body(self) -> ComposeResult:
        """What this is, the questions, help."""
        with Container(id="sides"):
            with Vertical(id="asking"):
                yield Static(line(self._title()), classes="title")
                yield Static(line(self._listing.text), classes="intro")
                yield Questionnaire(ItemCourse(self._listing), self._known)
                yield Static(classes="problem")
            yield HelpPane()

    def help(self) -> Help:
        """Return the help of the list and of the open question."""
        known = self.query_one(Questionnaire).known
        return question_help(self._title(), self._listing.help, self._open, known)

    def action_go_on(self) -> None:
        """Take every answer as it stands."""
        if self.query_one(Questionnaire).take_all():
            self._finish()

    def _title(self) -> str:
        return self._listing.title(self._place.item) if self._place.there else f"New {self._listing.noun}"

    def _finish(self) -> None:
        asking = self.query_one(Questionnaire)
        item = flow.settled_item(self._listing, asking.known)
        items = list(flow.items_of(self._listing, asking.known))
        items[self._place.index : self._place.index + 1] = [item]
        problem = flow.item_problem(self._listing, items, self._place.index)
        if problem is None:
            self.dismiss(ItemDone(item))
        else:
            told = f"✗ This {self._listing.noun} cannot stand on the list: {problem}."
            self.query_one("#asking > .problem", Static).update(line(told))

    @on(Questionnaire.Completed)
    def _completed(self) -> None:
        self._finish()

    @on(Questionnaire.Focused)
    def _focused(self, event: Questionnaire.Focused) -> None:
        self._open = event.question
        self.query_one(HelpPane).explain(event.question.help, event.explanation)
