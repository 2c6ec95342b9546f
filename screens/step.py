"""One step of questions."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on

from screens.asking import AskingPage, LookUp, nothing_more
from screens.course import StepCourse
from screens.item import ItemDone, ItemScreen
from screens.page import Turn
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from wizard.question import Draft, Known, Step
from wizard.state import State


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers as they stood when the page was left."""

    draft: Draft
    turn: Turn
    state: State | None = None
    """The state with what was looked up for the page."""


class StepScreen(AskingPage[Answered]):
    """Asks the questions of one step."""

    def __init__(self, trail: Trail, step: Step, known: Known, look_up: LookUp = nothing_more) -> None:
        """Ask the questions of `step`."""
        super().__init__(trail, StepCourse(step), known, look_up)

    def action_go_on(self) -> None:
        """Take every answer as it stands."""
        if self.asking.take_all():
            self._leave(Turn.ON)

    def action_back(self) -> None:
        """Go back; what was answered here is kept as far as it is right."""
        self.asking.take_right()
        self._leave(Turn.BACK)

    def _leave(self, turn: Turn) -> None:
        known = self.asking.known
        self.dismiss(Answered(known.draft, turn, known.state))

    @on(Questionnaire.Completed)
    def _completed(self) -> None:
        self._leave(Turn.ON)

    @on(Questionnaire.ItemOpened)
    def _item_opened(self, event: Questionnaire.ItemOpened) -> None:
        def put(done: ItemDone | None) -> None:
            if done is not None:
                self.asking.put_items(event.listing, event.place, dict(done.item))

        page = ItemScreen(self.trail, event.listing, self.asking.known, event.place, self._look_up)
        self.app.push_screen(page, put)
