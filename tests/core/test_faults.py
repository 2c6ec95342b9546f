"""Every call of a full apply meets every fault; the apply is run again, and the world is as if nothing had happened.

By default a covering sample runs. `REGISTRY_WIZARD_ALL_FAULTS=1` runs the full product; `-s` shows the table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.faulty_proxy import FAULTS, FaultyProxy
from tests.core.live import (
    ANSWERS,
    APP,
    BUILT,
    FILES,
    PULL_TOKEN,
    SECRETS,
    TOOLS,
    NoWait,
    Ran,
    Setup,
    applied_world,
    comparable,
    git_repository,
    new_world,
    pending,
    stored,
    working_tokens,
)
from tests.core.states import answers_of
from wizard.change import Plan
from wizard.gateways import gitlab, registry
from wizard.journal import Journal
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox

_EVERYTHING = bool(os.environ.get("REGISTRY_WIZARD_ALL_FAULTS"))
_FOR_GOOD = 10_000
_MOST_RUNS = 4
_STEP = 7
_WORST = {"reset after"}
"""Spoils every write in the sample, too: what was done is not known."""
_PATIENCE = (0.3, 0.3)
"""Seconds of the time-outs; the proxy is slower."""
_REMOVAL: Mapping[str, Any] = {
    "registry": {"visibility": "project", "cleanup": {"enabled": False}, "protect": "none"},
    "pull": [{"project": "platform/base-images", "absent": True}, {"project": TOOLS, "absent": True}],
    "docker_auth": [{"host": "127.0.0.1:1", "absent": True}],
    "variables": [
        {"key": "SENTRY_DSN", "absent": True},
        {"key": "CA", "scope": "production", "absent": True},
        {"key": "LEVEL", "value": "trace", "masked": False, "raw": False},
        {"key": "REMADE", "value": "env:DSN"},
    ],
}


@dataclass(frozen=True)
class Scenario:
    """A world, and answers that change much of it."""

    answers: Mapping[str, Any]
    world: Callable[[], dict[str, Any]]


_DELIVERY: Mapping[str, Any] = {
    "registry": {"visibility": "private"},
    "build": {"tags": ["branch"]},
    "deploy": BUILT["deploy"],
    "delivery": {"mode": "merge-request", "branch": "registry-wizard/setup"},
}


def built_world() -> dict[str, Any]:
    """The first world with a Dockerfile on the default branch."""
    world = new_world()
    world["projects"][0]["files"] = dict(FILES)
    return world


SCENARIOS = {
    "set-up": Scenario(ANSWERS, new_world),
    "removal": Scenario(_REMOVAL, applied_world),
    "delivery": Scenario(_DELIVERY, built_world),
}


@dataclass(frozen=True)
class Row:
    """How one disturbed apply went; `wrong` says what it left behind or said in error."""

    fault: str
    call: str
    first: tuple[str, int]
    runs: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        said = "; ".join(self.wrong) or "as undisturbed"
        return f"{self.fault:22} {self.call:90} {self.first[0]:8} exit {self.first[1]}  runs {self.runs}  {said}"


@dataclass
class Bench:
    """A simulated GitLab behind a faulty line, and what an undisturbed apply makes of it."""

    box: Sandbox
    proxy: FaultyProxy
    folder: Path
    scenario: Scenario
    plan: Plan
    calls: list[tuple[str, str]]
    before: dict[str, Any]
    after: dict[str, Any]
    number: int = 0

    def fresh(self) -> Setup:
        """Start again: the first world, an empty journal."""
        self.number += 1
        self.box.instance.replace(load_world(self.scenario.world()))
        return self.setup()

    def setup(self) -> Setup:
        delivered = "delivery" in self.scenario.answers
        repository = None if delivered else self.folder / "repo"
        made = Setup(self.proxy.url, repository, self.folder / f"state-{self.number}")
        made.answers = answers_of(self.scenario.answers)
        made.waits = NoWait(lambda _seconds: self.proxy.waited())
        return made

    def disturbed(self, fault: str, call: int, *, lasting: bool) -> Row:
        """Apply with one call spoiled, or that one and all after it; then apply again on a line that works."""
        setup = self.fresh()
        self.proxy.arm(fault, call, _FOR_GOOD if lasting else 1)
        ran = setup.apply(setup.session(), self.plan)
        self.proxy.disarm()
        first, runs = ran, 1
        wrong = list(self._misreported(ran))
        while ran.finished.exit and runs < _MOST_RUNS:
            session = setup.session()
            ran = setup.apply(session, setup.plan(session))
            runs += 1
        wrong += self.left_behind(setup)
        setup.close()
        method, path = self.calls[call]
        name = f"{call}{'…' if lasting else ''} {method} {path.removeprefix('/api/v4').partition('?')[0]}"
        return Row(fault, name, first.ending, runs, tuple(wrong))

    def _misreported(self, ran: Ran) -> Iterator[str]:
        changed = comparable(self.box) != self.before
        exit_code = ran.finished.exit
        if exit_code == 1 and changed:
            yield "said that nothing was changed"
        if exit_code not in {0, 1, 3}:
            yield f"exit {exit_code}"
        if exit_code == 0 and (ran.finished.left or comparable(self.box) != self.after):
            yield "said that all was done"

    def left_behind(self, setup: Setup) -> Iterator[str]:
        found = comparable(self.box)
        if found != self.after:
            yield "another world than undisturbed"
        usable = [token["token"] for token in working_tokens(self.box, TOOLS, PULL_TOKEN)]
        held = [variable["value"] for variable in stored(self.box, APP)["variables"]]
        if [token for token in usable if token not in held]:
            yield "a token whose secret nobody holds"
        if len(usable) != len(working_names(self.after)):
            yield f"{len(usable)} working tokens"
        if left := pending(setup.plan(setup.session())):
            yield f"still to do: {', '.join(left)}"
        journal = "".join(path.read_text() for path in setup.journal.rglob("journal.jsonl"))
        if [secret for secret in (*SECRETS.values(), *usable) if secret in journal]:
            yield "a secret in the journal"


def working_names(world: Mapping[str, Any]) -> list[str]:
    """The tokens of ours that work, in a world made comparable."""
    tools = next(project for project in world["projects"] if project["path"] == TOOLS)
    return [token["name"] for token in tools["deploy_tokens"] if token["name"] == PULL_TOKEN and not token["token"]]


@pytest.fixture(scope="module", params=SCENARIOS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("faults")
    git_repository(folder / "repo")
    scenario = SCENARIOS[request.param]
    with Sandbox(scenario.world(), control=True) as box, FaultyProxy(box.url) as proxy:
        made = Bench(box, proxy, folder, scenario, Plan("", 0, ""), [], comparable(box), {})
        setup = made.setup()
        made.plan = setup.plan(setup.session())
        proxy.disarm()
        assert setup.apply(setup.session(), made.plan).ending == ("done", 0)
        made.calls, made.after = list(proxy.calls), comparable(box)
        assert pending(setup.plan(setup.session())) == {}
        setup.close()
        yield made


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "TIMEOUT", _PATIENCE)
    monkeypatch.setattr(registry, "TIMEOUT", _PATIENCE)


def chosen(fault: str, calls: list[tuple[str, str]]) -> Iterator[tuple[int, bool]]:
    """Which calls a fault spoils, and whether it lasts."""
    if _EVERYTHING:
        yield from ((call, lasting) for call in range(len(calls)) for lasting in (False, True))
        return
    number = list(FAULTS).index(fault)
    writes = [call for call, (method, _) in enumerate(calls) if method != "GET"]
    picked = {number % len(calls), *writes[number % _STEP :: _STEP]}
    picked |= set(writes) if fault in _WORST else set()
    yield from ((call, (call + number) % 2 == 1) for call in sorted(picked) if call < len(calls))


class KilledError(BaseException):
    """What a kill does: nothing that comes after is run."""


@pytest.mark.parametrize("point", ["intend", "done", "after"])
def test_a_kill_around_any_act_leaves_a_world_that_the_next_apply_completes(
    point: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`intend`: just before the act; `done`: after it and before its outcome is written; `after`: before the next one."""
    wrong = []
    pending_changes = list(bench.plan.pending)
    for number, change in enumerate(pending_changes):
        if not _EVERYTHING and point != "done" and number % 4:
            continue
        setup = bench.fresh()
        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(Journal, *_killing(point, change.id))
            setup.apply(setup.session(), bench.plan)
        session = setup.session()
        again = setup.apply(session, setup.plan(session))
        wrong += [f"killed at {point} of {change.id}: {said}" for said in bench.left_behind(setup)]
        wrong += [f"killed at {point} of {change.id}: {again.ending}"] if again.finished.exit else []
        setup.close()
    assert wrong == []


def _killing(point: str, change_id: str) -> tuple[str, Callable[..., None]]:
    method = "done" if point == "after" else point
    write = getattr(Journal, method)

    def stand_in(self: Journal, change: Any, *rest: Any) -> None:
        if change.id == change_id:
            if point == "after":
                write(self, change, *rest)
            raise KilledError
        write(self, change, *rest)

    return method, stand_in


@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_the_next_apply_makes_the_same_world(fault: str, bench: Bench) -> None:
    rows = [bench.disturbed(fault, call, lasting=lasting) for call, lasting in chosen(fault, bench.calls)]
    print("", *rows, sep="\n")
    assert [str(row) for row in rows if row.wrong] == []
