"""What taking the last apply back would do, before it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from screens.help import Help
from screens.plan_page import PlanPage, in_project
from screens.widgets.change_list import Purpose
from screens.widgets.top_bar import Trail
from wizard.change import Plan

_INTRO = (
    "The newest change is taken back first. What was created is removed only if it is still as it was made; what was "
    "updated gets its previous value. Warnings name what cannot be restored; it stays as it is."
)


class TakeBackScreen(PlanPage[bool]):
    """Shows an undo's plan; closes with True once it was agreed to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Take back …", id="take-back.go-on"),
        Binding("enter", "close", "Back", id="take-back.close"),
    ]

    def __init__(self, trail: Trail, plan: Plan, agreed: Callable[[], Awaitable[bool]]) -> None:
        """Show this plan; `agreed` asks whether to carry it out."""
        super().__init__(trail, plan)
        self._agreed = agreed

    @property
    def purpose(self) -> Purpose:
        """Go on to the confirmation, where there is anything to confirm."""
        return "take-back" if self.plan.pending else "close"

    def headline(self) -> Content:
        """Say that this is an undo."""
        return in_project("This is taken back" if self.plan.pending else "There is nothing to take back", self.plan)

    def help(self) -> Help:
        """Return what an undo can do."""
        return Help("Take back", _INTRO, topic="undo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take back only where there is something."""
        if action in ("go_on", "close"):
            return bool(self.plan.pending) == (action == "go_on")
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Go back: there is nothing to take back."""
        self.dismiss(None)

    def action_go_on(self) -> None:
        """Go on to the confirmation."""
        self.confirm(self._agreed, True)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.plan.pending:
            self.action_go_on()
        else:
            self.action_close()
