"""A list: what is on it, what was found and could be, and room for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList

from screens.forms.form import KEEP, Form, Reply
from screens.widgets.entering import Lead
from screens.widgets.rows import Row, Rows
from wizard import flow
from wizard.question import Known, ListQuestion
from wizard.replies import Problem


@dataclass(frozen=True, slots=True)
class Place:
    """An item and where it stands on its list; behind the end: it is new."""

    index: int
    item: Mapping[str, Any]
    there: bool = False


class ItemRows(Rows):
    """The rows of a list; an item under the cursor can be taken off."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete,d", "remove", "Remove", id="items.remove")]

    @dataclass
    class Removed(Message):
        """The item under the cursor is to leave the list."""

        place: Place

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer removing on items only."""
        if action != "remove":
            return super().check_action(action, parameters)
        return bool(self.current and isinstance(self.current.value, Place) and self.current.value.there)

    @property
    def lead(self) -> Lead:
        """An item opens; the last row leads on."""
        return "item" if self.current and isinstance(self.current.value, Place) else self.leads

    def action_remove(self) -> None:
        """Take the item under the cursor off the list."""
        if self.current is not None:
            self.post_message(self.Removed(self.current.value))


class ItemsForm(Form):
    """Asks for any number of items. Each is asked about on a page of its own."""

    asked: ListQuestion

    @dataclass
    class Opened(Message):
        """An item is to be added or changed."""

        form: ItemsForm
        place: Place

    @dataclass
    class Dropped(Message):
        """An item is to leave the list."""

        form: ItemsForm
        index: int

    def widgets(self) -> ComposeResult:
        """Yield the rows."""
        yield ItemRows()

    def show(self, known: Known) -> None:
        """Show the items, those that were found, and where to go on."""
        items = flow.items_of(self.asked, known)
        found = flow.suggestions(self.asked, known)
        eager = flow.recommends_adding(self.asked, known)
        there = [Row(Place(at, item, there=True), self.asked.title(item)) for at, item in
                 enumerate(items)]  # fmt: skip
        suggested = [
            Row(Place(len(items), item), f"+ {self._title(item)}", "found here" if eager else "suggested")
            for item in found
        ]
        more = Row(Place(len(items), {}), f"+ add {self._article(bool(items))} {self.asked.noun}")
        lacking = len(items) < self.asked.least
        done = [] if lacking else [Row(None, "→ go on" if items else "→ go on without any")]
        rows = [*there, *suggested, more, *done]
        at = len(there) if lacking or eager else len(rows) - 1
        self.query_one(ItemRows).fill(rows, at)
        self.answered("; ".join(self.asked.title(item) for item in items) or "none", recommended=not items)

    def reply(self, known: Known) -> Reply:
        """Say whether the list can be left as it is."""
        if len(flow.items_of(self.asked, known)) < self.asked.least:
            return Problem(f"at least {self.asked.least} {self.asked.noun} is needed here")
        return KEEP

    def item_here(self) -> Mapping[str, Any] | None:
        """Return the item under the cursor; beside the rows that are none the first one that there is."""
        rows = self.query_one(ItemRows)
        chosen = [rows.current, *rows.rows] if rows.current else rows.rows
        items = (row.value.item for row in chosen if row and isinstance(row.value, Place))
        return next((item for item in items if item), {})

    def _title(self, item: Mapping[str, Any]) -> str:
        return self.asked.title(item) if len(item) > 1 else str(item.get(self.asked.item[0].key, ""))

    def _article(self, another: bool) -> str:
        return "another" if another else "an" if self.asked.noun[0] in "aeiou" else "a"

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Explained(self))

    @on(OptionList.OptionSelected)
    def _acted(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        place = self.query_one(ItemRows).rows[event.option_index].value
        self.post_message(self.Passed(self) if place is None else self.Opened(self, place))

    @on(ItemRows.Removed)
    def _removed(self, event: ItemRows.Removed) -> None:
        event.stop()
        self.post_message(self.Dropped(self, event.place.index))
