"""The whole way: connect, choose, answer, review, confirm, apply, result; and every way out of it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.beginning import Beginning, Outcome
from screens.confirm import ConfirmScreen, ConsentScreen, LeaveScreen, UnseenScreen
from screens.connect import Connected, ConnectScreen
from screens.item import ItemScreen
from screens.project import ProjectScreen
from screens.result import ResultScreen
from screens.review import ReviewScreen
from screens.step import StepScreen
from screens.work import WorkScreen
from tests.screens.fakes import (
    ALLOW,
    BLOCKED,
    EDITED,
    PASSWORD,
    PLAN,
    REGISTRY,
    FakeBackend,
    FakeSecrets,
    beginning,
    plan_of,
)
from tests.screens.harness import flowed, settle, text_of
from wizard.answers import Answers
from wizard.answers_file import draft_of
from wizard.change import Plan
from wizard.errors import Exit, WizardError
from wizard.planning.options import PlanOptions
from wizard.question import Draft
from wizard.secret import Secret
from wizard.target import Target


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def go_on_to_the_project(pilot: Pilot[Any]) -> None:
    """From the first page, once it is connected."""
    await settle(pilot)
    await press(pilot, "enter")


async def take_every_recommended_answer(pilot: Pilot[Any]) -> None:
    """From the first page to the plan."""
    await go_on_to_the_project(pilot)
    await press(pilot, "enter")
    while isinstance(pilot.app.screen, StepScreen):
        await press(pilot, "ctrl+n")


def app_of(begin: Beginning) -> WizardApp:
    return WizardApp(begin)


def reviewing(backend: FakeBackend, **given: Any) -> WizardApp:
    """Return an app whose every question was answered as recommended."""
    app = WizardApp(beginning(backend, **given))
    way = app._journey
    way.draft = way.draft.put("project", "acme/team/app")
    way.connected, way.state, way.here = Connected(backend, backend.connect()), backend.found, "plan"
    return app


def outcome(app: WizardApp) -> Outcome:
    assert app.return_value is not None
    return app.return_value


async def test_a_usual_project_is_set_up_with_the_recommended_answers() -> None:
    backend = FakeBackend()
    app = app_of(beginning(backend))
    async with app.run_test() as pilot:
        await take_every_recommended_answer(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, ConfirmScreen)
        await press(pilot, "y")
        assert isinstance(app.screen, ResultScreen)
        await press(pilot, "enter")
    assert outcome(app).ending == "applied"
    assert outcome(app).exit is Exit.DONE
    plan, secrets, partial = cast("tuple[Plan, dict[str, Secret], bool]", backend.asked("apply"))
    assert plan is PLAN
    assert secrets == {"env:HARBOR_PASSWORD": Secret("s3cr3t-harbor")}
    assert partial is False


async def test_the_answers_file_is_planned_with_what_was_answered() -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
    answers, options, text = cast("tuple[Answers, PlanOptions, str]", backend.asked("plan"))
    assert answers.project == "acme/team/app"
    assert answers.build is not None
    assert options.write_answers
    assert "project: acme/team/app" in text


async def test_an_answers_file_that_nothing_changed_keeps_its_text() -> None:
    document = {
        "project": "acme/team/app",
        "registry": {"target": "gitlab"},
        "build": {"enabled": False},
        "delivery": {"mode": "working-tree"},
    }
    backend = FakeBackend()
    text = "# mine\nversion: 1\n"
    app = reviewing(backend, draft=draft_of(document), answers_text=text)
    async with app.run_test() as pilot:
        await settle(pilot)
    assert cast("tuple[Answers, PlanOptions, str]", backend.asked("plan"))[2] == text


async def test_enter_alone_leads_through_the_questions_to_a_confirmation_that_says_no() -> None:
    app = reviewing(FakeBackend())
    app._journey.here = "step:build"
    async with app.run_test() as pilot:
        await settle(pilot)
        for _ in range(20):
            if isinstance(app.screen, ConfirmScreen):
                break
            await press(pilot, "enter")
        assert isinstance(app.screen, ConfirmScreen)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)


@pytest.mark.parametrize("key", ["enter", "n", "escape"])
async def test_declining_returns_to_the_plan_and_changes_nothing(key: str) -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter", key)
        assert isinstance(app.screen, ReviewScreen)
    assert backend.count("apply") == 0


async def test_back_leads_through_every_page_and_loses_no_answer() -> None:
    app = app_of(beginning())
    async with app.run_test() as pilot:
        await go_on_to_the_project(pilot)
        await press(pilot, "enter", "down", "enter")  # registry: another one
        host = app.screen.focused
        assert host is not None
        await pilot.press(*"harbor.test")
        await press(pilot, "enter", "escape")
        assert isinstance(app.screen, ProjectScreen)
        await press(pilot, "enter")
        assert isinstance(app.screen, StepScreen)
        assert "another registry" in text_of(app)
        assert "harbor.test" in text_of(app)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, ConnectScreen)
        assert "Go on" in text_of(app)  # connected as before, without asking again


async def test_back_from_the_plan_leads_to_the_last_question() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, StepScreen)
        assert "Delivery" in text_of(app)


async def test_the_question_behind_a_change_is_one_key_away() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "down", "e")  # the cleanup policy
        assert isinstance(app.screen, StepScreen)
        assert "Shall GitLab delete old image tags by itself?" in text_of(app)


async def test_leaving_before_the_apply_leaves_no_trace() -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+c")
        assert isinstance(app.screen, LeaveScreen)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)
        await pilot.press("ctrl+c", "y")
        await pilot.pause()
    assert outcome(app) == Outcome("left", Exit.INTERRUPTED, Draft({"project": "acme/team/app"}))
    assert backend.count("apply") == 0


@pytest.mark.parametrize("keys", [("ctrl+q", "ctrl+q"), ("ctrl+c", "ctrl+c"), ("escape", "y")])
async def test_asked_twice_means_yes_on_the_first_page_too(keys: tuple[str, str]) -> None:
    app = app_of(beginning(source=""))
    async with app.run_test() as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
    assert outcome(app).ending == "left"


async def test_nothing_to_do_ends_well_without_a_question() -> None:
    backend = FakeBackend(planned=plan_of(REGISTRY))
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Nothing to do" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
    assert outcome(app).ending == "nothing"
    assert outcome(app).exit is Exit.DONE
    assert backend.count("apply") == 0


async def test_what_is_held_back_is_left_out_after_it_was_said() -> None:
    backend = FakeBackend(planned=plan_of(ALLOW, BLOCKED))
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "1 held back" in text_of(app)
        await press(pilot, "enter")
        assert "Make 1 change" in text_of(app)
        assert "they are left out" in text_of(app)
        await press(pilot, "y")
    assert cast("tuple[Plan, Any, bool]", backend.asked("apply"))[2] is True


async def test_a_plan_that_is_held_back_as_a_whole_cannot_be_applied() -> None:
    app = reviewing(FakeBackend(planned=plan_of(BLOCKED)))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)


async def test_a_file_in_the_way_is_overwritten_only_when_told() -> None:
    backend = FakeBackend(planned=plan_of(EDITED))
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "o")
        assert isinstance(app.screen, ReviewScreen)
    assert cast("tuple[Any, PlanOptions, str]", backend.asked("plan"))[1].overwrite == {"Dockerfile"}


@pytest.mark.parametrize(("typed", "applies"), [("yes", 1), ("y", 0)])
async def test_a_secret_that_has_nothing_to_do_with_the_project_needs_a_typed_yes(typed: str, applies: int) -> None:
    backend = FakeBackend()
    local = FakeSecrets(risks={"env:HARBOR_PASSWORD": "it is an entry of your keyring"})
    app = reviewing(backend, local=local)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter", "y")
        assert isinstance(app.screen, ConsentScreen)
        assert "It is an entry of your keyring" in text_of(app)
        await pilot.press(*typed)
        await press(pilot, "enter")
    assert backend.count("apply") == applies


async def test_a_missing_secret_is_told_before_the_first_write() -> None:
    backend = FakeBackend()
    app = reviewing(backend, local=FakeSecrets(values={}))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter", "y")
        assert "env:HARBOR_PASSWORD is not set" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ReviewScreen)
    assert backend.count("apply") == 0


async def test_each_value_left_to_be_typed_is_asked_for_before_the_first_write() -> None:
    asked = ("ask:variables.A@*", "ask:docker_auth.h.test")
    backend = FakeBackend(planned=plan_of(PASSWORD, secrets=asked))
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter", "y")
        for place, value in (("variables.A@*", "m4rker"), ("docker_auth.h.test", "other")):
            assert isinstance(app.screen, UnseenScreen)
            assert f"Value of {place}" in text_of(app)
            await pilot.press(*value)
            assert value not in app.export_screenshot()
            await press(pilot, "enter")
    _, secrets, _ = cast("tuple[Plan, dict[str, Secret], bool]", backend.asked("apply"))
    assert secrets == dict(zip(asked, (Secret("m4rker"), Secret("other")), strict=True))


async def test_files_for_another_project_are_not_written_into_this_clone() -> None:
    backend = FakeBackend(target=Target("https://gitlab.example.com", None, None, origin_project="acme/other"))
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "this work tree is a clone of acme/other" in flowed(app)


@pytest.mark.parametrize("call", ["discover", "plan"])
async def test_an_error_while_reading_can_be_tried_again(call: str) -> None:
    backend = FakeBackend(fails={call: [WizardError("unreachable", "GitLab did not answer", "Wait, then try again.")]})
    app = app_of(beginning(backend))
    async with app.run_test() as pilot:
        await go_on_to_the_project(pilot)
        await press(pilot, "enter")
        while isinstance(app.screen, StepScreen):
            await press(pilot, "ctrl+n")
        assert isinstance(app.screen, WorkScreen)
        assert "GitLab did not answer" in text_of(app)
        assert "Wait, then try again." in text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, StepScreen | ReviewScreen)


async def test_an_error_while_looking_leads_back_to_the_projects() -> None:
    app = app_of(beginning(FakeBackend(fails={"discover": [WizardError("not-found", "404 Project Not Found")]})))
    async with app.run_test() as pilot:
        await go_on_to_the_project(pilot)
        await press(pilot, "enter", "escape")
        assert isinstance(app.screen, ProjectScreen)


async def test_a_mistake_of_the_program_is_told_without_its_words() -> None:
    app = app_of(beginning(FakeBackend(fails={"discover": [ValueError("s3cr3t")]})))
    async with app.run_test() as pilot:
        await go_on_to_the_project(pilot)
        await press(pilot, "enter")
        assert "a mistake of this program: ValueError in fakes.py" in text_of(app)
        assert "s3cr3t" not in text_of(app)


async def test_an_item_is_added_changed_and_taken_off() -> None:
    app = app_of(beginning())
    async with app.run_test() as pilot:
        await go_on_to_the_project(pilot)
        await press(pilot, "enter", "ctrl+n")
        await press(pilot, "enter")
        assert isinstance(app.screen, ItemScreen)
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, StepScreen)
        assert "platform/base/python:3.14" in text_of(app)
        await press(pilot, "home", "enter", "escape", "home", "delete")
        assert "+ platform/base/python:3.14" in text_of(app)
