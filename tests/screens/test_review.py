"""The review: filter, details, GitLab's verdict, back and forth to an answer, saving, copying, the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from screens.app import WizardApp
from screens.connect import Connected
from screens.review import ReviewScreen
from screens.save_plan import SavePlanScreen
from screens.step import StepScreen
from screens.widgets.change_list import ChangeList
from screens.without_wizard import WithoutWizardScreen
from screens.work import WorkScreen
from tests.screens.fakes import CHANGES, PLAN, POLICY, REGISTRY, FakeBackend, beginning, plan_of
from tests.screens.harness import flowed, said, settle, text_of
from wizard.change import Change
from wizard.errors import WizardError
from wizard.lint import Verdict


def reviewing(backend: FakeBackend, **given: Any) -> WizardApp:
    """Return an app whose every question was answered as recommended."""
    app = WizardApp(beginning(backend, **given))
    way = app._journey
    way.draft = way.draft.put("project", "acme/team/app")
    way.connected, way.state, way.here = Connected(backend, backend.connect()), backend.found, "plan"
    return app


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


def ids(app: WizardApp) -> list[str]:
    return [entry.id for entry in app.screen.query_one(ChangeList).entries if isinstance(entry, Change)]


async def test_the_list_shows_only_what_holds_the_words_and_all_again_after_escape() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"variable create")
        assert ids(app) == ["variable:DOCKER_AUTH_CONFIG@*"]
        assert "DOCKER_AUTH_CONFIG (masked): the runner" in flowed(app)
        await press(pilot, *"zzz")
        assert ids(app) == []
        assert "Nothing holds" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ReviewScreen)
        assert sorted(ids(app)) == sorted(change.id for change in CHANGES)


async def test_letters_are_keys_again_once_the_search_is_entered() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"cleanup", "enter")
        assert ids(app) == [POLICY.id]
        await press(pilot, "e")
        assert isinstance(app.screen, StepScreen)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict("valid"), "✓ GitLab finds the pipeline valid"),
        (Verdict("valid", warnings=("jobs may run twice",)), "and warns: jobs may run twice"),
        (Verdict("unknown", why="403 Forbidden"), "· GitLab did not judge the pipeline: 403 Forbidden"),
        (Verdict("invalid", ("jobs:a [needs] b",)), "✗ GitLab would refuse the pipeline"),
    ],
)
async def test_gitlabs_own_verdict_is_told(verdict: Verdict, told: str) -> None:
    app = reviewing(FakeBackend(judged=verdict))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert told in said(app, ".verdict")
        first_warning = "GitLab would refuse the pipeline as it will be: jobs:a [needs] b"
        assert (first_warning in flowed(app)) is (verdict.state == "invalid")


async def test_without_a_pipeline_there_is_no_verdict_and_a_failure_to_get_one_stops_nothing() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        assert not app.screen.query_one(".verdict", Static).display
    app = reviewing(FakeBackend(fails={"lint": [ValueError("s3cr3t")]}))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "did not judge the pipeline: ValueError" in said(app, ".verdict")
        assert "s3cr3t" not in text_of(app)


async def test_changing_an_answer_leads_back_to_the_change_that_it_caused() -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"cleanup", "enter", "e")
        assert isinstance(app.screen, StepScreen)
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, ReviewScreen)
        assert app.screen.change is not None
        assert app.screen.change.id == POLICY.id
        await press(pilot, "escape")
        assert isinstance(app.screen, StepScreen)
        assert "Delivery" in text_of(app)  # from here on the way is the usual one again


async def test_an_error_after_an_edit_leads_back_to_the_questions() -> None:
    backend = FakeBackend()
    app = reviewing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "down", "e")
        backend.fails["plan"] = [WizardError("unreachable", "GitLab did not answer")]
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, WorkScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, StepScreen)


async def test_the_plan_is_saved_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = reviewing(FakeBackend())
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "s", "enter")
        assert isinstance(app.screen, ReviewScreen)
        assert "registry-wizard apply plan.json" in flowed(app)
    file = tmp_path / "plan.json"
    assert json.loads(file.read_text())["fingerprint"] == PLAN.fingerprint
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_is_there_is_replaced_only_on_a_second_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "plan.json"
    file.write_text("mine")
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "s", "enter")
        assert "plan.json is there already" in flowed(app)
        assert file.read_text() == "mine"
        await press(pilot, "enter")
        assert isinstance(app.screen, ReviewScreen)
    assert json.loads(file.read_text())["format"] == 1


async def test_why_a_plan_cannot_be_saved_is_told_in_the_dialog(tmp_path: Path) -> None:
    asking = Change("variable:A@*", "variable", "create", "acme/team/app", "A", inputs={"value": "ask:variables.A@*"})
    app = reviewing(FakeBackend(planned=plan_of(asking, secrets=("ask:variables.A@*",))))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "s", *["backspace"] * 20, *str(tmp_path / "p.json"), "enter")
        assert isinstance(app.screen, SavePlanScreen)
        assert "cannot be saved" in flowed(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ReviewScreen)
    assert not (tmp_path / "p.json").exists()


async def test_the_plan_is_copied_as_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "c")
    assert app.clipboard.startswith("# Plan for acme/team/app")
    assert "s3cr3t-harbor" not in app.clipboard


async def test_the_command_line_that_does_the_same_can_be_read_and_copied() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "w")
        assert isinstance(app.screen, WithoutWizardScreen)
        assert "registry-wizard apply --yes --set project=acme/team/app" in flowed(app)
        await press(pilot, "c", "escape")
        assert isinstance(app.screen, ReviewScreen)
    assert "registry-wizard plan --set" in app.clipboard


async def test_every_action_of_the_page_is_in_the_palette() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down")  # from the warning to a change
        offered = {command.title for command in app.get_system_commands(app.screen)}
    assert offered >= {"Help", "Theme", "Keys", "Quit", "Back", "Filter", "Details", "Edit answer", "Save the plan",
                       "Copy as Markdown", "Without the wizard"}  # fmt: skip


async def test_the_palette_does_what_the_key_does() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"without the")
        await pilot.pause(0.3)
        await press(pilot, "enter")
        await settle(pilot)
        assert isinstance(app.screen, WithoutWizardScreen)


async def test_details_take_the_page_and_escape_gives_it_back() -> None:
    app = reviewing(FakeBackend())
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "d")
        assert app.screen.has_class("-zoomed")
        await press(pilot, "escape")
        assert not app.screen.has_class("-zoomed")
        assert isinstance(app.screen, ReviewScreen)


async def test_a_plan_without_a_single_change_says_so() -> None:
    for planned, told in ((plan_of(), "There is nothing in it."), (plan_of(REGISTRY), "container registry: on")):
        app = reviewing(FakeBackend(planned=planned))
        async with app.run_test() as pilot:
            await settle(pilot)
            assert "Nothing to do: all is as wanted" in text_of(app)
            assert told in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_text_from_outside_shows_as_it_is(size: tuple[int, int]) -> None:
    odd = Change(
        "variable:[b]@*", "variable", "create", "acme/team/app", "[red]x[/red] \x1b[31m 表 עברית", step="variables"
    )
    app = reviewing(FakeBackend(planned=plan_of(odd)))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "[red]x[/red] \\x1b[31m" in flowed(app)
        assert "variable:[b]@*" in flowed(app)
