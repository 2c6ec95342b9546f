"""kill -9 at every step of an apply: the next apply finishes, and ends where an undisturbed one ends.

The program runs in processes of its own; steps are every request (before it goes out, after its answer), every change
of a file or folder (before it, and after the bytes are written), and half a line of the journal. By default a covering
sample runs; `REGISTRY_WIZARD_ALL_KILLS=1` runs all steps. `-s` shows the table.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.live import APP, PULL_TOKEN, TOOLS, stored, working_tokens
from tests.core.whole_run import EACH_SCENARIO, SCENARIOS, Ended, Machine, Runner, Scenario, differences, reset, settled
from wizard.sandbox.server import Sandbox

_EVERYTHING = bool(os.environ.get("REGISTRY_WIZARD_ALL_KILLS"))
_EVERY = 31
"""Of the steps that only read or only write the journal, one in so many is in the sample."""
_READS = ("before GET", "after GET")
_DULL = (*_READS, "before opening state/", "within a line", "written state/", "before POST", "before PUT")


@dataclass(frozen=True)
class Undisturbed:
    """Where an apply ends that nobody disturbs."""

    steps: tuple[str, ...]
    world: Mapping[str, Any]
    files: Mapping[str, bytes]
    status: Mapping[str, str]


@dataclass
class Bench:
    """A simulated GitLab, and machines whose program is killed."""

    name: str
    scenario: Scenario
    box: Sandbox
    runner: Runner
    folder: Path
    number: int = 0

    def machine(self) -> Machine:
        """Start again with the first world, on a fresh machine."""
        reset(self.box, self.scenario)
        self.number += 1
        folder, clone = self.folder / str(self.number), self.folder / "clone"
        known = clone if clone.is_dir() else None
        made = Machine.new(folder, self.box.url, self.runner, self.scenario.answers, known)
        if known is None:
            shutil.copytree(made.repo, clone)
        return made

    def undisturbed(self) -> Undisturbed:
        machine = self.machine()
        ran = machine.run("apply", "--yes", listed=True)
        assert ran.code == 0, ran.out + ran.err
        assert machine.run("plan", "--detailed-exitcode").code == 0
        assert machine.leftovers() == []
        return Undisturbed(ran.steps, settled(self.box), machine.files(), machine.status())

    def killed(self, step: int, wanted: Undisturbed) -> tuple[str, list[str]]:
        """Kill at one step, apply again; returns what that second run said, and all that is not as undisturbed."""
        machine = self.machine()
        first = machine.run("apply", "--yes", kill=step)
        wrong = [] if first.code == -signal.SIGKILL else [f"not killed, but ended with {first.code}"]
        second = machine.run("apply", "--yes")
        if second.code:
            wrong.append(f"the second apply ended with {second.code}: {second.out}{second.err}")
        wrong += differences(settled(self.box), wanted.world, "world")
        wrong += differences(machine.files(), wanted.files, "file")
        wrong += differences(machine.status(), wanted.status, "git status")
        wrong += [f"left over: {name}" for name in machine.leftovers()]
        wrong += self._orphans()
        wrong += self._still_pending(machine)
        shutil.rmtree(machine.folder)
        return _said(second), wrong

    def _still_pending(self, machine: Machine) -> list[str]:
        third = machine.run("plan", "--detailed-exitcode")
        told = ["plan still says that an apply was left unfinished"] * ("unfinished-apply" in third.out)
        return told + ([] if third.code == 0 else [f"still something to do: {third.out}"])

    def _orphans(self) -> Iterator[str]:
        held = [variable["value"] for variable in stored(self.box, APP)["variables"]]
        for token in working_tokens(self.box, TOOLS, PULL_TOKEN):
            if token["token"] not in held:
                yield f"nobody holds the secret of token {token['id']}"


def _said(second: Ended) -> str:
    made = [line.split() for line in second.out.splitlines() if line[:2] == "  "]
    counts = {word: sum(line[0] == word for line in made) for word in ("created", "updated", "deleted", "already")}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing left to do"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture(params=EACH_SCENARIO)
def bench(request: pytest.FixtureRequest, runner: Runner, tmp_path: Path) -> Iterator[Bench]:
    scenario = SCENARIOS[request.param]
    with Sandbox(scenario.world(), control=True) as box:
        yield Bench(request.param, scenario, box, runner, tmp_path)


def chosen(steps: tuple[str, ...]) -> list[int]:
    """Every step that changes something in GitLab or in the work tree, and some of the others."""
    if _EVERYTHING:
        return list(range(len(steps)))
    telling = [number for number, step in enumerate(steps) if not step.startswith(_DULL)]
    seen: dict[str, int] = {}
    for number in telling:  # of steps that are alike, as the files of one delivery are, the first and the last
        seen.setdefault(_alike(steps[number]), number)
    last = {_alike(steps[number]): number for number in telling}
    dull = [number for number, step in enumerate(steps) if step.startswith(_DULL)]
    return sorted({*seen.values(), *last.values(), *dull[::_EVERY]})


def _alike(step: str) -> str:
    words = step.split()
    if words[0] == "after":
        return step
    done = words[0] if words[0] == "written" else " ".join(words[:2])
    return f"{done} {'.git' if '.git/' in step else 'the work tree'}"


def test_after_a_kill_at_any_step_the_next_apply_ends_where_an_undisturbed_one_ends(bench: Bench) -> None:
    wanted = bench.undisturbed()
    numbers = chosen(wanted.steps)
    print(f"\n{bench.name}: {len(numbers)} of {len(wanted.steps)} steps")
    wrong = {}
    for number in numbers:
        said, found = bench.killed(number, wanted)
        step = f"{number:3} {wanted.steps[number]}"
        print(f"  {step:90} then {said:50} {'; '.join(found) or 'as undisturbed'}")
        if found:
            wrong[step] = found
    assert wrong == {}


def test_the_command_itself_survives_a_kill_in_the_middle(bench: Bench) -> None:
    """The same without the runner: `python -m wizard`, killed from outside as soon as GitLab saw its first write."""
    wanted = bench.undisturbed()
    machine = bench.machine()
    command = [sys.executable, "-m", "wizard", "apply", "--yes", "--repo", str(machine.repo), *machine.options]
    bench.box.instance.world.state.instance.latency_ms = 20
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env=machine.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith((b"  created", b"  updated", b"  deleted")):
            process.kill()
            break
    process.communicate()
    bench.box.instance.world.state.instance.latency_ms = 0
    assert process.returncode == -signal.SIGKILL
    ended = machine.run("apply", "--yes")
    assert ended.code == 0, ended.out + ended.err
    assert differences(settled(bench.box), wanted.world) == []
    assert machine.files() == wanted.files
    assert machine.leftovers() == []
