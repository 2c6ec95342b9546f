"""Four people on the demo, by keys alone: the real pages, the real core, over HTTP to the simulated GitLab."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from textual.pilot import Pilot
from textual.widgets import Input

from screens.beginning import Outcome
from screens.confirm import ConfirmScreen
from screens.connect import ConnectScreen
from screens.forms.form import Form
from screens.project import ProjectScreen
from screens.result import ResultScreen
from screens.review import ReviewScreen
from screens.step import StepScreen
from tests.screens.demo_run import DemoRun, demo_run
from tests.screens.harness import flowed, settle
from wizard.change import Change
from wizard.errors import Exit

pytestmark = pytest.mark.thorough

SHOP = "tidewater/shop/storefront"
BASE = "tidewater/platform/base-images"
EXTERNAL = {"host": "harbor.tidewater.example", "repository": "shop/storefront", "username": "robot"}
MARKER = "m4rker-of-the-robot"


class Fingers:
    """Presses keys, counts them and waits for what comes of each."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self._pilot = pilot
        self.presses = 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.presses += 1
            await self._pilot.press(key)
            await settle(self._pilot)

    async def go_to(self, key: str) -> None:
        """Go to a question of the page."""
        while next(form.asked.key for form in self._pilot.app.screen.query(Form) if form.has_focus_within) != key:
            await self.press("tab")
            assert self.presses < 100, f"{key} cannot be reached"

    async def answer(self, key: str, text: str) -> None:
        """Go to a question and write over what its line holds."""
        await self.go_to(key)
        line = self._pilot.app.screen.focused
        assert isinstance(line, Input), flowed(self._pilot.app)
        line.value = ""
        await self._pilot.press(*text)
        await settle(self._pilot)

    async def to_the_questions(self) -> None:
        """From the first page, with the project that was found."""
        await settle(self._pilot)
        assert isinstance(self._pilot.app.screen, ConnectScreen)
        await self.press("enter")
        assert isinstance(self._pilot.app.screen, ProjectScreen)
        await self.press("enter")

    async def to_the_review(self) -> None:
        """Take the rest as it stands."""
        while isinstance(self._pilot.app.screen, StepScreen):
            await self.press("ctrl+n")
        assert isinstance(self._pilot.app.screen, ReviewScreen), flowed(self._pilot.app)

    async def to_the_page(self, words: str) -> None:
        """Go on until a page says this."""
        while words not in flowed(self._pilot.app):
            assert isinstance(self._pilot.app.screen, StepScreen)
            await self.press("ctrl+n")


def outcome(run: DemoRun) -> Outcome:
    assert run.app.return_value is not None
    return run.app.return_value


def variables(project: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {found["key"]: found for found in project["variables"]}


async def test_a_newcomer_sets_a_project_up_with_what_is_recommended_in_15_keys(tmp_path: Path) -> None:
    with demo_run(tmp_path) as run:
        async with run.app.run_test() as pilot:
            fingers = Fingers(pilot)
            await fingers.to_the_questions()
            await fingers.to_the_review()
            await fingers.press("enter", "y")
            assert isinstance(run.app.screen, ResultScreen)
            assert fingers.presses <= 15
            await fingers.press("enter")
        assert (outcome(run).ending, outcome(run).exit) == ("applied", Exit.DONE)
        assert run.project(SHOP)["cleanup_policy"]["enabled"]
        assert SHOP in run.project(BASE)["job_token_scope"]["projects"]
        assert {".gitlab-ci.yml", ".gitlab/ci/registry.gitlab-ci.yml"} <= run.changed_files


async def test_an_expert_corrects_one_answer_from_the_review_and_applies(tmp_path: Path) -> None:
    with demo_run(tmp_path) as run:
        async with run.app.run_test(size=(120, 40)) as pilot:
            fingers = Fingers(pilot)
            await fingers.to_the_questions()
            await fingers.to_the_page("Published as")
            await fingers.press("tab", "end", "enter")  # the engine: the last of the list
            await fingers.to_the_review()
            chosen = outcome_of_engine(run)
            await fingers.press("escape", "escape", "escape", "escape")
            assert isinstance(run.app.screen, StepScreen)
            await fingers.to_the_review()
            assert outcome_of_engine(run) == chosen != "dind"  # going back and forth loses nothing
            await fingers.press("enter", "y")
            assert isinstance(run.app.screen, ResultScreen)
            await fingers.press("enter")
        assert outcome(run).exit is Exit.DONE
        answers = yaml.safe_load((run.repo / ".gitlab/registry-wizard.yml").read_text())
        assert answers["build"]["engine"] == chosen


async def test_an_expert_jumps_from_a_change_to_its_answer_and_back(tmp_path: Path) -> None:
    with demo_run(tmp_path) as run:
        async with run.app.run_test(size=(120, 40)) as pilot:
            fingers = Fingers(pilot)
            await fingers.to_the_questions()
            await fingers.to_the_review()
            await fingers.press("slash", *"gitlab-ci.yml", "enter")
            changed = change_under_the_cursor(run)
            before = changed.diff or ""
            assert "docker:29" in before
            await fingers.press("e")
            assert isinstance(run.app.screen, StepScreen)
            await fingers.go_to("build.engine")
            await fingers.press("end", "ctrl+n")
            assert isinstance(run.app.screen, ReviewScreen)  # not the steps between
            again = change_under_the_cursor(run)
            assert again.id == changed.id
            assert again.diff != before
            await fingers.press("e", "escape")
            assert isinstance(run.app.screen, ReviewScreen)
            assert change_under_the_cursor(run) == again  # looked at, left as it is
            await fingers.press("enter", "y")
            assert isinstance(run.app.screen, ResultScreen)
            await fingers.press("enter")
        assert outcome(run).exit is Exit.DONE
        answers = yaml.safe_load((run.repo / ".gitlab/registry-wizard.yml").read_text())
        assert answers["build"]["engine"] != "dind"


def change_under_the_cursor(run: DemoRun) -> Change:
    assert isinstance(run.app.screen, ReviewScreen)
    assert run.app.screen.change is not None
    return run.app.screen.change


def outcome_of_engine(run: DemoRun) -> str:
    return str(run.app._journey.draft.get("build.engine"))


async def test_a_platform_engineer_uses_another_registry_and_a_shared_base_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_PASSWORD", MARKER)
    with demo_run(tmp_path) as run:
        async with run.app.run_test(size=(120, 50)) as pilot:
            fingers, seen = Fingers(pilot), []
            await fingers.to_the_questions()
            await fingers.press("down", "enter")
            for key, text in EXTERNAL.items():
                await fingers.answer(f"registry.external.{key}", text)
                seen.append(run.app.export_screenshot())
            await fingers.to_the_review()
            seen.append(run.app.export_screenshot())
            await fingers.press("enter")
            assert isinstance(run.app.screen, ConfirmScreen)
            await fingers.press("y")
            seen.append(run.app.export_screenshot())
            assert "Images harbor.tidewater.example/shop/storefront" in flowed(run.app)
            await fingers.press("enter")
            assert not any(MARKER in picture for picture in seen)
        assert outcome(run).ending == "applied"
        made = variables(run.project(SHOP))
        assert made["DOCKER_REGISTRY"]["value"] == "harbor.tidewater.example"
        assert made["DOCKER_REGISTRY_USER"]["value"] == "robot"
        assert made["DOCKER_REGISTRY_PASS"]["value"] == MARKER
        assert made["DOCKER_REGISTRY_PASS"]["masked"]
        assert SHOP in run.project(BASE)["job_token_scope"]["projects"]
        assert not any(MARKER in (run.repo / path).read_text() for path in run.changed_files)


async def test_a_reporter_may_look_at_everything_and_is_told_whom_to_ask(tmp_path: Path) -> None:
    world = yaml.safe_load(files("assets").joinpath("worlds", "demo.yml").read_text())
    for user in world["users"]:
        user["tokens"] = []
        if user["username"] == "amara":
            user["tokens"] = [{"value": "glpat-amara", "name": "demo", "scopes": ["api"], "expires_at": "2099-01-01"}]
    (tmp_path / "world.yml").write_text(yaml.safe_dump(world))
    with demo_run(tmp_path, world=tmp_path / "world.yml") as run:
        before = run.project(SHOP)
        async with run.app.run_test(size=(120, 50)) as pilot:
            fingers = Fingers(pilot)
            await fingers.to_the_questions()
            await fingers.to_the_review()
            assert "held back" in flowed(run.app)
            assert "amara has a lower one" in flowed(run.app)
            await fingers.press("ctrl+q", "ctrl+q")
        assert outcome(run).ending == "left"
        assert run.project(SHOP) == before
        assert run.changed_files == set()
