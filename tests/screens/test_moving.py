"""The cursor in a long plan: moving it costs little, and what is told is never of another line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.screen import Screen

from screens.app import WizardApp
from screens.take_back import TakeBackScreen
from screens.widgets.change_detail import ChangeDetail
from screens.widgets.change_list import ChangeList
from tests.screens.fakes import EDITED, POLICY, REGISTRY, FakeBackend, plan_of
from tests.screens.harness import flowed, settle, text_of
from tests.screens.test_review import press, reviewing
from wizard.change import Change

pytestmark = pytest.mark.thorough


def counted(monkeypatch: pytest.MonkeyPatch, owner: type[Any], name: str) -> list[Any]:
    """Return what a method is called with from now on; it still does its work."""
    calls: list[Any] = []
    method: Callable[..., None] = getattr(owner, name)

    def called(self: Any, *given: Any) -> None:
        calls.append(given)
        method(self, *given)

    monkeypatch.setattr(owner, name, called)
    return calls


async def test_details_are_drawn_only_where_a_held_key_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        changes, drawn = app.screen.query_one(ChangeList), counted(monkeypatch, ChangeDetail, "show")
        for _ in range(4):
            changes.action_cursor_down()
        await settle(pilot)
        assert drawn == [(changes.current,)]
        assert isinstance(changes.current, Change)
        assert changes.current.id in flowed(app)


async def test_details_that_are_given_the_whole_page_are_those_under_the_cursor() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        changes = app.screen.query_one(ChangeList)
        changes.action_cursor_down()
        await pilot.press("d")
        assert isinstance(changes.current, Change)
        assert changes.current.id in flowed(app)


async def test_the_footer_is_built_anew_only_where_other_keys_have_a_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    app = reviewing(FakeBackend(planned=plan_of(REGISTRY, POLICY, EDITED)))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "up")
        built = counted(monkeypatch, Screen, "refresh_bindings")
        await press(pilot, "down")
        assert not built
        await press(pilot, "down")
        assert len(built) == 1
        assert "Overwrite" in flowed(app)


async def test_enter_is_named_after_what_it_does() -> None:
    for plan, name in ((plan_of(POLICY), "Apply …"), (plan_of(REGISTRY), "Finish"), (plan_of(), "Finish")):
        app = reviewing(FakeBackend(planned=plan))
        async with app.run_test() as pilot:
            await settle(pilot)
            assert name in footer(app)
            assert ("Apply" in footer(app)) == ("Apply" in name)


async def test_enter_is_named_after_what_it_does_where_changes_are_taken_back() -> None:
    for plan, name in ((plan_of(POLICY), "Take back …"), (plan_of(), "Back")):
        app = reviewing(FakeBackend(undoing=plan))
        async with app.run_test() as pilot:
            await settle(pilot)
            await press(pilot, "enter", "y")
            await settle(pilot)
            await press(pilot, "u")
            assert isinstance(app.screen, TakeBackScreen)
            assert f"⏎ {name}" in footer(app)
            assert "Apply" not in footer(app)


def footer(app: WizardApp) -> str:
    return text_of(app).rstrip().split("\n")[-1]
