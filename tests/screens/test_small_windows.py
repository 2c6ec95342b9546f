"""Windows too small for a page, and keys that come at the wrong moment: nothing ends the wizard."""

from __future__ import annotations

import pytest

from screens.palette import Palette
from screens.review import ReviewScreen
from screens.widgets.change_list import ChangeList
from tests.screens.fakes import FakeBackend
from tests.screens.harness import settle
from tests.screens.test_review import reviewing
from tests.screens.test_snapshots import at

pytestmark = pytest.mark.thorough

PAGES = ("connect", "project", "step:registry", "step:pull", "step:build", "step:variables", "step:delivery")
KEYS = ("pagedown", "pageup", "end", "home", "down", "up", "tab", "shift+tab")


@pytest.mark.parametrize("page", PAGES)
async def test_every_key_of_a_list_is_borne_where_the_list_has_no_line(page: str) -> None:
    app = at(page, {})
    async with app.run_test(size=(20, 3)) as pilot:
        await settle(pilot)
        here = app.screen
        await pilot.press(*KEYS)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert app.screen is here
        assert app.is_running


async def test_a_plan_bears_them_too() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test(size=(20, 3)) as pilot:
        await settle(pilot)
        await pilot.press(*KEYS)
        app.screen.query_one(ChangeList).action_page_down()
        assert isinstance(app.screen, ReviewScreen)


async def test_the_palette_bears_them_before_it_found_anything() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test(size=(20, 3)) as pilot:
        await settle(pilot)
        app.action_command_palette()
        for _ in range(3):
            await pilot.press(*KEYS)
        assert isinstance(app.screen, Palette)
        await pilot.press("escape")
