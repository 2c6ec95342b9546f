"""The keys at the foot of a page: those that can be pressed now, mounted anew only where they are others."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button
from textual.widgets._footer import FooterKey

from screens.widgets.keys import Keys
from tests.screens.harness import Harness, settle


class Adding(Button):
    """A button with a key of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "press", "Add")]


class Buttons(Screen[None]):
    """Two buttons that are alike, and one that is not."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "save", "Save")]
    may_save = True

    def compose(self) -> ComposeResult:
        yield Button("One")
        yield Button("Two")
        yield Adding("Three")
        yield Keys()

    def action_save(self) -> None:
        self.may_save = False
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # as the base class declares it
        return action != "save" or self.may_save or None


def shown(pilot: Pilot[None]) -> list[FooterKey]:
    return list(pilot.app.screen.query(FooterKey))


def words(pilot: Pilot[None]) -> set[str]:
    return {
        f"{found.key_display} {found.description}" + " (off)" * found.has_class("-disabled") for found in shown(pilot)
    }


async def test_they_stay_while_the_focus_moves_among_widgets_with_the_same_keys() -> None:
    async with Harness(Buttons).run_test() as pilot:
        await settle(pilot)
        first = shown(pilot)
        assert "s Save" in words(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert shown(pilot) == first


async def test_they_follow_the_focus_to_a_widget_with_a_key_of_its_own() -> None:
    async with Harness(Buttons).run_test() as pilot:
        await settle(pilot)
        assert "a Add" not in words(pilot)
        await pilot.press("tab", "tab")
        await settle(pilot)
        assert {"a Add", "s Save"} <= words(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert "a Add" not in words(pilot)


async def test_they_tell_of_one_that_does_nothing_any_more() -> None:
    async with Harness(Buttons).run_test() as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "s Save (off)" in words(pilot)
