"""Each form of question: what it shows, what its keys do, what it makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screens.course import StepCourse
from screens.forms.form import Form
from screens.forms.items import ItemsForm, Place
from screens.forms.secret import SecretForm
from screens.item import ItemDone, ItemScreen
from screens.page import Turn
from screens.step import Answered, StepScreen
from screens.widgets.rows import Rows
from screens.widgets.top_bar import Trail
from tests.core.question_states import state
from tests.screens.fakes import STATE
from tests.screens.harness import Harness, asking, flowed, settle, text_of
from wizard import flow
from wizard.question import NULL, Draft, Known, ListQuestion, Question
from wizard.questions import STEPS
from wizard.secret import Secret

TRAIL = Trail("acme/team/app", 3, 9)
STEP = {step.key: step for step in STEPS}
DEPLOYING = {"build": {"enabled": True}, "deploy": {"kubernetes": {}}}


def step_of(key: str, document: Mapping[str, Any] | None = None, *, found: Any = STATE) -> Harness:
    return Harness(lambda: StepScreen(TRAIL, STEP[key], Known(Draft(document or {}), found)))


def item_of(key: str, item: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> Harness:
    listing = next(asked for step in STEPS for asked in step.questions if asked.key == key)
    assert isinstance(listing, ListQuestion)
    known = Known(Draft(document or {}), STATE)
    return Harness(lambda: ItemScreen(TRAIL, listing, known, Place(0, item, bool(item))))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


async def rewrite(pilot: Pilot[Any], text: str) -> None:
    """Replace what the line under the cursor holds."""
    line = pilot.app.screen.focused
    assert isinstance(line, Input)
    line.value = ""
    await press(pilot, *text)


def answered(app: Harness) -> Draft:
    assert isinstance(app.results[-1], Answered)
    return app.results[-1].draft


async def test_the_recommended_choice_is_under_the_cursor_and_stays_a_default_when_it_is_taken() -> None:
    app = step_of("registry")
    async with app.run_test() as pilot:
        rows = pilot.app.screen.focused
        assert isinstance(rows, Rows)
        assert rows.current is not None
        assert rows.current.value == "gitlab"
        await press(pilot, "enter")
    assert answered(app) == Draft()


async def test_a_choice_opens_the_questions_that_depend_on_it() -> None:
    app = step_of("registry")
    async with app.run_test() as pilot:
        assert "Under which path" not in text_of(app)
        await press(pilot, "down", "enter")
        assert asking(app).known.draft == Draft({"registry": {"target": "external"}})
        assert any(form.has_focus_within and form.asked.key.startswith("registry.external") for form in
                   app.screen.query(Form))  # fmt: skip


async def test_the_help_of_the_open_question_and_of_the_choice_under_the_cursor_is_shown() -> None:
    app = step_of("registry")
    async with app.run_test() as pilot:
        assert "GitLab brings a registry with each project." in flowed(app)
        await press(pilot, "down")
        assert "another registry: Images live elsewhere" in flowed(app)


async def test_help_shows_the_step_the_question_and_every_choice() -> None:
    app = step_of("registry")
    async with app.run_test(size=(100, 60)) as pilot:
        await press(pilot, "f1")
        for text in ("Where do the images go?", "pipelines log in with a ", "Container registry"):
            assert text in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, StepScreen)


async def test_a_wrong_text_is_told_below_its_line_and_kept() -> None:
    app = step_of("registry", {"registry": {"target": "external"}})
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        await rewrite(pilot, "https://harbor.test")
        await press(pilot, "enter")
        line = app.screen.focused
        assert isinstance(line, Input)
        assert line.value == "https://harbor.test"
        assert "✗ " in text_of(app)
        await rewrite(pilot, "harbor.test")
        await press(pilot, "enter")
        assert asking(app).known.draft.get("registry.external.host") == "harbor.test"
        assert "✗ " not in text_of(app)


async def test_a_needed_answer_cannot_be_passed_empty() -> None:
    app = step_of("registry", {"registry": {"target": "external"}})
    async with app.run_test() as pilot:
        await press(pilot, "ctrl+n")
        assert app.results == []
        assert "an answer is needed here" in text_of(app)


async def test_going_back_keeps_what_is_right_and_leaves_out_what_is_wrong() -> None:
    app = step_of("registry", {"registry": {"target": "external"}})
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        await rewrite(pilot, "harbor.test")
        await press(pilot, "tab")
        await rewrite(pilot, "UPPER case")
        await press(pilot, "escape")
        assert app.results[-1].turn is Turn.BACK
        assert answered(app).get("registry.external") == {"host": "harbor.test"}


@pytest.mark.parametrize("key", ["ctrl+n", "escape"])
async def test_what_is_being_typed_is_not_lost_by_leaving_the_page(key: str) -> None:
    external = {"host": "harbor.test", "repository": "app", "username": "robot", "password": "env:P"}
    app = step_of("registry", {"registry": {"target": "external", "external": external}})
    async with app.run_test(size=(120, 50)) as pilot:
        await press(pilot, "tab", "tab")
        await rewrite(pilot, "other/app")
        await press(pilot, key)
        assert answered(app).get("registry.external.repository") == "other/app"


async def test_a_null_that_means_something_can_be_chosen() -> None:
    app = step_of("registry", {"registry": {"protect": {"push": "maintainer"}}})
    async with app.run_test() as pilot:
        await press(pilot, "tab", "tab", "tab", "tab", "end", "tab")
        assert asking(app).known.draft.document["registry"]["protect"]["push"] is None


async def test_a_section_left_alone_stays_left_alone() -> None:
    app = step_of("registry", {"registry": {"cleanup": NULL}})
    async with app.run_test() as pilot:
        await press(pilot, "ctrl+n")
        assert answered(app) == Draft({"registry": {"cleanup": NULL}})


async def test_several_are_ticked_with_space() -> None:
    app = step_of("build")
    async with app.run_test() as pilot:
        await press(pilot, "tab", "tab", "tab", "tab")
        await press(pilot, "home", "down", "space", "tab")
        assert asking(app).known.draft.get("build.platforms") == ["linux/amd64", "linux/arm64"]


async def test_ticking_nothing_is_told_where_something_is_needed() -> None:
    app = step_of("build")
    async with app.run_test() as pilot:
        await press(pilot, "tab", "tab", "tab", "tab")
        await press(pilot, "home", "space", "enter")
        assert "tick at least one" in text_of(app)


async def test_a_suggestion_is_taken_from_the_list_below_the_line() -> None:
    app = item_of("deploy.kubernetes.environments", {"name": "qa"}, DEPLOYING)
    async with app.run_test(size=(80, 30)) as pilot:
        await press(pilot, "tab", "tab")
        await press(pilot, "down", "down", "enter")
    done = app.results[-1]
    assert isinstance(done, ItemDone)
    assert done.item["agent"] == "acme/agents:staging"


async def test_a_number_is_kept_as_one_and_judged() -> None:
    app = step_of("deploy", {"build": {"enabled": True}, "deploy": {"kubernetes": {}}})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "tab", "tab")
        await rewrite(pilot, "99999")
        await press(pilot, "enter")
        assert "✗" in text_of(app)
        await rewrite(pilot, "9090")
        await press(pilot, "enter")
        assert asking(app).known.draft.get("deploy.kubernetes.app.port") == 9090


async def test_yes_and_no_are_words() -> None:
    app = item_of("variables", {})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, *"DSN", "tab", "tab", "tab")
        assert "● Yes" in text_of(app)
        await press(pilot, "down", "tab")
        assert asking(app).known.item["masked"] is False


@pytest.mark.parametrize(
    ("ways_down", "typed", "reference"),
    [(0, "DSN_VALUE", "env:DSN_VALUE"), (1, "secrets/dsn", "file:secrets/dsn"), (2, "ci/dsn", "keyring:ci/dsn")],
)
async def test_a_secret_is_named_by_where_it_is(ways_down: int, typed: str, reference: str) -> None:
    app = item_of("docker_auth", {"host": "h.test", "username": "u"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter", *["down"] * ways_down, "enter")
        await rewrite(pilot, typed)
        await press(pilot, "enter")
        await settle(pilot)
        done = app.results[-1]
        assert isinstance(done, ItemDone)
        assert done.item["password"] == reference


async def test_a_secret_typed_unseen_stays_in_memory_and_out_of_the_answers() -> None:
    app = item_of("docker_auth", {"host": "h.test", "username": "u"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter", "end", "enter")
        await press(pilot, *"m4rker")
        assert "m4rker" not in app.export_screenshot()
        assert "m4rker" not in repr(app.screen.query_one(SecretForm).query_one(Input))
        await press(pilot, "enter")
        done = app.results[-1]
        assert isinstance(done, ItemDone)
        assert done.item["password"] == Secret("m4rker")
        assert "m4rker" not in repr(done)


async def test_a_value_typed_unseen_never_turns_into_a_name() -> None:
    app = item_of("docker_auth", {"host": "h.test", "username": "u"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter", "end", "enter", *"m4rker", "up")
        await press(pilot, "home")
        assert "m4rker" not in app.export_screenshot()


async def test_a_secret_without_a_name_is_told() -> None:
    app = item_of("docker_auth", {"host": "h.test", "username": "u"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter", "enter")
        await rewrite(pilot, "")
        await press(pilot, "enter")
        assert "the name is needed here" in text_of(app)


async def test_found_items_are_offered_first_where_adding_them_is_recommended() -> None:
    app = step_of("pull")
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        assert isinstance(app.screen, ItemScreen)
        await press(pilot, "ctrl+n")
        assert asking(app).known.draft.get("pull")[0]["project"] == "platform/base"
        rows = app.screen.focused
        assert isinstance(rows, Rows)
        assert rows.current is not None
        assert isinstance(rows.current.value, Place)
        assert rows.current.value.item["project"] == "platform/lint"


async def test_leaving_an_item_with_escape_leaves_the_list_as_it_was() -> None:
    app = step_of("pull")
    async with app.run_test() as pilot:
        await press(pilot, "enter", "escape")
        assert isinstance(app.screen, StepScreen)
        assert asking(app).known.draft == Draft()


async def test_an_item_that_contradicts_the_list_is_told_on_its_own_page() -> None:
    document = {"variables": [{"key": "DSN", "value": "env:DSN"}]}
    listing = next(asked for asked in STEP["variables"].questions if isinstance(asked, ListQuestion))
    app = Harness(lambda: ItemScreen(TRAIL, listing, Known(Draft(document), STATE), Place(1, {"key": "DSN"})))
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "ctrl+n")
        assert app.results == []
        assert "This variable cannot stand on the list" in flowed(app)


async def test_a_list_that_needs_an_item_cannot_be_passed_empty() -> None:
    app = step_of("deploy", {"build": {"enabled": True}, "deploy": {"kubernetes": {}}})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "ctrl+n")
        assert app.results == []
        assert "at least 1 environment is needed here" in text_of(app)


async def test_an_item_is_removed_with_a_key_that_only_items_offer() -> None:
    app = step_of("docker_auth", {"docker_auth": [{"host": "h.test", "username": "u", "password": "env:P"}]})
    async with app.run_test() as pilot:
        assert "Remove" not in text_of(app)
        await press(pilot, "home")
        assert "Remove" in text_of(app)
        await press(pilot, "d")
        assert flow.items_of(app.screen.query_one(ItemsForm).asked, asking(app).known) == ()


async def test_long_lists_scroll_with_the_cursor() -> None:
    items = [{"key": f"KEY_{number}", "value": "env:A"} for number in range(60)]
    app = step_of("variables", {"variables": items})
    async with app.run_test() as pilot:
        await press(pilot, "home")
        assert "KEY_0" in text_of(app)
        await press(pilot, "end", "up", "up")
        assert "KEY_59" in text_of(app)


@pytest.mark.parametrize("step", [step for step in STEPS if step.key != "project"], ids=lambda step: step.key)
async def test_every_question_of_a_step_has_a_form_that_shows_and_takes_its_default(step: Any) -> None:
    app = Harness(lambda: StepScreen(TRAIL, step, Known(Draft(DEPLOYING), state())))
    async with app.run_test() as pilot:
        await pilot.pause()
        forms = list(app.screen.query(Form))
        assert [form.asked for form in forms] == list(step.questions)
        shown = [form.asked for form in forms if form.display]
        assert shown == list(StepCourse(step).now(asking(app).known))


@pytest.mark.parametrize(
    "listing", [asked for step in STEPS for asked in step.questions if isinstance(asked, ListQuestion)],
    ids=lambda listing: listing.key,
)  # fmt: skip
async def test_every_question_of_an_item_has_a_form(listing: ListQuestion) -> None:
    app = Harness(lambda: ItemScreen(TRAIL, listing, Known(Draft(DEPLOYING), state()), Place(0, {})))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert [form.asked for form in app.screen.query(Form)] == list(listing.item)
        assert all(isinstance(form.asked, Question) for form in app.screen.query(Form))
