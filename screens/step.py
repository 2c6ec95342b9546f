"""One step of questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from screens.content import lines
from screens.course import Asked, StepCourse
from screens.help import Help, question_help
from screens.item import ItemDone, ItemScreen
from screens.page import Page, Turn
from screens.widgets.help_pane import HelpPane
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from wizard import flow
from wizard.question import Draft, Known, Step


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers as they stood when the page was left."""

    draft: Draft
    turn: Turn


class StepScreen(Page[Answered]):
    """Asks the questions of one step."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+n", "go_on", "Next page", show=False, id="step.next")]

    def __init__(self, trail: Trail, step: Step, known: Known) -> None:
        """Ask the questions of `step`."""
        super().__init__(trail)
        self._step = step
        self._known = known
        self._open: Asked | None = None

    def body(self) -> ComposeResult:
        """Introduction, questions, help."""
        with Container(id="sides"):
            with Vertical(id="asking"):
                yield Static(self._step.title, classes="title", markup=False)
                yield Static(lines(flow.introduction(self._step, self._known)), classes="intro")
                yield Questionnaire(StepCourse(self._step), self._known)
            yield HelpPane()

    @property
    def _asking(self) -> Questionnaire:
        return self.query_one(Questionnaire)

    def help(self) -> Help:
        """Return the introduction and the help of the open question."""
        return question_help(self._step.title, flow.introduction(self._step, self._known), self._open,
                             self._asking.known)  # fmt: skip

    def action_go_on(self) -> None:
        """Take every answer as it stands."""
        if self._asking.take_all():
            self._leave(Turn.ON)

    def action_back(self) -> None:
        """Go back; what was answered here is kept as far as it is right."""
        self._asking.take_right()
        self._leave(Turn.BACK)

    def _leave(self, turn: Turn) -> None:
        self.dismiss(Answered(self._asking.known.draft, turn))

    @on(Questionnaire.Completed)
    def _completed(self) -> None:
        self._leave(Turn.ON)

    @on(Questionnaire.Focused)
    def _focused(self, event: Questionnaire.Focused) -> None:
        self._open = event.question
        self.query_one(HelpPane).explain(event.question.help, event.explanation)

    @on(Questionnaire.ItemOpened)
    def _item_opened(self, event: Questionnaire.ItemOpened) -> None:
        def put(done: ItemDone | None) -> None:
            if done is not None:
                self._asking.put_items(event.listing, event.place, dict(done.item))

        known = self._asking.known
        self.app.push_screen(ItemScreen(self.trail, event.listing, known, event.place), put)
