"""While changes are made: how long all of it takes so far, and the one under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from threading import Event as Stop

import pytest

from screens.applying import ApplyScreen
from screens.widgets.change_state import lasting
from screens.widgets.top_bar import Trail
from tests.screens.fakes import AT, CHANGES, plan_of
from tests.screens.harness import Harness, said, settle, text_of
from wizard.events import ChangeDone, ChangeStarted, Event, Finished, Waiting

PLAN = plan_of(*CHANGES[1:4])


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1:00 min"), (3725, "62:05 min")])
def test_a_duration_takes_few_letters(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


async def test_seconds_are_counted_for_all_of_it_and_for_the_change_under_way() -> None:
    now, waiting, gate = [100.0], threading.Event(), threading.Event()

    def begin(_: Stop) -> Iterator[Event]:
        first, second, *_rest = PLAN.pending
        yield ChangeStarted(at=AT, id=first.id)
        yield ChangeDone(at=AT, id=first.id, result="created")
        yield ChangeStarted(at=AT, id=second.id)
        waiting.wait(60)
        yield Waiting(at=AT, seconds=5, reason="HTTP 429")
        gate.wait(60)
        yield Finished(at=AT, status="done", exit=0)

    app = Harness(lambda: ApplyScreen(Trail(), PLAN, begin, lambda: now[0]))
    async with app.run_test(size=(120, 30)) as pilot:
        while "… working" not in text_of(app) or "✓ created" not in text_of(app):
            await pilot.pause(0.01)
        now[0] += 65
        waiting.set()
        while "waiting" not in said(app, ".status"):
            await pilot.pause(0.01)
        assert said(app, ".status") == "1 of 3 · 1:05 min · waiting 5 s: HTTP 429"
        under_way = next(line for line in text_of(app).splitlines() if "… working" in line)
        assert under_way.rstrip().endswith("1:05 min")
        assert "✓ created" in text_of(app)
        gate.set()
        await settle(pilot)
    assert len(app.results) == 1


async def test_a_second_more_is_told_without_any_event() -> None:
    now, gate = [0.0], threading.Event()

    def begin(_: Stop) -> Iterator[Event]:
        yield ChangeStarted(at=AT, id=PLAN.pending[0].id)
        gate.wait(60)
        yield Finished(at=AT, status="done", exit=0)

    app = Harness(lambda: ApplyScreen(Trail(), PLAN, begin, lambda: now[0]))
    async with app.run_test(size=(120, 30)) as pilot:
        while "… working" not in text_of(app):
            await pilot.pause(0.01)
        now[0] = 7
        while "7 s" not in text_of(app):
            await pilot.pause(0.01)
        gate.set()
        await settle(pilot)
