"""Any number of several: space ticks, Enter goes on."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from screens.forms.choice import choice_row
from screens.forms.form import KEEP, Form, Reply, untouched
from screens.widgets.rows import Rows
from wizard import flow
from wizard.question import Known, Question
from wizard.replies import Problem


class Ticks(Rows):
    """Rows that can be ticked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick", "Tick", id="rows.tick")]

    def action_tick(self) -> None:
        """Turn the mark under the cursor around."""
        if self.highlighted is not None:
            self.tick(self.highlighted)


class ManyForm(Form):
    """Asks for any number of the question's choices."""

    asked: Question

    def widgets(self) -> ComposeResult:
        """Yield the rows."""
        yield Ticks("many")

    def show(self, known: Known) -> None:
        """Tick what stands."""
        choices, value = flow.choices_of(self.asked, known), tuple(flow.value_of(self.asked, known) or ())
        recommended = tuple(flow.default_of(self.asked, known) or ())
        rows = [choice_row(choice, recommended, marked=choice.value in value) for choice in choices]
        ticks = self.query_one(Ticks)
        ticks.fill(rows, min(ticks.highlighted or 0, max(0, len(rows) - 1)))
        names = ", ".join(choice.label for choice in choices if choice.value in value)
        self.answered(names or "none", recommended=untouched(self.asked, known))

    def reply(self, known: Known) -> Reply:
        """Return what is ticked."""
        ticked = [row.value for row in self.query_one(Ticks).rows if row.marked]
        if not ticked and not self.asked.optional:
            return Problem("tick at least one, with the space bar")
        return KEEP if ticked == list(flow.value_of(self.asked, known) or ()) else ticked

    def explanation(self) -> str:
        """Return what the row under the cursor means."""
        row = self.query_one(Ticks).current
        return f"{row.label}: {row.note}" if row and row.note else "Space ticks, Enter goes on."

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Explained(self))

    @on(OptionList.OptionSelected)
    def _done(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Passed(self))
