"""Warnings and changes of a plan, in groups, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.content import MUTED, line
from screens.widgets.listing import Listing
from wizard.change import Action, Change, Notice, Plan
from wizard.output.plan_text import GROUPS, SYMBOLS

COLOURS: Mapping[Action, str] = {
    "create": "$text-success",
    "update": "$text-warning",
    "delete": "$text-error",
    "unchanged": MUTED,
}
Entry = Change | Notice


Purpose = Literal["apply", "finish", "take-back", "close"]
"""What Enter does on the page, so that the footer says it."""
_NAMES: dict[Purpose, str] = {"apply": "Apply …", "finish": "Finish", "take-back": "Take back …", "close": "Back"}


class ChangeList(Listing):
    """The plan, one line for each warning and change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", f"enter('{purpose}')", name, id=f"plan.{purpose}") for purpose, name in _NAMES.items()
    ]

    def __init__(self, plan: Plan, purpose: Purpose, at: str = "") -> None:
        """Show this plan; `at`: the id of the change that the cursor begins on."""
        super().__init__(compact=True)
        self._at = at
        self._plan = plan
        self._purpose = purpose
        self._words = ""
        self.entries: list[Entry | None] = []
        """What each line stands for; None for a heading."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the names that Enter has, offer the one that fits."""
        return action != "enter" or parameters == (self._purpose,)

    def action_enter(self, _purpose: Purpose) -> None:
        """Choose the line under the cursor; where there is none, the key belongs to the page."""
        if self.highlighted is None:
            raise SkipAction
        self.action_select()

    def on_mount(self) -> None:
        """Draw the lines, with the cursor on the first warning or change."""
        self.show("")

    @property
    def current(self) -> Entry | None:
        """What is under the cursor."""
        return self.entries[self.highlighted] if self.highlighted is not None else None

    def show(self, words: str) -> None:
        """Show what holds all these words, and keep the cursor where it stands if that is among it."""
        self._words = words
        before = self.current
        self._at = before.id if isinstance(before, Change) else self._at
        self.entries, options = [], []
        for title, entries in _groups(self._plan):
            fitting = [entry for entry in entries if _holds(entry, words)]
            if fitting:
                self.entries += [None, *fitting]
                options.append(Option(Content.styled(title, "bold"), disabled=True))
                options += [Option(_drawn(entry)) for entry in fitting]
        if not options:
            self.entries = [None]
            options = [Option(line(_nothing(words), MUTED), disabled=True)]
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(options)
            found = next((at for at, entry in enumerate(self.entries) if self._stands_at(entry)), 1)
            self.highlighted = found if len(self.entries) > 1 else None

    def _stands_at(self, entry: Entry | None) -> bool:
        return isinstance(entry, Change) and entry.id == self._at

    def take(self, plan: Plan) -> None:
        """Show the same plan with other warnings."""
        self._plan = plan
        self.show(self._words)


def _nothing(words: str) -> str:
    return f"Nothing holds “{words}”. Escape shows all again." if words else "There is nothing in it."


def _groups(plan: Plan) -> Iterator[tuple[str, list[Entry]]]:
    if plan.warnings:
        yield "Warnings", list(plan.warnings)
    for title, kinds in GROUPS.items():
        changes = [change for change in plan.changes if change.kind in kinds]
        if changes:
            yield "GitLab settings" if title == "Settings" else title, list(changes)


def _holds(entry: Entry, words: str) -> bool:
    if isinstance(entry, Notice):
        text = f"warning {entry.code} {entry.message}"
    else:
        held = "held back" if entry.held else ""
        text = f"{entry.action} {held} {entry.id} {entry.target} {entry.summary}"
    return all(word in text.casefold() for word in words.casefold().split())


def _drawn(entry: Entry) -> Content:
    if isinstance(entry, Notice):
        return Content.assemble(("! ", "bold $text-warning"), line(entry.message))
    word = f"{SYMBOLS[entry.action]} {entry.action:<11}"
    held = ("held back  ", "bold $text-error") if entry.held else ""
    style = MUTED if not entry.pending else ""
    return Content.assemble((word, COLOURS[entry.action]), held, line(entry.summary, style))
