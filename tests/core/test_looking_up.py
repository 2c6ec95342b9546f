"""What is read only when a question needs it: images with their ages, and how other projects let this one in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from tests.core.live import APP, BASE, Setup
from wizard.errors import WizardError
from wizard.gateways.gitlab import DeniedError, PassingError
from wizard.lookups import Lookups, joined
from wizard.sandbox.server import Sandbox
from wizard.state import ImageState, JobTokenScope, RunnerState, TagState, Unknown


def test_images_come_with_the_age_of_each_tag(box: Sandbox, setup: Setup) -> None:
    project = next(project for project in box.world.state.projects if project.path == APP)
    project.images = {"": {"latest": "sha256:" + "a" * 64, "a b": "sha256:" + "b" * 64}, "tools": {}}
    project.image_dates = {"": {"a b": box.world.started.replace(year=2024, month=2, day=3)}}
    session = setup.session()
    state = session.look_up(setup.state(session), Lookups(images=True))
    today = box.world.started.date()
    assert state.images == (
        ImageState(APP, (TagState("a b", date(2024, 2, 3)), TagState("latest", today))),
        ImageState(f"{APP}/tools"),
    )


def test_a_discovered_state_knows_of_no_images_until_they_are_asked_for(box: Sandbox, setup: Setup) -> None:
    assert setup.state(setup.session()).images is None
    assert not any("registry/repositories" in call.path for call in box.world.log)


def test_what_the_role_may_not_read_is_told_in_gitlabs_words(setup: Setup) -> None:
    state = setup.state(setup.session())
    found = setup.session("guest").look_up(state, Lookups(images=True)).images
    assert isinstance(found, Unknown)
    assert "403 Forbidden" in found.reason
    assert setup.session().look_up(state, Lookups(runners=True)).runners == ()
    refused = setup.session("dev").look_up(state, Lookups(runners=True)).runners
    assert isinstance(refused, Unknown)
    assert "403 Forbidden" in refused.reason


def test_a_network_that_fails_is_told_and_raises_nothing(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    session = setup.session()
    state = setup.state(session)

    def broken(*_: object, **__: object) -> object:
        raise PassingError("unreachable", "GitLab cannot be reached: Connection refused")

    monkeypatch.setattr(session._api, "rows", broken)
    monkeypatch.setattr(session._api, "get", broken)
    found = session.look_up(state, Lookups(images=True, sources=("other/project",)))
    assert found.images == Unknown("GitLab cannot be reached: Connection refused")
    assert isinstance(found.sources["other/project"].job_token_scope, Unknown)
    assert issubclass(PassingError, WizardError)


def test_runners_come_with_their_tags_and_those_of_gitlab_com_are_left_out(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = setup.session()
    state = setup.state(session)
    rows: list[dict[str, object]] = [
        {"id": 1, "description": "big [x]", "is_shared": True, "status": "online"},
        {"id": 2, "paused": True},
    ]
    asked: list[str] = []

    def get(path: str) -> Mapping[str, object]:
        asked.append(path)
        if path == "/runners/2":
            raise DeniedError("forbidden", "403 Forbidden", status=403)
        return {"tag_list": ["docker"], "run_untagged": False}

    def listed(path: str, **_: object) -> list[dict[str, object]]:
        asked.append(path)
        return rows

    monkeypatch.setattr(session._api, "rows", listed)
    monkeypatch.setattr(session._api, "get", get)
    big, other = RunnerState(1, "big [x]", ("docker",), run_untagged=False), RunnerState(2, "", paused=True)
    assert session.look_up(state, Lookups(runners=True)).runners == (big, other)
    assert sorted(asked) == ["/projects/10/runners", "/runners/1", "/runners/2"]
    there = replace(state, instance=replace(state.instance, url="https://gitlab.com"))
    assert session.look_up(there, Lookups(runners=True)).runners == (other,)


def test_a_source_project_comes_with_its_allowlist(setup: Setup) -> None:
    session = setup.session()
    before = setup.state(session)
    found = session.look_up(before, Lookups(sources=(BASE, "no/such"))).sources
    assert isinstance(found[BASE].job_token_scope, JobTokenScope)
    assert found["no/such"].project is None
    assert set(before.sources) <= set(found)


def test_wishes_are_joined_and_each_is_told_once() -> None:
    assert joined([]) == Lookups()
    assert joined([Lookups(sources=("a/b",)), Lookups(images=True, sources=("c/d", "a/b"))]) == Lookups(
        images=True, sources=("a/b", "c/d")
    )
    assert not Lookups()
