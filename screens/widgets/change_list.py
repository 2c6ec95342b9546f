"""Warnings and changes of a plan, in groups, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.content import MUTED, line
from wizard.change import Action, Change, Notice, Plan
from wizard.output.plan_text import GROUPS, SYMBOLS

COLOURS: Mapping[Action, str] = {
    "create": "$text-success",
    "update": "$text-warning",
    "delete": "$text-error",
    "unchanged": MUTED,
}
Entry = Change | Notice


class ChangeList(OptionList):
    """The plan, one line for each warning and change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Apply …", id="review.apply")]

    def __init__(self, plan: Plan) -> None:
        """Show this plan."""
        super().__init__(compact=True)
        self._plan = plan
        self.entries: list[Entry | None] = []
        """What each line stands for; None for a heading."""

    def on_mount(self) -> None:
        """Draw the lines, with the cursor on the first warning or change."""
        for title, entries in _groups(self._plan):
            self.entries += [None, *entries]
            self.add_option(Option(Content.styled(title, "bold"), disabled=True))
            self.add_options([Option(_drawn(entry)) for entry in entries])
        self.highlighted = 1 if self.entries else None

    @property
    def current(self) -> Entry | None:
        """What is under the cursor."""
        return self.entries[self.highlighted] if self.highlighted is not None else None


def _groups(plan: Plan) -> Iterator[tuple[str, list[Entry]]]:
    if plan.warnings:
        yield "Warnings", list(plan.warnings)
    for title, kinds in GROUPS.items():
        changes = [change for change in plan.changes if change.kind in kinds]
        if changes:
            yield "GitLab settings" if title == "Settings" else title, list(changes)


def _drawn(entry: Entry) -> Content:
    if isinstance(entry, Notice):
        return Content.assemble(("! ", "bold $text-warning"), line(entry.message))
    word = f"{SYMBOLS[entry.action]} {entry.action:<11}"
    held = ("held back  ", "bold $text-error") if entry.held else ""
    style = MUTED if not entry.pending else ""
    return Content.assemble((word, COLOURS[entry.action]), held, line(entry.summary, style))
