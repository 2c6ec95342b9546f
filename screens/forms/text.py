"""Typed answers: a line of text, or a number."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList

from screens.forms.form import KEEP, Form, Reply, untouched
from screens.widgets.entering import Lead, enter_bindings, leads_there
from screens.widgets.rows import Row, Rows
from wizard import flow
from wizard.question import Known, Question
from wizard.replies import Problem, parse, written


class Line(Input):
    """An input of one line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *enter_bindings("line"),
        Binding("down", "app.focus_next", "To the list", show=False, id="line.down"),
        Binding("up", "app.focus_previous", "Back up", show=False, id="line.up"),
    ]

    def __init__(self, *, type: Literal["text", "integer"] = "text", password: bool = False) -> None:
        """Begin empty; what is typed is judged when it is passed on, by the question's own check."""
        super().__init__(type=type, password=password, compact=True, validate_on=[], select_on_focus=False)
        self.leads: Lead = "on"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let the footer say where Enter leads."""
        return leads_there(action, parameters, self.leads)

    async def action_enter(self, _lead: Lead) -> None:
        """Pass on what was typed."""
        await self.action_submit()


class TextForm(Form):
    """Asks for a line of text; suggestions stand below it."""

    asked: Question
    TYPE: ClassVar[Literal["text", "integer"]] = "text"

    def widgets(self) -> ComposeResult:
        """Yield the line, and rows for suggestions."""
        yield Line(type=self.TYPE)
        yield Rows(classes="suggestions")

    def show(self, known: Known) -> None:
        """Write what stands there into the line, unless something wrong waits to be corrected."""
        value = written(flow.value_of(self.asked, known))
        typed = self.query_one(Line)
        if not self.has_class("-wrong") and typed.value != value:
            typed.value = value
        typed.placeholder = "empty" if self.asked.optional else ""
        found = [Row(choice.value, choice.label, choice.why) for choice in flow.choices_of(self.asked, known)]
        rows = self.query_one(Rows)
        rows.fill(found, 0)
        rows.display = bool(found)
        self.answered(value or "empty", recommended=untouched(self.asked, known))

    def reply(self, known: Known) -> Reply:
        """Return what was typed, as its question reads it."""
        text = self.query_one(Line).value
        if text == written(flow.value_of(self.asked, known)) and (text or self.asked.optional):
            return KEEP
        if not text.strip() and not self.asked.optional:
            return Problem("an answer is needed here")
        return parse(self.asked, text, known)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Passed(self))

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self.query_one(Rows).current
        if row is not None:
            self.query_one(Line).value = written(row.value)
            self.post_message(self.Passed(self))


class NumberForm(TextForm):
    """Asks for a whole number."""

    TYPE: ClassVar[Literal["text", "integer"]] = "integer"
