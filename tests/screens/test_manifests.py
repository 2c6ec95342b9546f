"""Manifests that are there, on the page of deploying: the likely container is under the cursor, one key takes it."""

from __future__ import annotations

import pytest

from screens.forms.items import Place
from screens.item import ItemScreen
from screens.step import Answered
from tests.core.question_states import DOCKERFILE, state
from tests.core.test_workload_questions import manifest
from tests.screens.harness import Harness, flowed, settle
from tests.screens.test_beside import beside
from tests.screens.test_forms import press, step_of
from tests.screens.test_going_on import footer, open_question
from wizard.question import Draft
from wizard.state import State

pytestmark = pytest.mark.thorough

KEY = "deploy.kubernetes.workloads"
BUILDING = {"build": {"enabled": True}}
FILES = {
    "Dockerfile": DOCKERFILE,
    "deploy/web.yaml": manifest({"side": "envoy:1", "web": "${IMAGE}"}, namespace="shop"),
}


def deploying(**files: bytes) -> Harness:
    return step_of("deploy", BUILDING, found=state({**FILES, **files}))


def drafted(app: Harness) -> Draft:
    done = app.results[-1]
    assert isinstance(done, Answered)
    return done.draft


async def test_recommended_answers_lead_through_the_workload_to_the_environment() -> None:
    app = deploying()
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter")
        assert open_question(pilot) == KEY
        assert "Deployment web, container web, in deploy/web.yaml" in flowed(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ItemScreen)
        await press(pilot, "enter")  # all four questions are answered by the manifest
        assert open_question(pilot) == KEY
        await press(pilot, "enter")
        assert open_question(pilot) == "deploy.kubernetes.environments"
        await press(pilot, "enter", "enter", "enter")
    kubernetes = drafted(app).get("deploy.kubernetes")
    own = {"file": "deploy/web.yaml", "kind": "Deployment", "name": "web", "container": "web"}
    assert kubernetes["workloads"] == [own]
    assert [(found["name"], found["namespace"]) for found in kubernetes["environments"]] == [("staging", "shop")]
    assert "app" not in kubernetes


async def test_going_on_without_any_writes_manifests_as_ever() -> None:
    app = deploying()
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter", "end", "enter")
        assert open_question(pilot) == "deploy.kubernetes.environments"
        await press(pilot, "enter", "enter", "enter")
    assert KEY not in drafted(app).document
    assert drafted(app).get(KEY) is None


async def test_an_image_of_somebody_else_holds_nobody_up() -> None:
    found = state({"Dockerfile": DOCKERFILE, "deploy/db.yaml": manifest({"db": "postgres:16"}, "db")})
    app = step_of("deploy", BUILDING, found=found)
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter")
        assert open_question(pilot) == "deploy.kubernetes.environments"
        await press(pilot, "shift+tab", "shift+tab", "shift+tab")
        assert app.results == []


async def test_a_workload_is_taken_off_again_and_the_other_questions_come_back() -> None:
    app = deploying()
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter", "enter", "enter")
        assert "What is the workload called" not in flowed(app)
        await press(pilot, "home", "d")
        assert "What is the workload called" in flowed(app)
        assert open_question(pilot) == KEY


async def test_beside_the_list_stands_what_would_be_added() -> None:
    app = deploying()
    async with app.run_test(size=(140, 40)) as pilot:
        await press(pilot, "down", "enter")
        await settle(pilot)
        assert "the container web runs ${IMAGE}" in beside(app)
        assert "imagePullSecrets" in beside(app)
        await press(pilot, "down")
        await settle(pilot)
        assert "the container side runs envoy:1" in beside(app)


@pytest.mark.parametrize("image", ["[red]${X}[/red]", "$\x1b[31m", "$\u202e" + "א" * 90])
async def test_what_a_manifest_says_is_shown_as_it_is(image: str) -> None:
    found: State = state({**FILES, "deploy/web.yaml": manifest({"web": image})})
    app = step_of("deploy", BUILDING, found=found)
    async with app.run_test(size=(140, 40)) as pilot:
        await press(pilot, "down", "enter")
        await settle(pilot)
        assert open_question(pilot) == KEY
        assert "\x1b" not in flowed(app)
        assert ("[red]${X}[/red]" in beside(app)) is (image.startswith("["))


async def test_five_hundred_are_offered_and_the_likely_one_is_first() -> None:
    many = {f"deploy/{at}.yaml": manifest({"main": "x"}, f"w{at}") for at in range(500)}
    app = deploying(**many)
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter")
        assert "+ Deployment web, container web" in flowed(app)
        assert "Open" in footer(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, ItemScreen)
        assert isinstance(app.screen._place, Place)
        assert app.screen._place.item["name"] == "web"
