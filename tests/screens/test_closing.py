"""Keys that come faster than pages open and close: no page closes twice, and none takes another with it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from textual import events
from textual.keys import Keys
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.applying import ApplyScreen
from screens.confirm import ConfirmScreen, LeaveScreen
from screens.help import Help, HelpScreen
from screens.palette import Palette
from screens.review import ReviewScreen
from screens.step import StepScreen
from screens.work import WorkScreen
from tests.screens.fakes import FakeBackend, beginning
from tests.screens.harness import Harness, settle
from tests.screens.test_review import reviewing

KEYS = ("enter", "escape", "down", "up", "tab", "shift+tab", "space", "f1", "f2", "ctrl+n", "ctrl+p", "slash",
        "y", "n", "e", "s", "w", "d", "c", "o", "u", "r", "a", "ctrl+r", "backspace")  # fmt: skip
"""Every key that a page or a dialog has, but for those that leave the wizard."""


def burst(app: Any, keys: Sequence[str]) -> None:
    """Press keys as a terminal does that was busy: all of them before the first is looked at."""
    names = {key.value for key in Keys}
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 and key not in names else None))


async def at_the_review(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    assert isinstance(pilot.app.screen, ReviewScreen)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
async def test_no_burst_of_keys_ends_the_wizard(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret is made of it
    app = WizardApp(beginning(FakeBackend()))
    async with app.run_test() as pilot:
        await settle(pilot)
        for _ in range(8):
            burst(app, chance.choices(KEYS, k=chance.randint(2, 12)))
            if chance.random() < 0.5:
                await pilot.pause(chance.choice((0, 0.01, 0.05)))
        await settle(pilot)
        assert len(app.screen_stack) > 1 or app.return_value is not None
    assert app.return_value is None or app.return_value.ending != "failed"


async def test_a_dialog_that_is_answered_twice_closes_once() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await at_the_review(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ConfirmScreen)
        burst(app, ("n", "n", "escape"))
        await settle(pilot)
        assert isinstance(app.screen, ReviewScreen | StepScreen)


async def test_a_plan_is_agreed_to_once(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[object] = []
    mounted = ApplyScreen.on_mount

    def counted(page: ApplyScreen) -> None:
        began.append(page)
        mounted(page)

    monkeypatch.setattr(ApplyScreen, "on_mount", counted)
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await at_the_review(pilot)
        burst(app, ("enter", "enter", "enter"))
        await settle(pilot)
        questions = [screen for screen in app.screen_stack if isinstance(screen, ConfirmScreen)]
        assert len(questions) <= 1
        if not questions:
            await pilot.press("enter")
            await settle(pilot)
        burst(app, ("y", "y", "enter"))
        await settle(pilot)
    assert len(began) == 1


async def test_a_page_that_ends_by_itself_takes_along_what_lies_above_it() -> None:
    """Else the question whether to leave would be closed in its place, and the page would stay."""
    app = Harness(lambda: ConfirmScreen("Go on?", yes="Yes", no="No"))
    asked: list[bool | None] = []
    async with app.run_test() as pilot:
        await settle(pilot)
        page = app.screen
        assert isinstance(page, ConfirmScreen)
        app.push_screen(LeaveScreen("Leave?", yes="Yes", no="No"), asked.append)
        app.push_screen(HelpScreen(Help("Help", "")))
        await settle(pilot)
        page.dismiss(True)
        await settle(pilot)
        assert len(app.screen_stack) == 1
    assert app.results == [True]
    assert asked == [None]


async def test_an_action_from_the_palette_is_of_no_effect_once_its_page_is_gone() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await at_the_review(pilot)
        page = app.screen
        commands = {command.title: command.callback for command in app.get_system_commands(page)}
        await pilot.press("escape")
        await settle(pilot)
        assert page not in app.screen_stack
        back = commands["Back"]()
        if back is not None:
            await back
        await settle(pilot)
        assert isinstance(app.screen, StepScreen)


async def test_what_is_asked_at_the_palette_is_asked_once() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await at_the_review(pilot)
        burst(app, ("ctrl+p", "ctrl+p", "ctrl+p"))
        await settle(pilot)
        assert sum(isinstance(screen, Palette) for screen in app.screen_stack) == 1


async def test_work_that_ends_while_somebody_thinks_about_leaving_goes_on() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await at_the_review(pilot)
        await pilot.press("ctrl+c")
        await settle(pilot)
        assert isinstance(app.screen, LeaveScreen)
        assert not any(isinstance(screen, WorkScreen) for screen in app.screen_stack)
        burst(app, ("n", "escape", "escape"))
        await settle(pilot)
        assert not isinstance(app.screen, LeaveScreen)
