"""The cases are sharp: whatever one rule of the simulated GitLab is broken, at least one of them notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.sandbox import ci_mutants, mutants
from tests.sandbox.conftest import Answer, Client, SetClock, base_world, changed_world
from tests.sandbox.mutants import Mutant
from tests.sandbox.test_cases import cases, holds
from wizard.sandbox.server import Sandbox

ALL: list[tuple[str, Mapping[str, Any]]] = [(str(case.id), case.values[0]) for case in cases()]


def _chosen(files: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, case) for name, case in ALL if name.partition(":")[0] in files.split()]


def _answers(client: Client, case: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Answer]]:
    assert client.send("PUT", "/-/sandbox/world", send=changed_world(case.get("world", {}))).status == 204
    for step in case.get("steps", [case]):
        method, _, path = step["call"].partition(" ")
        given = {name: step.get(name) for name in ("send", "form", "headers")}
        yield step, client.send(method, path, who=step.get("as"), **given)


def _notices(client: Client, case: Mapping[str, Any]) -> bool:
    for step, answer in _answers(client, case):
        assert answer.status != 500, "the mutant does not answer wrongly, it does not answer"
        try:
            holds(answer, step)
        except AssertionError:
            return True
    return False


@pytest.mark.thorough
@pytest.mark.parametrize("mutant", [*mutants.MUTANTS, *ci_mutants.MUTANTS], ids=lambda mutant: mutant.wrong)
def test_a_gitlab_with_one_broken_rule_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.make(monkeypatch)
    chosen = _chosen(mutant.noticed_in)
    with Sandbox(base_world(), control=True, clock=SetClock()) as box:
        client = Client(box.url)
        noticed = any(_notices(client, case) for _, case in chosen)
        client.close()
    assert noticed, f"none of {len(chosen)} cases notices a GitLab that {mutant.wrong}"
