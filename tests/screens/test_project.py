"""Choosing a project: from the remote, by searching, with what it is and what it lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Static

from screens.connect import Connected
from screens.project import Named, ProjectScreen
from screens.widgets.project_facts import ProjectFacts
from screens.widgets.rows import Rows
from tests.screens.fakes import PROJECT, STATE, FakeBackend
from tests.screens.harness import Harness, flowed, settle, text_of
from tests.screens.test_forms import TRAIL, press
from wizard.errors import WizardError
from wizard.session import ProjectSummary


def choosing(backend: FakeBackend, *, chosen: str | None = PROJECT, origin: str | None = PROJECT) -> Harness:
    return Harness(lambda: ProjectScreen(TRAIL, Connected(backend, backend.connect()), Named(chosen, origin)))


def beside(app: Harness) -> str:
    """What the pane with the facts says."""
    body = app.screen.query_one(ProjectFacts).query_one(".body", Static).content
    return " ".join(str(body).split())


async def test_the_project_of_the_remote_is_under_the_cursor_with_what_there_is() -> None:
    app = choosing(FakeBackend())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for words in ("your role Maintainer", "registry on, as visible as the project", "pipeline .gitlab-ci.yml is"):
            assert words in beside(app)
        await press(pilot, "enter")
    assert app.results == [PROJECT]


async def test_at_80x24_the_facts_stand_below_and_the_list_stays_usable() -> None:
    summaries = tuple(ProjectSummary(f"acme/p{number}", 40, "private") for number in range(500))
    app = choosing(FakeBackend(summaries=summaries), chosen="acme/p0")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "acme/p3" in text_of(app)
        assert "your role" in text_of(app)
        await press(pilot, "end")
        assert "acme/p499" in text_of(app)


async def test_what_is_missing_to_go_on_is_told_in_plain_words() -> None:
    found = replace(STATE, project=replace(STATE.project, role=20, archived=True))
    app = choosing(FakeBackend(found=found))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "Unarchive it first" in beside(app)
        assert "Your role is Reporter" in beside(app)


async def test_a_project_that_this_folder_is_no_clone_of_says_how_its_files_get_there() -> None:
    app = choosing(FakeBackend(), chosen="acme/other", origin=PROJECT)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "This folder is a clone of acme/team/app" in beside(app)
        assert ".gitlab-ci.yml" not in text_of(app)


async def test_each_project_is_looked_at_once() -> None:
    backend = FakeBackend()
    app = choosing(backend)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down")
        await settle(pilot)
        await press(pilot, "up")
        await settle(pilot)
        assert PROJECT in text_of(app)
    assert backend.count("look_at") == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            WizardError("not-found", "404 Project Not Found", "Check the path."),
            "✗ 404 Project Not Found Check the path.",
        ),
        (WizardError("unreachable", "GitLab cannot be reached"), "✗ GitLab cannot be reached"),
        (ValueError("s3cr3t"), "a mistake of this program: ValueError"),
    ],
    ids=["missing", "offline", "a mistake"],
)
async def test_a_project_that_cannot_be_looked_at_says_why_and_can_be_chosen(error: Exception, words: str) -> None:
    app = choosing(FakeBackend(fails={"look_at": [error]}))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert words in beside(app)
        assert "s3cr3t" not in text_of(app)
        await press(pilot, "enter")
    assert app.results == [PROJECT]


async def test_what_is_typed_is_searched_for_and_a_path_can_be_used_as_it_is() -> None:
    app = choosing(FakeBackend(), chosen=None)
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, *"platform")
        await settle(pilot)
        assert [row.value for row in app.screen.query_one(Rows).rows] == ["platform/base"]
        await press(pilot, *"/new")
        await settle(pilot)
        assert "as typed" in text_of(app)
        await press(pilot, "enter")
    assert app.results == ["platform/new"]


async def test_nothing_found_says_what_else_can_be_done() -> None:
    app = choosing(FakeBackend(summaries=()), chosen=None, origin=None)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "A full path, such as group/project, can be typed as well." in flowed(app)
        await press(pilot, "enter")
        assert app.results == []


async def test_a_search_that_fails_is_told_and_the_named_project_stays() -> None:
    app = choosing(FakeBackend(fails={"projects": [WizardError("gitlab-busy", "HTTP 503: maintenance")]}))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "HTTP 503: maintenance" in text_of(app)
        await press(pilot, "enter")
    assert app.results == [PROJECT]


async def test_an_answer_to_what_was_typed_before_is_left_aside() -> None:
    backend = FakeBackend()
    app = choosing(backend, chosen=None)
    async with app.run_test() as pilot:
        await settle(pilot)
        page = app.screen
        assert isinstance(page, ProjectScreen)
        await press(pilot, *"platform")
        await settle(pilot)
        page.post_message(ProjectScreen.Found("acme", [ProjectSummary("acme/late", 40, "private")]))
        await settle(pilot)
        assert "acme/late" not in text_of(app)


async def test_names_from_outside_are_no_markup() -> None:
    summaries = (ProjectSummary("acme/[red]x", 40, "private"), ProjectSummary("acme/日本\x1b[31m", 30, "internal"))
    app = choosing(FakeBackend(summaries=summaries), chosen=None)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "acme/[red]x" in text_of(app)
        assert "\x1b" not in text_of(app)
