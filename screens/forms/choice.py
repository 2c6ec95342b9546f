"""One of several: the row under the cursor is the answer."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList

from screens.forms.form import KEEP, Form, Reply, labelled, untouched
from screens.widgets.rows import Row, Rows
from wizard import flow
from wizard.question import Choice, Known, Question
from wizard.replies import Problem


class ChoiceForm(Form):
    """Asks for one of the question's choices."""

    asked: Question

    def widgets(self) -> ComposeResult:
        """Yield the rows."""
        yield Rows("one")

    def show(self, known: Known) -> None:
        """Put the cursor on the answer that stands."""
        choices, value = self.choices(known), flow.value_of(self.asked, known)
        if value is not None and all(choice.value != value for choice in choices):
            choices = (*choices, Choice(value, str(value), "as it was given"))
        recommended = flow.default_of(self.asked, known)
        at = next((index for index, choice in enumerate(choices) if choice.value == value), 0)
        self.query_one(Rows).fill([choice_row(choice, recommended) for choice in choices], at)
        self.answered(labelled(value, choices), recommended=untouched(self.asked, known))

    def choices(self, known: Known) -> tuple[Choice, ...]:
        """Return what can be chosen."""
        return flow.choices_of(self.asked, known)

    def reply(self, known: Known) -> Reply:
        """Return the row under the cursor."""
        row = self.query_one(Rows).current
        if row is None:
            return Problem("there is nothing to choose from")
        return KEEP if row.value == flow.value_of(self.asked, known) else row.value

    def glance(self, known: Known) -> Reply:
        """Return the row under the cursor: choosing it is harmless."""
        return self.reply(known)

    def explanation(self) -> str:
        """Return when the choice under the cursor fits."""
        row = self.query_one(Rows).current
        return f"{row.label}: {row.note}" if row and row.note else ""

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Explained(self))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Passed(self))


class ConfirmForm(ChoiceForm):
    """Asks for a yes or a no."""

    def choices(self, known: Known) -> tuple[Choice, ...]:
        """Return yes and no."""
        return flow.choices_of(self.asked, known) or (Choice(True, "Yes"), Choice(False, "No"))


def choice_row(choice: Choice, recommended: Any, *, marked: bool = False) -> Row:
    """Return the row of a choice; the recommended one says so."""
    several = isinstance(recommended, list | tuple)
    advised = choice.value in recommended if several else choice.value == recommended
    return Row(choice.value, choice.label, choice.why, "recommended" if advised else "", marked)
