"""The cases that GitLab's OpenAPI document cannot vouch for: calls that it leaves out, answers that are no JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.conftest import Client, changed_world
from tests.sandbox.test_cases import holds

CASES = Path(__file__).with_name("undescribed")


def cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", cases())
def test_gitlab_answers(case: Mapping[str, Any], client: Client) -> None:
    assert client.send("PUT", "/-/sandbox/world", send=changed_world(case.get("world", {}))).status == 204
    for step in case.get("steps", [case]):
        method, _, path = step["call"].partition(" ")
        given = {name: step.get(name) for name in ("send", "form", "headers")}
        holds(client.send(method, path, who=step.get("as"), **given), step)
