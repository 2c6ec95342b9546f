"""After the apply: what is told, and trying again, taking back or stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event as Stop
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.confirm import ConfirmScreen
from screens.result import ResultScreen
from screens.review import ReviewScreen
from screens.take_back import TakeBackScreen
from screens.work import WorkScreen
from tests.screens.fakes import AT, CI_FILE, PROJECT, FakeBackend, fails_at_the_second, plan_of
from tests.screens.harness import flowed, settle
from tests.screens.test_review import reviewing
from wizard.change import Change, Plan
from wizard.errors import Exit, WizardError
from wizard.events import ChangeFailed, ChangeStarted, Event, Finished

pytestmark = pytest.mark.thorough

COMMIT = Change("commit:setup", "commit", "create", PROJECT, "one commit", after={"branch": "registry/setup [x]"})
REQUEST = Change(
    "merge-request:setup@main", "merge-request", "create", PROJECT, "merge request", after={"source_branch": "setup"}
)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def applied(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await press(pilot, "enter", "y")
    assert isinstance(pilot.app.screen, ResultScreen)


def offers(app: WizardApp, action: str) -> bool:
    return bool(app.screen.check_action(action, ()))


async def test_a_failure_quotes_gitlab_and_offers_another_try_and_taking_back() -> None:
    app = reviewing(FakeBackend(script=fails_at_the_second))
    async with app.run_test(size=(80, 50)) as pilot:
        await applied(pilot)
        told = flowed(app)
        assert "GitLab: 400 [value is invalid]" in told
        assert "Look at the value." in told
        assert (offers(app, "retry"), offers(app, "undo")) == (True, True)
        assert "try again: what is left is planned anew" in told
        assert "take back what was made" in told


async def test_another_try_plans_anew_and_is_confirmed_anew() -> None:
    backend = FakeBackend(script=fails_at_the_second)
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await applied(pilot)
        await press(pilot, "r")
        assert isinstance(app.screen, ReviewScreen)
        assert backend.count("plan") == 2
        assert backend.count("apply") == 1


async def test_leaving_after_a_failure_keeps_its_code_wherever_it_happens() -> None:
    app = reviewing(FakeBackend(script=fails_at_the_second))
    async with app.run_test() as pilot:
        await applied(pilot)
        await press(pilot, "r", "ctrl+q")
        assert "What was made stands." in flowed(app)
        await pilot.press("y")
        await pilot.pause()
    assert app.return_value is not None
    assert app.return_value.exit is Exit.PARTIAL


async def test_taking_back_shows_its_plan_and_what_cannot_be_restored_and_asks() -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test(size=(80, 40)) as pilot:
        await applied(pilot)
        await press(pilot, "u")
        assert isinstance(app.screen, TakeBackScreen)
        assert "This is taken back" in flowed(app)
        assert "its previous value is a secret that nobody kept" in flowed(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ConfirmScreen)
        await press(pilot, "enter")  # the answer under the cursor is No
        assert isinstance(app.screen, TakeBackScreen)
        assert backend.count("undo") == 0
        await press(pilot, "enter", "y")
        assert isinstance(app.screen, ResultScreen)
        assert "Taken back: everything is as it was before that apply" in flowed(app)
        assert "take back:" not in flowed(app)
        assert "✓ removed" in flowed(app)
        assert not offers(app, "undo")
        await pilot.press("enter")
        await pilot.pause()
    assert app.return_value is not None
    assert (app.return_value.ending, app.return_value.exit) == ("undone", Exit.DONE)


async def test_declining_or_a_failure_to_look_leads_back_to_the_result() -> None:
    backend = FakeBackend(fails={"undo_plan": [WizardError("unreachable", "GitLab did not answer")]})
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await applied(pilot)
        await press(pilot, "u")
        assert isinstance(app.screen, WorkScreen)
        assert "GitLab did not answer" in flowed(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ResultScreen)
        await press(pilot, "u", "escape")
        assert isinstance(app.screen, ResultScreen)


def stops_at_once(plan: Plan, _: Stop) -> Iterator[Event]:
    """Fail to take the first change back."""
    first = plan.pending[0].id
    yield ChangeStarted(at=AT, id=first)
    yield ChangeFailed(at=AT, id=first, code="moved", message="somebody changed it since", hint="Look at it in GitLab.")
    yield Finished(at=AT, status="failed", exit=1, left=(first,))


async def test_an_undo_that_stops_can_be_tried_again_and_fails_with_its_code() -> None:
    backend = FakeBackend(undo_script=stops_at_once)
    app = reviewing(backend)
    async with app.run_test(size=(80, 40)) as pilot:
        await applied(pilot)
        await press(pilot, "u", "enter", "y")
        assert "somebody changed it since" in flowed(app)
        await press(pilot, "r")
        assert isinstance(app.screen, TakeBackScreen)
        await press(pilot, "escape", "enter")
    assert app.return_value is not None
    assert app.return_value.exit is Exit.FAILED


async def test_nothing_to_take_back_is_said_and_not_offered_again() -> None:
    app = reviewing(FakeBackend(undoing=plan_of()))
    async with app.run_test() as pilot:
        await applied(pilot)
        await press(pilot, "u")
        assert "There is nothing to take back" in flowed(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ResultScreen)


async def test_what_was_already_as_wanted_is_not_offered_for_taking_back() -> None:
    app = reviewing(FakeBackend(planned=plan_of(replace(CI_FILE, diff=None)), script=_stands_already))
    async with app.run_test() as pilot:
        await applied(pilot)
        assert not offers(app, "undo")


def _stands_already(plan: Plan, _: Stop) -> Iterator[Event]:
    yield Finished(at=AT, status="nothing", exit=0)


async def test_the_next_step_after_a_delivery_is_a_link_to_the_merge_request() -> None:
    for changes, link in (
        ((COMMIT, REQUEST), "/-/merge_requests?scope=all&state=opened&source_branch=setup"),
        ((COMMIT,), "/-/merge_requests/new?merge_request%5Bsource_branch%5D=registry%2Fsetup%20%5Bx%5D"),
    ):
        app = reviewing(FakeBackend(planned=plan_of(*changes)))
        async with app.run_test(size=(160, 40)) as pilot:
            await applied(pilot)
            assert f"https://gitlab.example.com/acme/team/app{link}" in "".join(flowed(app).split())
