"""Undo after every prefix of a plan, and after a death before and after every write: the world is as it was before.

What undo cannot bring back it names before it touches anything. By default a covering sample of the deaths runs;
`REGISTRY_WIZARD_ALL_KILLS=1` runs all. `-s` shows the table.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.crashing import Killed, Writes
from tests.core.live import PULL_TOKEN, TOOLS, NoWait, Ran, Setup, comparable, git_repository, status
from tests.core.states import answers_of
from tests.core.whole_run import EACH_SCENARIO, FILES, SCENARIOS, Scenario, differences, reset
from wizard.change import Plan
from wizard.events import ChangeDone
from wizard.sandbox.server import Sandbox
from wizard.session import Session

_EVERYTHING = bool(os.environ.get("REGISTRY_WIZARD_ALL_KILLS"))
_EVERY = 7
_HIDDEN = {f"deploy-token:{TOOLS}/{PULL_TOKEN}", "variable:PULL_TOOLS_CI_TOKEN@*", "variable:SENTRY_DSN@*"}
"""What even the process that replaced it cannot bring back."""


@dataclass
class World:
    """What undo has to bring back: GitLab, and the work tree byte for byte."""

    gitlab: dict[str, Any]
    files: Mapping[str, bytes]
    status: str


@dataclass
class Bench:
    """One scenario on one machine, set back before each attempt."""

    scenario: Scenario
    box: Sandbox
    setup: Setup
    plan: Plan
    before: World

    @classmethod
    def new(cls, name: str, box: Sandbox, folder: Path) -> Bench:
        scenario = SCENARIOS[name]
        reset(box, scenario)
        setup = Setup(box.url, git_repository(folder / "repo", FILES), folder / "state", answers_of(scenario.answers))
        plan = setup.plan(setup.session())
        return cls(scenario, box, setup, plan, _world(box, setup))

    def again(self, number: int) -> Session:
        """Set GitLab back, and forget the journal; the work tree is as the last undo left it."""
        reset(self.box, self.scenario)
        self.setup.journal = self.setup.journal.with_name(f"state{number}")
        return self.setup.session()

    def undo(self, session: Session) -> tuple[Ran, set[str]]:
        """Take the last apply back; returns its events, and what it said before that it could not restore."""
        shown = session.undo_plan(self.setup.answers)
        named = {notice.message.partition(": ")[0] for notice in shown.warnings}
        return Ran(list(session.undo(shown, stop=NoWait()))), named

    def wrong(self, ran: Ran, named: set[str]) -> list[str]:
        """All that is not as before, and was not named."""
        found = _world(self.box, self.setup)
        wrong = differences(_without(found.gitlab, named), _without(self.before.gitlab, named), "world")
        wrong += differences(found.files, self.before.files, "file")
        wrong += differences(found.status, self.before.status, "git status")
        wrong += [f"{name} was left and not named before" for name in set(ran.finished.left) - named]
        return wrong


def _world(box: Sandbox, setup: Setup) -> World:
    root = setup.work_tree
    assert root is not None
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }
    gitlab = comparable(box)
    for project in gitlab["projects"]:
        project["merge_requests"] = [found for found in project["merge_requests"] if found["state"] == "opened"]
    return World(gitlab, files, status(root))


def _without(world: dict[str, Any], lost: set[str]) -> dict[str, Any]:
    gitlab = copy.deepcopy(world)
    for project in gitlab["projects"]:
        project["variables"] = [
            row for row in project["variables"] if f"variable:{row['key']}@{row['environment_scope']}" not in lost
        ]
        project["deploy_tokens"] = [
            row for row in project["deploy_tokens"] if f"deploy-token:{project['path']}/{row['name']}" not in lost
        ]
    return gitlab


@pytest.fixture(params=EACH_SCENARIO)
def bench(request: pytest.FixtureRequest, served: Sandbox, tmp_path: Path) -> Iterator[Bench]:
    made = Bench.new(request.param, served, tmp_path)
    yield made
    made.setup.close()


def test_undo_after_every_prefix_of_the_plan_brings_the_world_back(bench: Bench) -> None:
    """In the same run, so that replaced values are still in memory: only revoked tokens and hidden values are lost."""
    wrong: dict[str, list[str]] = {}
    pending = bench.plan.pending
    for length in range(1, len(pending) + 1) if _EVERYTHING else {*range(1, len(pending), _EVERY), len(pending)}:
        session = bench.again(length)
        stop = NoWait()
        done = 0
        for event in session.apply(bench.plan, bench.setup.secrets, stop=stop):
            done += isinstance(event, ChangeDone)
            if done == length:
                stop.set()
        ran, named = bench.undo(session)
        if found := bench.wrong(ran, named):
            wrong[f"{length}: {pending[length - 1].id}"] = found
        assert named <= _HIDDEN
    assert wrong == {}


def test_undo_after_a_death_at_any_write_brings_the_world_back(bench: Bench) -> None:
    """In a process of its own, which knows what the journal says and no more."""
    writes = Writes()
    session = bench.again(0)
    with writes.counted():
        list(session.apply(bench.plan, bench.setup.secrets, stop=NoWait()))
    names = list(writes.log)
    bench.undo(session)
    points = [(number, side) for number in range(len(names)) for side in ("before", "after")]
    chosen = points if _EVERYTHING else sorted({*points[::_EVERY], points[-1]})
    print(f"\n{len(chosen)} of {len(points)} deaths at {len(names)} writes")
    wrong: dict[str, list[str]] = {}
    for number, side in chosen:
        session = bench.again(1 + 2 * number + (side == "after"))
        with pytest.raises(Killed), writes.counted((number, side)):
            list(session.apply(bench.plan, bench.setup.secrets, stop=NoWait()))
        ran, named = bench.undo(bench.setup.session())
        found = bench.wrong(ran, named)
        print(f"  {side:6} {number:2} {names[number]:70} {len(ran.finished.done):2} taken back, {len(named)} named")
        if found:
            wrong[f"{side} {number} {names[number]}"] = found
    assert wrong == {}


def test_after_a_death_at_any_write_of_an_undo_the_next_one_ends_it(bench: Bench) -> None:
    writes = Writes()
    session = bench.again(10_000)
    list(session.apply(bench.plan, bench.setup.secrets, stop=NoWait()))
    with writes.counted():
        bench.undo(session)
    names = list(writes.log)
    points = [(number, side) for number in range(len(names)) for side in ("before", "after")]
    chosen = points if _EVERYTHING else sorted({*points[2::_EVERY], points[-1]})
    print(f"\n{len(chosen)} of {len(points)} deaths at {len(names)} writes of an undo")
    wrong: dict[str, list[str]] = {}
    for number, side in chosen:
        session = bench.again(10_001 + 2 * number + (side == "after"))
        list(session.apply(bench.plan, bench.setup.secrets, stop=NoWait()))
        with pytest.raises(Killed), writes.counted((number, side)):
            bench.undo(session)
        ran, named = bench.undo(session)
        if found := bench.wrong(ran, named | _HIDDEN):
            wrong[f"{side} {number} {names[number]}"] = found
    assert wrong == {}
