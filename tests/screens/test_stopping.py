"""How the wizard is stopped: by a failure, by a key, by a signal; before the apply, while it runs, after it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot

from screens.app import WizardApp
from screens.applying import ApplyScreen
from screens.confirm import LeaveScreen
from screens.result import ResultScreen
from tests.screens.fakes import (
    CHANGES,
    FakeBackend,
    beginning,
    fails_at_the_second,
)
from tests.screens.harness import settle, text_of
from tests.screens.test_journey import app_of, outcome, press, reviewing
from wizard.errors import Exit


@dataclass(frozen=True)
class Applying:
    """A wizard whose second change is under way until it is let through."""

    app: WizardApp
    pilot: Pilot[Any]
    gate: threading.Event

    async def let_through(self) -> None:
        self.gate.set()
        await settle(self.pilot)


@asynccontextmanager
async def applying() -> AsyncIterator[Applying]:
    """Agree to the plan, and stand at its second change."""
    gate = threading.Event()
    app = reviewing(FakeBackend(gates={CHANGES[1].id: gate}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("y")
        await pilot.pause()
        assert isinstance(app.screen, ApplyScreen)
        yield Applying(app, pilot, gate)
        await pilot.pause()


async def test_a_failed_apply_says_what_stands_and_ends_with_its_code() -> None:
    app = reviewing(FakeBackend(script=fails_at_the_second))
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "y")
        assert "GitLab: 400 [value is invalid]" in text_of(app)
        assert "· left" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
    assert outcome(app).ending == "failed"
    assert outcome(app).exit is Exit.PARTIAL


async def test_leaving_on_the_last_page_keeps_how_it_ended() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter", "y")
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert outcome(app).exit is Exit.DONE


async def test_stopping_while_applying_waits_for_the_change_under_way() -> None:
    async with applying() as run:
        await run.pilot.press("ctrl+c")
        await run.pilot.pause()
        assert "Stop here?" in text_of(run.app)
        await run.pilot.press("y")
        await run.pilot.pause()
        assert "stopping after the change under way" in text_of(run.app)
        await run.let_through()
        assert isinstance(run.app.screen, ResultScreen)
        await run.pilot.press("enter")
    assert outcome(run.app).ending == "interrupted"
    assert outcome(run.app).exit is Exit.PARTIAL


async def test_a_question_whether_to_stop_gives_way_to_the_result() -> None:
    async with applying() as run:
        await run.pilot.press("escape")
        await run.pilot.pause()
        assert isinstance(run.app.screen, LeaveScreen)
        await run.let_through()
        assert isinstance(run.app.screen, ResultScreen)
        assert not any(isinstance(screen, LeaveScreen) for screen in run.app.screen_stack)


async def test_a_signal_before_the_apply_ends_the_wizard() -> None:
    app = app_of(beginning())
    async with app.run_test() as pilot:
        await settle(pilot)
        app.interrupt()
        await pilot.pause()
    assert outcome(app).ending == "interrupted"
    assert outcome(app).exit is Exit.INTERRUPTED


async def test_a_signal_while_applying_stops_after_the_change_under_way() -> None:
    async with applying() as run:
        run.app.interrupt()
        await run.let_through()
    assert outcome(run.app).ending == "interrupted"
    assert outcome(run.app).exit is Exit.PARTIAL
