"""What an apply read stays in memory for taking it back: for the project that it was read in, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.live import APP, TOKENS, NoWait, Ran, git_repository, new_world, variables
from tests.core.states import answers_of
from wizard.answers import Answers
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret
from wizard.session import Session, Target

WEB = "acme/team/web"
ID = "variable:OLD@*"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """The usual world; the variable OLD is in two of its projects."""
    world = new_world()
    web = next(project for project in world["projects"] if project["path"] == WEB)
    web["variables"] = [{"key": "OLD", "value": "old-value-of-web", "masked": True}]
    with Sandbox(world) as box:
        yield box


def answers(project: str) -> Answers:
    wanted = {"project": project, "variables": [{"key": "OLD", "value": "env:OLD", "hidden": False}]}
    return replace(answers_of(wanted), project=project)


def session(box: Sandbox, folder: Path) -> Session:
    """A session that the answers say the project of."""
    tree = folder / "tree"
    target = Target(box.url, None, tree if tree.is_dir() else git_repository(tree))
    return Session(target, Secret(TOKENS["maint"]), journal_folder=folder)


def applied(session: Session, project: str) -> None:
    secrets = {"env:OLD": Secret("new-value-of-it")}
    plan = session.plan(answers(project), session.discover(answers(project), secrets))
    assert Ran(list(session.apply(plan, secrets))).ending == ("done", 0)


def test_a_secret_that_was_read_in_one_project_is_never_written_into_another(box: Sandbox, tmp_path: Path) -> None:
    applied(session(box, tmp_path), WEB)
    here = session(box, tmp_path)
    applied(here, APP)
    plan = here.undo_plan(answers(WEB))
    assert [notice.code for notice in plan.warnings] == ["not-restorable"]
    assert Ran(list(here.undo(plan, stop=NoWait()))).finished.left == (ID,)
    assert variables(box, WEB)["OLD@*"]["value"] == "new-value-of-it"
