"""The first frame stands before anything is worked out; what goes wrong then is told once the terminal is back."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from screens.app import WizardApp
from screens.connect import ConnectScreen
from screens.opening import Opening
from tests.screens.fakes import beginning
from tests.screens.harness import settle, text_of
from wizard.commands.opening import Prepared
from wizard.errors import Exit, UsageError

BEFORE_ANY_PAGE = (
    "import sys, wizard.cli, screens.app\n"
    "late = ('screens.journey', 'wizard.answers', 'wizard.session', 'wizard.gateways', 'gitlab', 'yaml', 'jinja2')\n"
    "print(*(name for name in late if name in sys.modules))\n"
)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is prepared here is what the wizard begins with."""
    monkeypatch.setattr("screens.beginning.begun", lambda ready: ready)


def opening(prepare: Callable[[], Any]) -> tuple[WizardApp, Opening]:
    made = Opening(cast("Callable[[], Prepared]", prepare))
    return WizardApp(opening=made), made


async def test_a_frame_stands_while_the_rest_is_worked_out() -> None:
    gate = threading.Event()

    def prepare() -> object:
        gate.wait(60)
        return beginning()

    app, _ = opening(prepare)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "Registry Wizard" in text_of(app)
        assert "Looking at this repository" in text_of(app)
        gate.set()
        while not isinstance(app.screen, ConnectScreen):
            await pilot.pause(0.01)
        await settle(pilot)
        assert "Looking at this repository" not in text_of(app)


@pytest.mark.parametrize("how", ["left", "interrupted"])
async def test_whoever_leaves_meanwhile_has_changed_nothing(how: str) -> None:
    gate = threading.Event()

    def prepare() -> object:
        gate.wait(60)
        return beginning()

    app, _ = opening(prepare)
    async with app.run_test() as pilot:
        await pilot.pause()
        if how == "left":
            await pilot.press("ctrl+q")
        else:
            app.interrupt()
        await pilot.pause()
        gate.set()
    assert app.return_value is not None
    assert (app.return_value.ending, app.return_value.exit) == (how, Exit.INTERRUPTED)


@pytest.mark.parametrize("error", [UsageError("repo", "this is not a repository"), OSError("no disk")])
async def test_what_goes_wrong_ends_the_wizard_and_is_kept_for_its_caller(error: Exception) -> None:
    def prepare() -> object:
        raise error

    app, made = opening(prepare)
    async with app.run_test() as pilot:
        while app.is_running:
            await pilot.pause(0.01)
    assert app.return_value is None
    assert made.error is error


async def test_preferences_hold_from_the_first_frame_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yml"
    file.write_text("version: 1\ntheme: high-contrast\n")
    monkeypatch.setattr("screens.preferring.config_file", lambda: file)
    app, _ = opening(beginning)
    assert app.theme == "high-contrast"
    file.write_text("version: 1\ntheme: none-such\n")
    with pytest.raises(UsageError, match="none-such"):
        opening(beginning)


def test_nothing_that_the_first_frame_does_not_need_is_imported_before_it() -> None:
    done = subprocess.run([sys.executable, "-c", BEFORE_ANY_PAGE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
