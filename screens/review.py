"""Every change that would be made, before any is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from screens.content import MUTED, line
from screens.help import Help
from screens.page import Page
from screens.widgets.change_detail import ChangeDetail
from screens.widgets.change_list import COLOURS, ChangeList
from screens.widgets.top_bar import Trail
from wizard.change import ACTIONS, Change, Plan
from wizard.output.plan_text import SYMBOLS

_INTRO = (
    "Nothing has been changed yet. These are exactly the changes that will be made, in groups; what is marked = is as "
    "wanted already. Applying asks once more."
)
_KEYS = (
    "Enter goes on to the confirmation. E goes back to the question behind the change under the cursor. D shows its "
    "details alone, Tab scrolls them. O allows to write a file that stands in the way, where that is possible."
)
_REPLACEABLE = ("file-edited", "file-not-ours")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the plan: apply it, change an answer, or plan again with a permission for one file."""

    what: Literal["apply", "finish", "edit", "overwrite", "allow-dirty"]
    change: Change | None = None


class ReviewScreen(Page[Decision]):
    """Shows the plan."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Apply …", id="review.go-on"),
        Binding("e", "edit", "Change answer", id="review.edit"),
        Binding("d", "details", "Details", id="review.details"),
        Binding("o", "overwrite", "Overwrite", id="review.overwrite"),
    ]

    def __init__(self, trail: Trail, plan: Plan, agreed: Callable[[], Awaitable[bool]]) -> None:
        """Show this plan; `agreed` asks whether to apply it."""
        super().__init__(trail)
        self._plan = plan
        self._agreed = agreed

    def body(self) -> ComposeResult:
        """Counts, the list, details of what is under the cursor."""
        with Vertical(id="heading"):
            yield Static(_headline(self._plan), classes="title")
            yield Static(_counts(self._plan), classes="counts")
        with Container(id="sides"):
            yield ChangeList(self._plan)
            yield ChangeDetail()

    def help(self) -> Help:
        """Return how to read the plan."""
        return Help("Review", _INTRO, "Keys", _KEYS, topic="plan")

    def on_mount(self) -> None:
        """Begin at the first line."""
        self.query_one(ChangeList).focus()

    @property
    def _change(self) -> Change | None:
        current = self.query_one(ChangeList).current
        return current if isinstance(current, Change) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what fits the plan and the change under the cursor."""
        if not self.is_mounted:
            return True
        if action == "overwrite":
            return self._permission() is not None
        if action == "edit":
            return True if self._change and self._change.step else None
        if action == "go_on" and self._plan.pending and not doable(self._plan):
            return None
        return super().check_action(action, parameters)

    def action_go_on(self) -> None:
        """Go on to the confirmation, or to the end where there is nothing to do."""
        if self._plan.pending:
            self._confirm()
        else:
            self.dismiss(Decision("finish"))

    @work(exclusive=True, group="confirm", description="confirm")
    async def _confirm(self) -> None:
        if await self._agreed():
            self.dismiss(Decision("apply"))

    def action_edit(self) -> None:
        """Go back to the question behind the change."""
        self.dismiss(Decision("edit", self._change))

    def action_overwrite(self) -> None:
        """Allow the file under the cursor to be written."""
        permission = self._permission()
        if permission is not None:
            self.dismiss(permission)

    def action_details(self) -> None:
        """Give the details the whole page, or part of it again."""
        self.toggle_class("-zoomed")
        (self.query_one(ChangeDetail) if self.has_class("-zoomed") else self.query_one(ChangeList)).focus()

    def action_back(self) -> None:
        """Leave the details first, then the page."""
        if self.has_class("-zoomed"):
            self.action_details()
        else:
            self.dismiss(None)

    def _permission(self) -> Decision | None:
        conflict = self._change.conflict if self._change else None
        if conflict is None or self._change is None or self._change.kind != "file":
            return None
        if conflict.code in _REPLACEABLE:
            return Decision("overwrite", self._change)
        return Decision("allow-dirty", self._change) if conflict.code == "uncommitted" else None

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index == 1:
            event.option_list.scroll_home(animate=False)  # the heading above the first line stays in view
        self.query_one(ChangeDetail).show(self.query_one(ChangeList).current)
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.check_action("go_on", ()):
            self.action_go_on()


def doable(plan: Plan) -> tuple[Change, ...]:
    """Return the changes that nothing holds back."""
    return tuple(change for change in plan.pending if not change.held)


def _headline(plan: Plan) -> Content:
    text = "These changes will be made" if plan.pending else "Nothing to do: all is as wanted"
    return Content.assemble(text, (" in ", MUTED), line(plan.project))


def _counts(plan: Plan) -> Content:
    parts = [Content.styled(f"{SYMBOLS[name]} {plan.counts[name]} {_WORDS[name]}", COLOURS[name]) for name in ACTIONS
             if plan.counts[name]]  # fmt: skip
    held = len(plan.pending) - len(doable(plan))
    if held:
        parts.append(Content.styled(f"✗ {held} held back", "bold $text-error"))
    if plan.warnings:
        noun = "warning" if len(plan.warnings) == 1 else "warnings"
        parts.append(Content.styled(f"! {len(plan.warnings)} {noun}", "bold $text-warning"))
    return Content("   ").join(parts)


_WORDS = {"create": "to create", "update": "to update", "delete": "to delete", "unchanged": "unchanged"}
