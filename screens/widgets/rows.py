"""A list of rows, each with a mark, a label and a note, that fits into few lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.content import MUTED, line, padded
from screens.widgets.entering import Lead, enter_bindings, leads_there
from screens.widgets.listing import Listing

Marks = Literal["one", "many", "none"]
_MARKS: dict[Marks, tuple[str, str]] = {"one": ("○ ", "● "), "many": ("□ ", "■ "), "none": ("", "")}
_WIDEST_LABEL = 52


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it stands for, what it says."""

    value: Any
    label: str
    note: str = ""
    tag: str = ""
    """A word that goes before the note."""
    marked: bool = False
    disabled: bool = False


class Rows(Listing):
    """The rows. With marks of one, the row under the cursor is the chosen one; of many, space ticks."""

    BINDINGS: ClassVar[list[BindingType]] = enter_bindings("rows")

    def __init__(self, marks: Marks = "none", *, id: str | None = None, classes: str | None = None) -> None:
        """Begin empty."""
        super().__init__(id=id, classes=classes, compact=True)
        self._marks: Marks = marks
        self.rows: tuple[Row, ...] = ()
        self.leads: Lead = "on"

    @property
    def lead(self) -> Lead:
        """Where Enter leads from the row under the cursor."""
        return self.leads

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let the footer say where Enter leads."""
        return leads_there(action, parameters, self.lead)

    def action_enter(self, _lead: Lead) -> None:
        """Take the row under the cursor."""
        self.action_select()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.highlighted] if self.highlighted is not None else None

    def fill(self, rows: Sequence[Row], at: int) -> None:
        """Show these rows with the cursor at one of them; nobody is told."""
        self.rows = tuple(rows)
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options([Option(self._drawn(row, index == at), disabled=row.disabled) for index, row in
                              enumerate(rows)])  # fmt: skip
            self.highlighted = at if rows else None

    def tick(self, index: int) -> None:
        """Turn the mark of one row around."""
        row = self.rows[index]
        turned = replace(row, marked=not row.marked)
        self.rows = (*self.rows[:index], turned, *self.rows[index + 1 :])
        self.replace_option_prompt_at_index(index, self._drawn(turned, here=True))

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Let the mark of a single choice follow the cursor."""
        super().watch_highlighted(highlighted)
        if self._marks == "one":
            for index, row in enumerate(self.rows[: self.option_count]):
                self.replace_option_prompt_at_index(index, self._drawn(row, index == highlighted))

    def _drawn(self, row: Row, here: bool) -> Content:
        off, on = _MARKS[self._marks]
        mark = on if (here if self._marks == "one" else row.marked) else off
        notes = [(row.tag, "$accent"), (row.note, MUTED)]
        said = Content(" · ").join(line(text, style) for text, style in notes if text)
        if not said:
            return Content.assemble((mark, "$accent"), line(row.label))
        width = min(_WIDEST_LABEL, max(line(other.label).cell_length for other in self.rows or (row,)))
        return Content.assemble((mark, "$accent"), padded(row.label, width), "  ", said)
