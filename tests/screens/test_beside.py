"""What stands beside the questions: at once where there is room, behind F2 where there is not, in every state."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from textual.widgets import Static

from screens.forms.items import Place
from screens.item import ItemScreen
from screens.preview import PreviewScreen
from screens.step import Answered, StepScreen
from screens.widgets.preview_pane import PreviewPane
from tests.screens.fakes import STATE
from tests.screens.harness import Harness, asking, flowed, settle, text_of
from tests.screens.test_forms import DEPLOYING, STEP, TRAIL, item_of, press, step_of
from wizard.errors import WizardError
from wizard.lookups import Lookups
from wizard.question import Draft, Known, ListQuestion
from wizard.state import ImageState, JobTokenScope, SourceState, State, TagState, Unknown

pytestmark = pytest.mark.thorough

CLEANING = {"registry": {"cleanup": {"enabled": True, "keep": 1}}}
IMAGES = (ImageState("acme/team/app", (TagState("new", date(2026, 11, 20)), TagState("old", date(2026, 1, 1)))),)
WIDE = (140, 40)


def looking(key: str, look_up: Any, document: Mapping[str, Any] | None = None) -> Harness:
    return Harness(lambda: StepScreen(TRAIL, STEP[key], Known(Draft(document or {}), STATE), look_up))


def with_images(state: State, _: Lookups) -> State:
    return replace(state, images=IMAGES)


def beside(app: Harness) -> str:
    """What the pane beside the questions says."""
    body = app.screen.query_one(PreviewPane).query_one(".body", Static).content
    return " ".join(str(body).split())


async def test_where_there_is_room_the_preview_stands_beside_the_questions() -> None:
    app = looking("registry", with_images, CLEANING)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "- remove" in text_of(app)
        assert "1 of 2 tags would be removed, 1 would stay." in flowed(app)


async def test_at_80_columns_one_sentence_stands_there_and_f2_shows_the_whole() -> None:
    app = looking("registry", with_images, CLEANING)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "1 of 2 tags would be removed" in text_of(app)
        assert "- remove" not in text_of(app)
        await press(pilot, "f2")
        assert isinstance(app.screen, PreviewScreen)
        assert "- remove" in text_of(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, StepScreen)


async def test_a_page_without_a_preview_offers_none() -> None:
    app = Harness(lambda: StepScreen(TRAIL, STEP["delivery"], Known(Draft(), None)))  # nothing was looked at
    async with app.run_test() as pilot:
        assert "Preview" not in text_of(app)
        await press(pilot, "f2")
        assert isinstance(app.screen, StepScreen)


async def test_the_preview_follows_the_cursor_before_anything_is_answered() -> None:
    app = looking("registry", with_images)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not app.screen.query_one(PreviewPane).display
        await press(pilot, "tab", "tab", "down")  # set a policy
        await settle(pilot)
        assert "would be removed" in text_of(app)
        assert asking(app).known.draft == Draft()


async def test_tags_are_read_once_and_only_for_a_policy() -> None:
    asked: list[Lookups] = []

    def look_up(state: State, wanted: Lookups) -> State:
        asked.append(wanted)
        return with_images(state, wanted)

    app = looking("registry", look_up)
    async with app.run_test() as pilot:
        await press(pilot, "tab", "tab")
        assert asked == []
        await press(pilot, "down", "up", "down", "enter", "tab", "tab")
        await settle(pilot)
        await press(pilot, "ctrl+n")
    assert asked == [Lookups(images=True)]
    done = app.results[-1]
    assert isinstance(done, Answered)
    assert done.state is not None
    assert done.state.images == IMAGES


async def test_while_the_tags_are_read_the_page_says_so_and_can_be_used() -> None:
    gate = threading.Event()

    def look_up(state: State, wanted: Lookups) -> State:
        assert gate.wait(60)
        return with_images(state, wanted)

    app = looking("registry", look_up, CLEANING)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot)
        assert "Reading the tags of this project" in beside(app)
        await press(pilot, "tab")
        assert "● leave as it is" in text_of(app)
        gate.set()
        await settle(pilot)
        assert "- remove" in text_of(app)
        assert "● leave as it is" in text_of(app)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((), "There is no image in the registry yet"),
        ((ImageState("acme/team/app", (TagState("old", date(2026, 1, 1)),)),), "0 of 1 tag would be removed"),
        (Unknown("403 Forbidden"), "cannot be read, so nothing can be told about them: 403 Forbidden"),
        ((ImageState("acme/team/app", (TagState("[b]\x1b[31m日本"),)),), "[b]"),
    ],
    ids=["empty", "one", "no permission", "odd names"],
)
async def test_every_state_of_the_tags_is_told(found: Any, words: str) -> None:
    app = looking("registry", lambda state, _: replace(state, images=found), CLEANING)
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        assert words in beside(app)
        assert "\x1b" not in text_of(app)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WizardError("unreachable", "GitLab cannot be reached"), "GitLab cannot be reached"),
        (ValueError("s3cr3t"), "a mistake of this program: ValueError"),
    ],
)
async def test_a_look_up_that_fails_is_told_and_blocks_nothing(error: Exception, words: str) -> None:
    def look_up(_state: State, _wanted: Lookups) -> State:
        raise error

    app = looking("registry", look_up, CLEANING)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert words in beside(app)
        assert "s3cr3t" not in text_of(app)
        await press(pilot, "enter")
    assert isinstance(app.results[-1], Answered)


async def test_five_hundred_tags_scroll() -> None:
    tags = tuple(TagState(f"build-{number}", date(2026, 1, 1)) for number in range(500))
    app = looking("registry", lambda state, _: replace(state, images=(ImageState("a", tags),)), CLEANING)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "f2")
        assert "499 of 500 tags would be removed" in flowed(app)
        await press(pilot, "end")
        await settle(pilot)
        assert "Tags that a tag protection rule" in flowed(app)


async def test_the_tokens_stand_beside_each_other_for_the_image_under_the_cursor() -> None:
    def look_up(state: State, wanted: Lookups) -> State:
        assert wanted.sources == ("platform/base", "platform/lint")
        project = replace(state.project, id=20, path="platform/base")
        base = SourceState("platform/base", project, JobTokenScope(enabled=True), ())
        return replace(state, sources={"platform/base": base, "platform/lint": SourceState("platform/lint", None)})

    app = looking("pull", look_up)
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        assert "How the pipeline gets into platform/base" in text_of(app)
        assert any("by job token" in row and "by deploy token" in row for row in text_of(app).splitlines())
        await press(pilot, "down")
        assert "404 for this project" in flowed(app)
        await press(pilot, "up", "enter")
        assert isinstance(app.screen, ItemScreen)
        assert "Recommended: by job token" in flowed(app)


async def test_a_project_that_is_typed_is_looked_up_when_its_line_is_left() -> None:
    asked: list[Lookups] = []

    def look_up(state: State, wanted: Lookups) -> State:
        asked.append(wanted)
        return replace(state, sources={path: SourceState(path, None) for path in wanted.sources})

    listing = next(asked for asked in STEP["pull"].questions if isinstance(asked, ListQuestion))
    app = Harness(lambda: ItemScreen(TRAIL, listing, Known(Draft(), STATE), Place(0, {}), look_up))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, *"a/b")
        assert asked == []
        await press(pilot, "tab")
        await settle(pilot)
        assert asked == [Lookups(sources=("a/b",))]
        assert "404 for this project" in flowed(app)


@pytest.mark.parametrize(
    ("key", "document", "words"),
    [
        ("docker_auth", {"docker_auth": [{"host": "h.test", "username": "[u]"}]}, "h.test [u] is added"),
        ("build", {"build": {"enabled": True}}, "The Dockerfile is there and stays as it is"),
        ("deploy", DEPLOYING, "once there is an environment to deploy to"),
        ("variables", {}, "= stays OLD all masked, protected, expanded, file"),
    ],
)
async def test_what_each_step_comes_to(key: str, document: Mapping[str, Any], words: str) -> None:
    app = step_of(key, document)
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        assert words in beside(app)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tiny", "✗ GitLab cannot mask it: it is shorter than 8"),
        ("long-enough", "✓ this value will do"),
        ("with space", "white space"),
    ],
)
async def test_masking_is_checked_while_a_value_is_typed_unseen(typed: str, words: str) -> None:
    app = item_of("variables", {"key": "DSN"})
    async with app.run_test(size=(80, 40)) as pilot:
        await press(pilot, "enter", "end", "enter")
        for letter in typed:
            await press(pilot, "space" if letter == " " else letter)
        assert words in text_of(app)
        assert typed not in app.export_screenshot()
        await press(pilot, "enter")
    assert bool(app.results) is words.startswith("✓")
