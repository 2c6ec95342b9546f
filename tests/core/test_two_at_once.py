"""Two applies at once, and an apply beside somebody who clicks in GitLab: one refuses or stops, none destroys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.live import PULL_TOKEN, TOOLS, NoWait, Setup, served_project, stored, working_tokens
from tests.core.whole_run import SCENARIOS, Ended, Machine, Runner, differences, reset, settled
from wizard.events import ChangeDone
from wizard.sandbox.server import Sandbox

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
SCENARIO = SCENARIOS["set-up"]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture
def gitlab(served: Sandbox) -> Iterator[Sandbox]:
    reset(served, SCENARIO)
    yield served
    reset(served, SCENARIO)


def machine(gitlab: Sandbox, runner: Runner, folder: Path) -> Machine:
    return Machine.new(folder, gitlab.url, runner, SCENARIO.answers)


def begin(on: Machine) -> subprocess.Popen[str]:
    """Start an apply in a shell of its own."""
    command = [sys.executable, "-m", "wizard", "apply", "--yes", "--repo", str(on.repo), *on.options]
    return subprocess.Popen(
        command, cwd=ROOT, env=on.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


def in_use(world: Any) -> Any:
    """Return the world without revoked tokens: whoever gave way, or lost one, has revoked it."""
    for project in world["projects"]:
        project["deploy_tokens"] = [token for token in project["deploy_tokens"] if not token["revoked"]]
    return world


def undisturbed(gitlab: Sandbox, runner: Runner, folder: Path) -> dict[str, object]:
    assert machine(gitlab, runner, folder).run("apply", "--yes").code == 0
    wanted = settled(gitlab)
    reset(gitlab, SCENARIO)
    return wanted


def test_from_two_shells_of_one_machine_one_makes_all_and_the_other_changes_nothing(
    gitlab: Sandbox, runner: Runner, tmp_path: Path
) -> None:
    wanted = undisturbed(gitlab, runner, tmp_path / "other")
    on = machine(gitlab, runner, tmp_path / "one")
    gitlab.instance.world.state.instance.latency_ms = 20
    both = [ended(process) for process in (begin(on), begin(on))]
    gitlab.instance.world.state.instance.latency_ms = 0
    assert 0 in {one.code for one in both}, both
    other = next(one for one in both if one is not next(found for found in both if found.code == 0))
    # Which of the two comes first decides what the other finds: the lock, or a world that has moved.
    assert other.code in {0, 1, 4}, other
    assert other.code != 1 or "another apply on this project is running" in other.out
    assert differences(settled(gitlab), wanted) == []
    assert len(working_tokens(gitlab, TOOLS, PULL_TOKEN)) == 1
    assert on.run("plan", "--detailed-exitcode").code == 0
    assert on.leftovers() == []


def test_from_two_machines_the_world_ends_as_wanted_once_both_have_finished(
    gitlab: Sandbox, runner: Runner, tmp_path: Path
) -> None:
    """No lock reaches from machine to machine; still no deploy token is left over once each has applied to its end."""
    wanted = undisturbed(gitlab, runner, tmp_path / "other")
    one, two = (machine(gitlab, runner, tmp_path / name) for name in ("one", "two"))
    gitlab.instance.world.state.instance.latency_ms = 20
    both = [ended(process) for process in (begin(one), begin(two))]
    gitlab.instance.world.state.instance.latency_ms = 0
    assert {run.code for run in both} <= {0, 3, 4}, both
    for on in (one, two):
        again = on.run("apply", "--yes")
        assert again.code == 0, again.out + again.err
    assert differences(in_use(settled(gitlab)), in_use(wanted)) == []
    assert [on.run("plan", "--detailed-exitcode").code for on in (one, two)] == [0, 0]


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_while_an_apply_runs_another_command_says_so_and_what_to_do(
    gitlab: Sandbox, runner: Runner, tmp_path: Path, command: str
) -> None:
    on = machine(gitlab, runner, tmp_path / "one")
    assert on.run("apply", "--yes").code == 0
    setup = Setup(gitlab.url, on.repo, tmp_path / "one/state/registry-wizard")
    served_project(gitlab).registry = "enabled"
    before = settled(gitlab)
    session = setup.session()
    plan = setup.plan(session)
    with session._journal(plan).alone():
        refused = on.run(command, "--yes")
    setup.close()
    assert refused.code == 1, refused.out
    assert "another apply on this project is running" in refused.out + refused.err
    assert "run again" in refused.out + refused.err
    assert settled(gitlab) == before


def test_a_person_who_clicks_meanwhile_stops_it_and_keeps_what_they_made(setup: Setup, box: Sandbox) -> None:
    """They set a variable that comes later in the plan: it is not overwritten, and what is left is said."""
    session = setup.session()
    plan = setup.plan(session)
    told = []
    for event in session.apply(plan, setup.secrets, stop=NoWait()):
        told.append(event)
        if isinstance(event, ChangeDone) and event.id == "variable:SENTRY_DSN@*":
            level = next(row for row in served_project(box).variables if row.key == "LEVEL")
            level.value, level.protected = "theirs", True
    document = told[-1].document()
    assert (document["status"], document["exit"]) == ("failed", 3)
    assert "variable:LEVEL@*" in document["left"]
    assert next(row["value"] for row in stored(box)["variables"] if row["key"] == "LEVEL") == "theirs"
    assert [token["token"] for token in working_tokens(box, TOOLS, PULL_TOKEN)] == [
        row["value"] for row in stored(box)["variables"] if row["key"] == "PULL_TOOLS_CI_TOKEN"
    ]
