"""Every call of a full apply meets every fault: the same run goes on, or stops with clear words, and the next one ends
where an undisturbed apply ends, with nothing orphaned.

By default a covering sample runs: each fault at a few calls, each writing call with a few faults.
`REGISTRY_WIZARD_ALL_FAULTS=1` runs the full product, "HTML, 500" instead of 1 these faults at all calls. `-s` shows the
table.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.core.faulty_proxy import FAULTS, LASTING, PASSING, FaultyProxy
from tests.core.http_stub import Says, Stub
from tests.core.live import APP, PULL_TOKEN, SECRETS, TOKENS, TOOLS, NoWait, Ran, Setup, git_repository, stored
from tests.core.live import working_tokens as working
from tests.core.states import answers_of
from tests.core.whole_run import EACH_SCENARIO, FILES, SCENARIOS, Scenario, differences, reset, settled
from wizard.change import Plan
from wizard.sandbox.server import Sandbox

_EVERYTHING = os.environ.get("REGISTRY_WIZARD_ALL_FAULTS", "")
_TIME_OUT = 0.4
"""Seconds, where a fault is that no answer comes."""


@dataclass
class Bench:
    """One scenario behind a faulty proxy."""

    name: str
    scenario: Scenario
    box: Sandbox
    proxy: FaultyProxy
    elsewhere: Stub
    folder: Path
    number: int = 0
    plan: Plan | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def undisturbed(self) -> list[tuple[str, str]]:
        """Plan, and apply without faults; returns the calls of the apply."""
        git_repository(self.folder / "clone", FILES)
        setup = self.start()
        self.before, self.plan = settled(self.box), setup.plan(setup.session())
        self.proxy.disarm()
        assert self.apply(setup).ending == ("done", 0)
        calls = list(self.proxy.calls)
        self.wanted, self.files = settled(self.box), _files(setup)
        self.end(setup)
        return calls

    def start(self) -> Setup:
        """Set GitLab and the machine back."""
        reset(self.box, self.scenario)
        self.number += 1
        folder = self.folder / str(self.number)
        return Setup(
            self.proxy.url,
            shutil.copytree(self.folder / "clone", folder / "repo"),
            folder / "state",
            answers_of(self.scenario.answers),
            waits=NoWait(lambda _seconds: self.proxy.waited()),
            ca_file=self.proxy.ca_file,
        )

    def apply(self, setup: Setup) -> Ran:
        """Make what was planned once for all: the world is the same each time."""
        assert self.plan is not None
        return setup.apply(setup.session(), self.plan)

    def end(self, setup: Setup) -> None:
        setup.close()
        shutil.rmtree(self.folder / str(self.number))

    def meets(self, fault: str, call: int) -> tuple[str, list[str]]:
        """Apply with one fault, then once more without; returns how the first ended, and all that is wrong."""
        setup = self.start()
        self.proxy.arm(fault, call, 10_000 if fault in LASTING else 1)
        first = self.apply(setup)
        self.proxy.disarm()
        wrong = list(self._told_truly(first, fault))
        again = setup.session()
        second = setup.apply(again, setup.plan(again))
        if second.finished.exit:
            wrong.append(f"the second apply ended {second.ending}: {second.named('change-failed')}")
        wrong += differences(settled(self.box), self.wanted, "world")
        wrong += differences(_files(setup), self.files, "file")
        wrong += self._orphans()
        wrong += [f"still to do: {found.id}" for found in setup.plan(again).pending]
        wrong += self._went_elsewhere()
        self.end(setup)
        return f"{first.finished.status} {first.finished.exit}", wrong

    def _told_truly(self, ran: Ran, fault: str) -> Iterator[str]:
        """What the first run said is so: unchanged where it says so, and why it failed."""
        code = ran.finished.exit
        if code in {1, 4, 130}:
            yield from differences(settled(self.box), self.before, "said to be unchanged: world")
        if code == 0:
            yield from differences(settled(self.box), self.wanted, "said to be done: world")
        if code and not all(event["message"] for event in ran.named("change-failed")):
            yield "the failure has no words"
        if fault in PASSING and code:
            yield f"a passing fault ended it: {ran.named('change-failed')}"

    def _orphans(self) -> Iterator[str]:
        held = [variable["value"] for variable in stored(self.box, APP)["variables"]]
        for token in working(self.box, TOOLS, PULL_TOKEN):
            if token["token"] not in held:
                yield f"nobody holds the secret of token {token['id']}"

    def _went_elsewhere(self) -> Iterator[str]:
        secrets = [*SECRETS.values(), *TOKENS.values()]
        for asked in self.elsewhere.asked:
            if "authorization" in asked.headers or any(secret in str(asked) for secret in secrets):
                yield f"a secret went to another host: {asked.method} {asked.path}"
        self.elsewhere.asked.clear()


def _files(setup: Setup) -> dict[str, bytes]:
    root = setup.work_tree
    assert root is not None
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.fixture(params=EACH_SCENARIO)
def bench(request: pytest.FixtureRequest, served: Sandbox, tmp_path: Path) -> Iterator[Bench]:
    with Stub(Says(200, {"id": 1, "username": "elsewhere"})) as elsewhere:
        address = elsewhere.url.replace("127.0.0.1", "localhost")
        with FaultyProxy(served.url, tmp_path, address) as proxy:
            yield Bench(request.param, SCENARIOS[request.param], served, proxy, elsewhere, tmp_path)


def chosen(scenario: str, calls: list[tuple[str, str]]) -> list[tuple[int, str]]:
    """All pairs; or each writing call of every scenario with the next of the faults, and a few reading calls."""
    faults = list(FAULTS)
    if _EVERYTHING:
        named = faults if _EVERYTHING == "1" else [name.strip() for name in _EVERYTHING.split(",")]
        return [(number, fault) for number in range(len(calls)) for fault in named]
    writes = [number for number, (method, _) in enumerate(calls) if method != "GET"]
    reads = [number for number, (method, _) in enumerate(calls) if method == "GET"]
    first = {"set-up": 0, "removal": 17, "merge request": 7, "branch": 13}[scenario]
    pairs = {(number, faults[(first + turn) % len(faults)]) for turn, number in enumerate(writes)}
    first += len(writes)
    pairs |= {(reads[len(reads) * (part + 1) // 3], faults[(first + part) % len(faults)]) for part in (0, 1)}
    return sorted(pairs)


def test_after_any_fault_at_any_call_the_next_apply_ends_where_an_undisturbed_one_ends(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = bench.undisturbed()
    pairs = chosen(bench.name, calls)
    endings: dict[str, Counter[str]] = {fault: Counter() for fault in FAULTS}
    wrong: dict[str, list[str]] = {}
    for number, fault in pairs:
        monkeypatch.setattr("wizard.gateways.gitlab.TIMEOUT", (10, _TIME_OUT if "time-out" in fault else 30))
        ended, found = bench.meets(fault, number)
        endings[fault][ended] += 1
        if found:
            wrong[f"{fault} at {number} {' '.join(calls[number])}"] = found
    print(f"\n{len(pairs)} of {len(calls)} calls with {len(FAULTS)} faults, of {len(calls) * len(FAULTS)}")
    for fault, counted in endings.items():
        print(f"  {fault:22} {', '.join(f'{ended}: {count}' for ended, count in sorted(counted.items()))}")
    for name, found in wrong.items():
        print(f"  WRONG {name}: {found}")
    assert wrong == {}
