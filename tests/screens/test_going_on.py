"""How many keys a page takes: Enter leads to what needs a person, else to the next page; Tab looks at any question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.forms.form import Form
from screens.item import ItemDone, ItemScreen
from screens.page import Turn
from screens.step import Answered
from tests.screens.harness import text_of
from tests.screens.test_forms import DEPLOYING, item_of, press, step_of
from wizard.question import Draft

pytestmark = pytest.mark.thorough


def open_question(pilot: Pilot[Any]) -> str:
    return next(form.asked.key for form in pilot.app.screen.query(Form) if form.has_focus_within)


def footer(pilot: Pilot[Any]) -> str:
    return text_of(pilot.app).splitlines()[-1]


@pytest.mark.parametrize("key", ["registry", "docker_auth", "build", "deploy", "mirror", "variables", "delivery"])
async def test_a_page_of_recommended_answers_takes_one_key(key: str) -> None:
    app = step_of(key, {"build": {"enabled": True}})
    async with app.run_test() as pilot:
        assert "Next page" in footer(pilot)
        await press(pilot, "enter")
    done = app.results[-1]
    assert isinstance(done, Answered)
    assert done.turn is Turn.ON
    assert done.draft == Draft({"build": {"enabled": True}})


@pytest.mark.parametrize(
    ("document", "keys", "opens"),
    [
        ({}, ["down"], "registry.external.host"),  # nothing can be recommended for it
        ({}, ["tab", "tab", "down"], "registry.cleanup.cadence"),  # it came up by this answer
        ({"registry": {"target": "external", "external": {"host": "h.test", "username": "u"}}}, [],
         "registry.external.password"),  # only a guess
    ],
    ids=["no answer yet", "just came up", "a guess"],
)  # fmt: skip
async def test_enter_opens_what_needs_a_person(document: Mapping[str, Any], keys: list[str], opens: str) -> None:
    app = step_of("registry", document)
    async with app.run_test() as pilot:
        await press(pilot, *keys)
        assert "Next question" in footer(pilot)
        await press(pilot, "enter")
        assert open_question(pilot) == opens
        assert app.results == []


async def test_what_came_up_is_shown_once_and_the_page_is_done() -> None:
    app = step_of("registry")
    async with app.run_test() as pilot:
        await press(pilot, "tab", "tab", "down", "enter")
        assert "Next page" in footer(pilot)
        await press(pilot, "enter")
    assert app.results[-1].draft == Draft({"registry": {"cleanup": {"enabled": True}}})


async def test_a_guess_is_confirmed_by_enter_and_not_asked_for_again() -> None:
    app = item_of("docker_auth", {"host": "h.test", "username": "u"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter")
        assert open_question(pilot) == "password"
        await press(pilot, "enter", "enter")
    done = app.results[-1]
    assert isinstance(done, ItemDone)
    assert done.item["password"] == "env:H_TEST_PASSWORD"


async def test_a_variable_takes_its_name_and_where_its_value_is() -> None:
    app = item_of("variables", {})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, *"SENTRY_DSN", "enter")
        assert open_question(pilot) == "value"
        await press(pilot, "enter", "enter")
    assert app.results[-1].item == {"key": "SENTRY_DSN", "hidden": True, "value": "env:SENTRY_DSN"}


async def test_deploying_asks_for_an_environment_and_for_nothing_else() -> None:
    app = step_of("deploy", {"build": {"enabled": True}})
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter")
        assert open_question(pilot) == "deploy.kubernetes.environments"
        assert "Open" in footer(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, ItemScreen)
        await press(pilot, "enter")  # namespace and agent are known
        assert "Next page" in footer(pilot)
        await press(pilot, "enter")
    assert [item["name"] for item in app.results[-1].draft.get("deploy.kubernetes.environments")] == ["staging"]


async def test_tab_looks_at_one_question_after_the_other_and_answers_none() -> None:
    app = step_of("deploy", DEPLOYING)
    async with app.run_test() as pilot:
        seen = [open_question(pilot)]
        while len(seen) == 1 or seen[-1] != seen[0]:
            await press(pilot, "tab")
            seen.append(open_question(pilot))
        assert len(seen) == 10
        await press(pilot, "shift+tab")
        assert open_question(pilot) == "deploy.kubernetes.environments"
        await press(pilot, "escape")
    assert app.results[-1].draft == Draft(DEPLOYING)


async def test_a_page_with_one_question_offers_no_other() -> None:
    app = step_of("mirror", {"build": {"enabled": True}})
    async with app.run_test() as pilot:
        assert "Look at the next" not in footer(pilot)
        await press(pilot, "tab")
        assert open_question(pilot) == "mirror"
