"""Undo of a delivery by branch or merge request: our branch goes, whatever else stands on one stays and was named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.live import APP, Ran, Setup, served_project, stored
from tests.core.states import answers_of
from wizard.change import Plan
from wizard.sandbox.server import Sandbox

BRANCH = "registry-wizard/setup"
COMMIT = f"commit:{BRANCH}"
ANSWERS: dict[str, Any] = {
    "registry": {"visibility": "private"},
    "build": {"tags": ["branch"]},
    "delivery": {"mode": "branch", "branch": BRANCH},
}


@pytest.fixture
def delivered(box: Sandbox, building: Setup) -> Setup:
    served_project(box).files["Dockerfile"] = "FROM alpine:3.22\nUSER 1000\nEXPOSE 8080\n"
    building.answers = answers_of(ANSWERS)
    assert applied(building).ending == ("done", 0)
    return building


def applied(setup: Setup) -> Ran:
    session = setup.session()
    return setup.apply(session, setup.plan(session))


def shown(setup: Setup) -> Plan:
    return setup.session().undo_plan(setup.answers)


def branches(box: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = stored(box)["branches"]
    return found


def test_the_branch_that_an_apply_made_goes_and_all_else_of_it(box: Sandbox, delivered: Setup) -> None:
    assert BRANCH in branches(box)
    assert shown(delivered).warnings == ()
    assert delivered.undo().ending == ("done", 0)
    assert branches(box) == {}
    assert stored(box)["registry"] == "enabled"


def test_a_branch_that_holds_somebodys_commit_stays_with_its_files_and_the_rest_goes(
    box: Sandbox, delivered: Setup
) -> None:
    session = delivered.session()
    body = {
        "branch": BRANCH, "commit_message": "theirs",
        "actions": [{"action": "create", "file_path": "theirs.txt", "content": "x"}],
    }  # fmt: skip
    session._api.send("post", f"/projects/{stored(box)['id']}/repository/commits", body)
    before = branches(box)
    ran = delivered.undo()
    assert ran.ending == ("partial", 3)
    assert "the branch holds other commits" in ran.named("change-failed")[0]["message"]
    assert set(ran.finished.left) >= {COMMIT, "file:.gitlab-ci.yml"}
    assert branches(box) == before
    assert stored(box)["registry"] == "enabled"


def test_a_second_commit_on_our_branch_is_named_before_and_stays(box: Sandbox, delivered: Setup) -> None:
    delivered.answers = answers_of({**ANSWERS, "build": {"tags": ["branch", "iid"]}})
    assert applied(delivered).ending == ("done", 0)
    before = branches(box)
    plan = shown(delivered)
    named = {notice.message.partition(": ")[0] for notice in plan.warnings}
    ran = delivered.undo()
    assert set(ran.finished.left) <= named, "what stays was named before anything was touched"
    assert COMMIT in named
    assert branches(box) == before


def test_a_merged_branch_is_not_brought_back_and_the_rest_goes(box: Sandbox, delivered: Setup) -> None:
    project = served_project(box)
    project.files |= branches(box)[BRANCH]["files"]
    del project.branches[BRANCH]
    assert delivered.undo().ending == ("done", 0)
    assert stored(box)["registry"] == "enabled"


def test_the_work_tree_is_neither_read_nor_written_on_the_way(delivered: Setup) -> None:
    assert delivered.work_tree is not None
    assert {path.name for path in delivered.work_tree.iterdir()} == {".git", "Dockerfile", "README.md"}
    assert delivered.project == APP
