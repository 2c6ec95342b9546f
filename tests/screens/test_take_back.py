"""Taking back in the wizard that applied: what it read is still in its memory, so that even secrets come back."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from textual.pilot import Pilot

from screens.confirm import ConfirmScreen
from screens.result import ResultScreen
from screens.take_back import TakeBackScreen
from tests.screens.demo_run import DemoRun, demo_run
from tests.screens.harness import flowed
from tests.screens.test_personas import SHOP, Fingers
from wizard.answers import FILE

pytestmark = pytest.mark.thorough

BEFORE = "m4rker-before"
AFTER = "m4rker-after"
ANSWERS = f"""\
version: 1
project: {SHOP}
variables:
- key: SHOP_TOKEN
  value: env:SHOP_TOKEN
  hidden: false
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo, with a masked variable that the answers give another value."""
    monkeypatch.setenv("SHOP_TOKEN", AFTER)
    world = yaml.safe_load(files("assets").joinpath("worlds", "demo.yml").read_text())
    shop = next(project for project in world["projects"] if project["path"] == SHOP)
    shop["variables"].append({"key": "SHOP_TOKEN", "value": BEFORE, "masked": True})
    shop["files"][FILE] = ANSWERS
    file = tmp_path / "world.yml"
    file.write_text(yaml.safe_dump(world))
    return file


def value(run: DemoRun) -> str:
    return next(str(found["value"]) for found in run.project(SHOP)["variables"] if found["key"] == "SHOP_TOKEN")


async def applied(run: DemoRun, pilot: Pilot[Any]) -> Fingers:
    """Go through all pages and agree to everything; return the fingers that did it."""
    fingers = Fingers(pilot)
    await fingers.to_the_questions()
    await fingers.to_the_review()
    await fingers.press("enter")
    while isinstance(run.app.screen, ConfirmScreen):
        await fingers.press("y")
    assert isinstance(run.app.screen, ResultScreen), flowed(run.app)
    assert value(run) == AFTER
    return fingers


async def test_a_masked_value_that_was_replaced_is_brought_back(tmp_path: Path, world: Path) -> None:
    with demo_run(tmp_path, world=world) as run:
        async with run.app.run_test(size=(120, 50)) as pilot:
            fingers = await applied(run, pilot)
            await fingers.press("u")
            assert isinstance(run.app.screen, TakeBackScreen)
            assert "SHOP_TOKEN@*: its previous value" not in flowed(run.app)
            await fingers.press("enter", "y")
            assert isinstance(run.app.screen, ResultScreen)
            assert value(run) == BEFORE
            assert BEFORE not in run.app.export_screenshot()


async def test_what_was_read_outlasts_another_log_in(tmp_path: Path, world: Path) -> None:
    with demo_run(tmp_path, world=world) as run:
        async with run.app.run_test(size=(120, 50)) as pilot:
            fingers = await applied(run, pilot)
            way = run.app._journey
            assert way.connected is not None
            way.connected = replace(way.connected, backend=way.beginning.connect(None))
            await fingers.press("u", "enter", "y")
            assert isinstance(run.app.screen, ResultScreen)
            assert value(run) == BEFORE
