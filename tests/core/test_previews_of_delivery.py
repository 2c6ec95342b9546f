"""What stands beside the last pages: the copies elsewhere, and what becomes of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.core.question_states import CI, DOCKERFILE, state
from tests.core.test_previews import STEP, table, told
from wizard import flow
from wizard.preview import Preview, as_text
from wizard.question import Draft, Known, ListQuestion
from wizard.secret import Secret
from wizard.state import FileState, State

BUILDABLE = {"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI}
BUILT: Mapping[str, Any] = {"project": "acme/team/app", "build": {"engine": "dind"}}
IMAGE = "registry.example.com/acme/team/app"
ROBOT = {
    "to": "harbor",
    "registry": "harbor.example.com",
    "repository": "a/b",
    "username": "robot",
    "password": "env:X",
}


def facts(preview: Preview) -> dict[str, str]:
    return {row[0]: row[1] for row in table(preview)}


class TestCopies:
    def beside(self, item: Mapping[str, Any], *listed: Mapping[str, Any]) -> Preview:
        (listing,) = STEP["mirror"].questions
        assert isinstance(listing, ListQuestion)
        document = {"build": {"enabled": True}, "mirror": list(listed)}
        preview = flow.preview(STEP["mirror"], listing, Known(Draft(document), state(BUILDABLE), item))
        assert preview is not None
        return preview

    def test_none_yet_says_what_would_be_copied(self) -> None:
        assert f"published as {IMAGE}" in as_text(self.beside({}))

    def test_all_of_them_stand_beside_the_list(self) -> None:
        rows = table(self.beside({}, ROBOT, {"to": "ecr", "registry": "1.dkr.ecr.eu-west-1.amazonaws.com"}))
        assert rows == (
            ("+ harbor.example.com/a/b", "the git tag, as v1.4.2", "as robot, by a stored password"),
            ("+ 1.dkr.ecr.eu-west-1.amazonaws.com/…", "the git tag, as v1.4.2",
             "by OIDC, as the role …: no key is stored"),
        )  # fmt: skip

    def test_one_says_from_where_to_where_when_and_by_which_log_in(self) -> None:
        rows = facts(self.beside(ROBOT, ROBOT))
        assert rows["from"] == IMAGE
        assert rows["to"] == "harbor.example.com/a/b"
        assert rows["job"] == "registry-mirror-harbor"
        assert rows["logs in"] == "as robot, with MIRROR_HARBOR_PASS"

    def test_the_second_to_one_place_has_a_name_of_its_own_as_in_the_pipeline(self) -> None:
        other = {**ROBOT, "repository": "c"}
        assert facts(self.beside(other, ROBOT, other))["job"] == "registry-mirror-harbor-2"
        assert facts(self.beside(other, ROBOT))["variables"].startswith("MIRROR_HARBOR_2_USER")

    @pytest.mark.parametrize(
        ("when", "tag"),
        [("default-branch", "the id of the commit"), ("manual", "the git tag, or else the id of the commit")],
    )
    def test_the_tag_follows_from_what_starts_the_copy(self, when: str, tag: str) -> None:
        assert facts(self.beside({**ROBOT, "when": when}))["tag"] == tag

    def test_a_password_that_was_typed_is_never_shown(self) -> None:
        typed = {**ROBOT, "password": Secret("m4rker")}
        assert "m4rker" not in as_text(self.beside(typed, typed)) + as_text(self.beside({}, typed))


class TestDelivery:
    def test_into_the_work_tree_is_the_recommended_way_and_commits_nothing(self) -> None:
        text = told("delivery", BUILT, state(BUILDABLE))
        assert "written into the files here. Nothing is committed." in text
        assert "~ changed; .gitlab-ci.yml" in text
        assert "+ new; .gitlab/registry-wizard.yml" in text
        assert "registry.gitlab-ci.yml" in text

    @pytest.mark.parametrize(
        ("mode", "words"),
        [("branch", "a merge request from fix/[x] into main"), ("merge-request", "with a merge request into main")],
    )
    def test_by_the_api_names_the_branch_and_touches_nothing_here(self, mode: str, words: str) -> None:
        text = told("delivery", {**BUILT, "delivery": {"mode": mode, "branch": "fix/[x]"}}, state(BUILDABLE))
        assert "one commit on the branch fix/[x], made from main" in text
        assert "No file here is touched." in text
        assert words in text

    def test_a_file_in_the_way_is_marked_where_it_would_be_written_here(self) -> None:
        found = with_file(state(BUILDABLE), FileState(".gitlab-ci.yml", CI, uncommitted=True))
        assert "✗ in the way; .gitlab-ci.yml" in told("delivery", BUILT, found)
        by_api = {**BUILT, "delivery": {"mode": "branch"}}
        assert "~ changed; .gitlab-ci.yml" in told("delivery", by_api, found)

    def test_what_cannot_be_told_yet_is_said(self) -> None:
        assert "cannot be told: there is no Dockerfile" in told("delivery", BUILT, state({}))
        assert "once all questions before this one" in told("delivery", {"mirror": [{"to": "ecr"}]}, state(BUILDABLE))


def with_file(found: State, file: FileState) -> State:
    files = {**found.repository.files, file.path: file}
    return replace(found, repository=replace(found.repository, files=files))
