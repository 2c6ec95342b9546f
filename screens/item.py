"""One item of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from textual import on
from textual.widgets import Static

from screens.asking import AskingPage, LookUp, nothing_more
from screens.content import line
from screens.course import ItemCourse
from screens.forms.items import Place
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from wizard import flow
from wizard.question import Known, ListQuestion


@dataclass(frozen=True, slots=True)
class ItemDone:
    """The item as it was answered."""

    item: Mapping[str, Any]


class ItemScreen(AskingPage[ItemDone]):
    """Asks about one item. Back leaves the list as it was."""

    def __init__(
        self, trail: Trail, listing: ListQuestion, known: Known, place: Place, look_up: LookUp = nothing_more
    ) -> None:
        """Ask about the item at `place`."""
        super().__init__(trail, ItemCourse(listing, place.there), replace(known, item=place.item), look_up)
        self._listing = listing
        self._place = place

    def action_go_on(self) -> None:
        """Take every answer as it stands."""
        if self.asking.take_all():
            self._finish()

    def _finish(self) -> None:
        item = flow.settled_item(self._listing, self.asking.known)
        items = list(flow.items_of(self._listing, self.asking.known))
        items[self._place.index : self._place.index + 1] = [item]
        problem = flow.item_problem(self._listing, items, self._place.index)
        if problem is None:
            self.dismiss(ItemDone(item))
        else:
            told = f"✗ This {self._listing.noun} cannot stand on the list: {problem}."
            problems = self.query_one("#asking > .problem", Static)
            problems.update(line(told))
            problems.add_class("-told")

    @on(Questionnaire.Completed)
    def _completed(self) -> None:
        self._finish()
