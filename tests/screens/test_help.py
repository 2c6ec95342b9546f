"""Help, keys and themes: reachable from every page, searched, and as a person prefers them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Markdown
from textual.widgets._footer import FooterKey

from screens.app import WizardApp
from screens.help import HelpIndexScreen, HelpScreen
from screens.review import ReviewScreen
from screens.step import StepScreen
from tests.screens.fakes import FakeBackend, beginning
from tests.screens.harness import flowed, settle
from tests.screens.test_review import reviewing
from wizard.errors import UsageError


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def configured(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.preferring.config_file", lambda: folder / "config.yml")
    (folder / "config.yml").write_text(text)


@pytest.mark.thorough
async def test_help_opens_on_every_page_and_all_pages_can_be_searched() -> None:
    app = WizardApp(beginning(FakeBackend()))
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        seen = set()
        for _ in range(20):
            seen.add(type(app.screen).__name__)
            await press(pilot, "f1")
            assert isinstance(app.screen, HelpScreen)
            await press(pilot, "escape")
            if isinstance(app.screen, ReviewScreen):
                break
            await press(pilot, "ctrl+n" if isinstance(app.screen, StepScreen) else "enter")
        assert seen >= {"ConnectScreen", "ProjectScreen", "StepScreen", "ReviewScreen"}
        await press(pilot, "f1", "slash")
        assert isinstance(app.screen, HelpIndexScreen)
        await press(pilot, *"masked hidden")
        assert "Masked and hidden variables" in flowed(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, HelpScreen)
        assert app.screen.query_one(Markdown).source.startswith("# Masked and hidden variables")
        await press(pilot, "escape")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, "slash", *"qqqq")
        assert "No page holds" in flowed(app)


async def test_a_mention_of_another_page_is_a_link_to_it() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "f1", "slash", *"rotation", "enter")
        shown = app.screen.query_one(Markdown)
        assert "](masking)" in shown.source or "](deploy-token)" in shown.source
        shown.post_message(Markdown.LinkClicked(shown, "deploy-token"))
        await settle(pilot)
        assert app.screen.query_one(Markdown).source.startswith("# Deploy token")


async def test_a_key_can_be_given_to_an_action_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, "version: 1\nkeys: {plan.filter: f4}\ntheme: high-contrast\n", monkeypatch)
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == "high-contrast"
        await press(pilot, "f4")
        assert isinstance(app.screen.focused, Input)


def test_a_bad_file_is_an_error_before_the_first_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, "version: 1\nkeys: {no.such: f4}\n", monkeypatch)
    with pytest.raises(UsageError, match=r"there is no action 'no\.such'"):
        WizardApp(beginning(FakeBackend()))


async def test_the_footer_of_every_page_fits_80_columns() -> None:
    app = WizardApp(beginning(FakeBackend()))
    too_wide = []
    async with app.run_test() as pilot:
        await settle(pilot)
        for _ in range(20):
            ends = [key.region.right for key in app.screen.query(FooterKey)]
            if max(ends) > 80:
                too_wide.append((type(app.screen).__name__, ends))
            if isinstance(app.screen, ReviewScreen):
                break
            await press(pilot, "ctrl+n" if isinstance(app.screen, StepScreen) else "enter")
    assert too_wide == []


@pytest.mark.parametrize("theme", ["high-contrast", "ansi-dark", "ansi-light", "textual-light"])
async def test_the_review_can_be_read_in_every_kind_of_theme(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        app.theme = theme
        await settle(pilot)
        assert "+ create" in flowed(app)
