"""Every case of `cases/*.yml`: in a given world, somebody sends a request, and this is what GitLab answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.sandbox.conftest import CASES, Answer, Client, changed_world

ASKED = {"as", "call", "send", "form", "headers"}
TOLD = {"status", "is", "has", "lacks", "keys", "count", "text", "header", "gets", "gets not"}


def cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yml")):
        if path.stem == "world":
            continue
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


def covers(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is found; a text between slashes is a regular expression."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and covers(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(covers(one, other) for one, other in zip(found, wanted, strict=True))
        )
    if isinstance(wanted, str) and re.fullmatch("/.*/", wanted):
        return isinstance(found, str) and re.search(wanted[1:-1], found) is not None
    return type(found) is type(wanted) and bool(found == wanted)


def holds(answer: Answer, step: Mapping[str, Any]) -> None:
    assert set(step) <= ASKED | TOLD | {"name", "world", "steps"}, f"a key of this case means nothing: {step}"
    assert answer.status == step["status"], answer.text
    if "is" in step:
        assert answer.json == step["is"]
    if "has" in step:
        assert covers(answer.json, step["has"]), answer.text
    if "keys" in step:
        assert sorted(answer.json) == sorted(step["keys"])
    if "lacks" in step:
        rows = answer.json if isinstance(answer.json, list) else [answer.json]
        assert not any(set(step["lacks"]) & set(row) for row in rows)
    if "count" in step:
        assert len(answer.json) == step["count"], answer.text
    if "gets" in step:
        assert covers(_variables(answer), step["gets"]), answer.text
    if "gets not" in step:
        assert not set(step["gets not"]) & set(_variables(answer))
    if "text" in step:
        assert answer.text == step["text"]
    for name, value in step.get("header", {}).items():
        found = answer.headers.get(name.lower())
        assert covers(found, value), f"{name}: {found}"


def _variables(answer: Answer) -> dict[str, str]:
    """The variables of a started job: of a file its value after `file:`."""
    listed = answer.json["variables"]
    found = {item["key"]: f"{'file:' if item['file'] else ''}{item['value']}" for item in listed}
    assert len(found) == len(listed), "a variable is there twice"
    return found


@pytest.mark.parametrize("case", cases())
def test_gitlab_answers(case: Mapping[str, Any], client: Client) -> None:
    assert client.send("PUT", "/-/sandbox/world", send=changed_world(case.get("world", {}))).status == 204
    for step in case.get("steps", [case]):
        method, _, path = step["call"].partition(" ")
        answer = client.send(
            method,
            path,
            who=step.get("as"),
            send=step.get("send"),
            form=step.get("form"),
            headers=step.get("headers"),
        )
        holds(answer, step)
