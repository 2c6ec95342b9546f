"""How the wizard is stopped: by a failure, by a key, by a signal; before the apply, while it runs, after it."""

from __future__ import annotations

import threading

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
    gate = threading.Event()
    backend = FakeBackend(gates={CHANGES[1].id: gate})
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("y")
        await pilot.pause()
        assert isinstance(app.screen, ApplyScreen)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert "Stop here?" in text_of(app)
        await pilot.press("y")
        await pilot.pause()
        assert "stopping after the change under way" in text_of(app)
        gate.set()
        await settle(pilot)
        assert isinstance(app.screen, ResultScreen)
        await pilot.press("enter")
        await pilot.pause()
    assert outcome(app).ending == "interrupted"
    assert outcome(app).exit is Exit.PARTIAL


async def test_a_question_whether_to_stop_gives_way_to_the_result() -> None:
    gate = threading.Event()
    app = reviewing(FakeBackend(gates={CHANGES[1].id: gate}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("y")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, LeaveScreen)
        gate.set()
        await settle(pilot)
        assert isinstance(app.screen, ResultScreen)
        assert not any(isinstance(screen, LeaveScreen) for screen in app.screen_stack)


async def test_a_signal_before_the_apply_ends_the_wizard() -> None:
    app = app_of(beginning())
    async with app.run_test() as pilot:
        await settle(pilot)
        app.interrupt()
        await pilot.pause()
    assert outcome(app).ending == "interrupted"
    assert outcome(app).exit is Exit.INTERRUPTED


async def test_a_signal_while_applying_stops_after_the_change_under_way() -> None:
    gate = threading.Event()
    app = reviewing(FakeBackend(gates={CHANGES[1].id: gate}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.press("y")
        await pilot.pause()
        app.interrupt()
        gate.set()
        await settle(pilot)
        await pilot.pause()
    assert outcome(app).ending == "interrupted"
    assert outcome(app).exit is Exit.PARTIAL
