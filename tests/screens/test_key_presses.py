"""The demo, from start to a finished apply on recommended answers: real screens, a simulated GitLab, keys counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.beginning import begun
from screens.confirm import ConfirmScreen
from screens.connect import ConnectScreen
from screens.project import ProjectScreen
from screens.result import ResultScreen
from screens.step import StepScreen
from tests.screens.harness import settle
from wizard.commands.invocation import Invocation
from wizard.commands.opening import prepared
from wizard.commands.options import Common
from wizard.errors import Exit
from wizard.output.console import Console

MOST = 15


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WizardApp]:
    """The wizard as `--demo` opens it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("GITLAB_TOKEN", "GITLAB_PRIVATE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with prepared(Invocation(Console(), Common(demo=True)), choose=True) as ready:
        yield WizardApp(begun(ready))


async def test_the_demo_is_set_up_with_at_most_15_key_presses(demo: WizardApp) -> None:
    pressed: list[str] = []
    pages: list[str] = []

    async def press(pilot: Pilot[Any], key: str) -> None:
        pages.append(type(pilot.app.screen).__name__)
        pressed.append(key)
        await pilot.press(key)
        await settle(pilot)

    async with demo.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        while isinstance(demo.screen, ConnectScreen):
            await press(pilot, "enter")
        assert isinstance(demo.screen, ProjectScreen)
        await press(pilot, "enter")
        steps = 0
        while isinstance(demo.screen, StepScreen):
            steps += 1
            await press(pilot, "enter")
        assert pages.count("StepScreen") == steps
        await press(pilot, "enter")
        assert isinstance(demo.screen, ConfirmScreen)
        await press(pilot, "y")
        assert isinstance(demo.screen, ResultScreen)
        await press(pilot, "enter")
    assert demo.return_value is not None
    assert demo.return_value.exit is Exit.DONE
    assert len(pressed) <= MOST, list(zip(pages, pressed, strict=True))
