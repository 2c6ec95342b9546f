"""Undo of a rotation, from a process that did not make it: user name and secret of a token stay or go together."""

from __future__ import annotations

import pytest

from tests.core.live import PULL_TOKEN, TOOLS, Setup, variables, working_tokens
from tests.core.states import answers_of
from wizard.planning.options import PlanOptions
from wizard.sandbox.server import Sandbox

KEYS = ("PULL_TOOLS_CI_USER@*", "PULL_TOOLS_CI_TOKEN@*")
ROTATED = PlanOptions(rotate=frozenset({"PULL_TOOLS_CI_TOKEN"}))


@pytest.fixture
def rotated(setup: Setup) -> Setup:
    setup.answers = answers_of({"pull": [{"project": TOOLS, "image": "lint:1", "with": "deploy-token"}]})
    for options in (None, ROTATED):
        session = setup.session()
        assert setup.apply(session, setup.plan(session, options)).ending == ("done", 0)
    return setup


def log_in_of_the_pipelines(box: Sandbox) -> tuple[str, str]:
    user, token = (variables(box)[key]["value"] for key in KEYS)
    return user, token


def test_what_the_pipelines_log_in_with_still_works(box: Sandbox, rotated: Setup) -> None:
    working = {(token["username"], token["token"]) for token in working_tokens(box, TOOLS, PULL_TOKEN)}
    assert log_in_of_the_pipelines(box) in working
    rotated.undo()
    working = {(token["username"], token["token"]) for token in working_tokens(box, TOOLS, PULL_TOKEN)}
    assert log_in_of_the_pipelines(box) in working


def test_all_that_stays_was_named_before(rotated: Setup) -> None:
    plan = rotated.session().undo_plan(rotated.answers)
    named = {notice.message.partition(": ")[0] for notice in plan.warnings}
    assert named == {*(f"variable:{key}" for key in KEYS), f"deploy-token:{TOOLS}/{PULL_TOKEN}"}
    assert set(rotated.undo().finished.left) == named


def test_in_the_same_run_nothing_that_it_knows_is_lost(box: Sandbox, rotated: Setup) -> None:
    """Hidden values are known to nobody, so even there both halves stay."""
    session = rotated.session()
    before = log_in_of_the_pipelines(box)
    assert rotated.apply(session, rotated.plan(session, ROTATED)).ending == ("done", 0)
    made = log_in_of_the_pipelines(box)
    assert made != before
    plan = session.undo_plan(rotated.answers)
    list(session.undo(plan, stop=rotated.waits))
    assert log_in_of_the_pipelines(box) == made
    assert {token["token"] for token in working_tokens(box, TOOLS, PULL_TOKEN)} >= {made[1]}
