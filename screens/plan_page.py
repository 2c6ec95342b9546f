"""A plan on a page: its warnings and changes as a list that can be searched, and all about the one under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from screens.closing import Result
from screens.content import MUTED, line
from screens.forms.text import Line
from screens.page import Page
from screens.planning import doable
from screens.widgets.change_detail import ChangeDetail
from screens.widgets.change_list import COLOURS, ChangeList, Entry, Purpose
from screens.widgets.top_bar import Trail
from wizard.change import ACTIONS, Change, Plan
from wizard.output.plan_text import SYMBOLS

_REST = 0.04
"""Seconds that the cursor rests on a line before its details are drawn: longer than a held key takes to repeat."""
_WORDS = {"create": "to create", "update": "to update", "delete": "to delete", "unchanged": "unchanged"}


class PlanPage(Page[Result]):
    """Shows a plan. What is done with it is up to the page that is built on this one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Filter", key_display="/", id="plan.filter"),
        Binding("d", "details", "Details", show=False, id="plan.details"),
    ]

    def __init__(self, trail: Trail, plan: Plan, at: Change | None = None) -> None:
        """Show this plan; `at`: the change that the cursor begins on."""
        super().__init__(trail)
        self.plan = plan
        self._at = at
        self._offered: dict[str, bool] = {}
        """The keys that do something for what is explained, and whether they are dimmed."""

    def body(self) -> ComposeResult:
        """Counts, the list, details of what is under the cursor."""
        with Vertical(id="heading"):
            yield Static(self.headline(), classes="title")
            yield Static(self._counts(), classes="counts")
            yield from self.notes()
            yield Line()
        with Container(id="sides"):
            yield ChangeList(self.plan, self.purpose, self._at.id if self._at else "")
            yield ChangeDetail()

    @property
    def purpose(self) -> Purpose:
        """What Enter does."""
        return "close"

    def headline(self) -> Content:
        """Return what this plan is."""
        return Content()

    def notes(self) -> ComposeResult:
        """Yield what else there is to say above the list."""
        yield from ()

    def on_mount(self) -> None:
        """Begin at the first line."""
        search = self.query_one(Line)
        search.placeholder = "show only what holds these words"
        search.display = False
        self._list.focus()
        self._explain(self._list.current)

    @property
    def _list(self) -> ChangeList:
        return self.query_one(ChangeList)

    @property
    def change(self) -> Change | None:
        """The change under the cursor."""
        current = self._list.current
        return current if isinstance(current, Change) else None

    def take(self, plan: Plan) -> None:
        """Show the same plan with other warnings."""
        self.plan = plan
        self._list.take(plan)
        self.query_one(".counts", Static).update(self._counts())
        self._explain(self._list.current)

    def action_search(self) -> None:
        """Open the line that filters the list."""
        search = self.query_one(Line)
        search.display = True
        search.focus()

    def action_details(self) -> None:
        """Give the details the whole page, or part of it again."""
        self._explain(self._list.current)
        self.toggle_class("-zoomed")
        (self.query_one(ChangeDetail) if self.has_class("-zoomed") else self._list).focus()

    def action_back(self) -> None:
        """Leave the details first, then the filter, then the page."""
        if self.has_class("-zoomed"):
            self.action_details()
        elif self.query_one(Line).display:
            self._end_search()
        else:
            super().action_back()

    def _end_search(self) -> None:
        search = self.query_one(Line)
        search.value = ""
        search.display = False
        self._list.focus()

    def confirm(self, agreed: Callable[[], Awaitable[bool]], result: Result) -> None:
        """Ask whether to carry the plan out, unless that is being asked already; close with `result` on a yes."""
        if self.on_top:
            self._ask(agreed, result)

    @work(exclusive=True, group="confirm", description="confirm")
    async def _ask(self, agreed: Callable[[], Awaitable[bool]], result: Result) -> None:
        if await agreed():
            self.dismiss(result)

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._list.show(event.value)
        self._explain(self._list.current)

    @on(Input.Submitted)
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value:
            self._list.focus()
        else:
            self._end_search()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index == 1:
            event.option_list.scroll_home(animate=False)  # the heading above the first line stays in view
        self._rest()

    @work(exclusive=True, group="rest", description="rest before explaining")
    async def _rest(self) -> None:
        await asyncio.sleep(_REST)
        self._explain(self._list.current)

    def _explain(self, entry: Entry | None) -> None:
        self.query_one(ChangeDetail).show(entry)
        offered = {key: active.enabled for key, active in self.active_bindings.items()}
        if offered != self._offered:  # telling it builds the footer anew
            self._offered = offered
            self.refresh_bindings()

    def _counts(self) -> Content:
        return Content("   ").join(_parts(self.plan))


def _parts(plan: Plan) -> Iterator[Content]:
    for name in ACTIONS:
        if plan.counts[name]:
            yield Content.styled(f"{SYMBOLS[name]} {plan.counts[name]} {_WORDS[name]}", COLOURS[name])
    held = len(plan.pending) - len(doable(plan))
    if held:
        yield Content.styled(f"✗ {held} held back", "bold $text-error")
    if plan.warnings:
        noun = "warning" if len(plan.warnings) == 1 else "warnings"
        yield Content.styled(f"! {len(plan.warnings)} {noun}", "bold $text-warning")


def in_project(text: str, plan: Plan) -> Content:
    """Return a headline that names the project."""
    return Content.assemble(text, (" in ", MUTED), line(plan.project))
