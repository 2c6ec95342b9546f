"""Leaving and coming back: answers are kept as they are given, offered once, and forgotten when they have served."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.project import ProjectScreen
from screens.result import ResultScreen
from screens.resuming import ResumeScreen
from screens.step import StepScreen
from screens.widgets.questionnaire import Questionnaire
from tests.screens.fakes import PROJECT, URL, FakeBackend, beginning, fails_at_the_second
from tests.screens.harness import flowed, settle
from wizard.kept_answers import Kept, KeptAnswers
from wizard.question import Draft
from wizard.secret import Secret
from wizard.target import Target

pytestmark = pytest.mark.thorough

AT = datetime(2026, 11, 22, 21, 14, tzinfo=UTC)
EARLIER = Draft({"project": PROJECT, "registry": {"target": "external", "external": {"host": "harbor.test"}}})


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return KeptAnswers(URL, tmp_path)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def chosen(pilot: Pilot[Any]) -> None:
    """Go as far as the project is chosen."""
    await settle(pilot)
    while not isinstance(pilot.app.screen, ProjectScreen):
        await press(pilot, "enter")
    await press(pilot, "enter")


async def test_answers_lie_on_the_disk_before_the_next_key_so_that_a_kill_loses_none(kept: KeptAnswers) -> None:
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        assert kept.find(PROJECT) is None  # nothing was answered yet
        await press(pilot, "down", "enter")  # the registry: another one
        found = kept.find(PROJECT)
    assert found is not None
    assert found.draft.get("registry.target") == "external"


async def test_the_next_start_asks_once_and_shows_what_differs(kept: KeptAnswers) -> None:
    kept.keep(PROJECT, EARLIER, AT)
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        assert isinstance(app.screen, ResumeScreen)
        told = flowed(app)
        assert "2026-11-22 21:14 UTC" in told
        assert "registry: not given" in told
        await press(pilot, "enter")
        assert isinstance(app.screen, StepScreen)
        assert app.screen.query_one(Questionnaire).known.draft == EARLIER
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, StepScreen)  # it is not asked again


async def test_beginning_anew_forgets_them(kept: KeptAnswers) -> None:
    kept.keep(PROJECT, EARLIER, AT)
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, StepScreen)
        assert app.screen.query_one(Questionnaire).known.draft.get("registry") is None
    assert kept.find(PROJECT) is None


async def test_back_from_the_question_leads_to_the_projects_and_loses_nothing(kept: KeptAnswers) -> None:
    kept.keep(PROJECT, EARLIER, AT)
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, ProjectScreen)
    assert kept.find(PROJECT) == Kept(EARLIER, AT)


async def test_answers_that_are_the_same_are_no_question(kept: KeptAnswers) -> None:
    kept.keep(PROJECT, Draft({"project": PROJECT}), AT)
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        assert isinstance(app.screen, StepScreen)


async def test_leaving_says_that_they_are_kept_and_a_signal_keeps_them_too(kept: KeptAnswers) -> None:
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "down", "enter", "ctrl+c")
        assert "Your answers are kept for the next start." in flowed(app)
        await press(pilot, "escape")
        app.interrupt()
        await pilot.pause()
    assert app.return_value is not None
    assert app.return_value.kept
    assert kept.find(PROJECT) is not None


@pytest.mark.parametrize(("script", "left"), [(None, False), (fails_at_the_second, True)])
async def test_they_are_forgotten_after_a_finished_apply_alone(kept: KeptAnswers, script: Any, left: bool) -> None:
    kept.keep(PROJECT, Draft({"project": PROJECT, "registry": {"visibility": "private"}}), AT)
    backend = FakeBackend(script=script) if script else FakeBackend()
    app = WizardApp(beginning(backend, kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "enter")
        while isinstance(app.screen, StepScreen):
            await press(pilot, "ctrl+n")
        assert kept.find(PROJECT) is not None
        await press(pilot, "enter", "y")
        assert isinstance(app.screen, ResultScreen)
    assert (kept.find(PROJECT) is not None) is left


async def test_a_place_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder belongs")
    app = WizardApp(beginning(kept=KeptAnswers(URL, tmp_path / "state")))
    async with app.run_test(notifications=True, size=(120, 40)) as pilot:
        await chosen(pilot)
        await press(pilot, "down", "enter")
        assert "cannot be kept in" in flowed(app)
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, StepScreen)
    assert app.return_value is None


async def test_a_typed_secret_never_reaches_the_disk(kept: KeptAnswers) -> None:
    draft = Draft({"docker_auth": [{"host": "harbor.test", "username": "bot", "password": Secret("m4rker")}]})
    app = WizardApp(beginning(kept=kept, draft=draft))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "down", "enter")
    found = kept.find(PROJECT)
    assert found is not None
    assert found.draft.get("docker_auth")[0]["password"] == "ask"


async def test_an_answer_is_kept_however_its_question_is_left(kept: KeptAnswers) -> None:
    app = WizardApp(beginning(kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        await press(pilot, "down", "tab")
        found = kept.find(PROJECT)
    assert found is not None
    assert found.draft.get("registry.target") == "external"


async def test_without_a_clone_files_go_by_a_merge_request_and_that_is_no_answer_to_keep(kept: KeptAnswers) -> None:
    app = WizardApp(beginning(FakeBackend(target=Target(URL, None, None)), kept=kept))
    async with app.run_test() as pilot:
        await chosen(pilot)
        assert isinstance(app.screen, StepScreen)
        assert app.screen.query_one(Questionnaire).known.draft.get("delivery.mode") == "merge-request"
        assert kept.find(PROJECT) is None
