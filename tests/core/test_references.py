"""The local secrets that answers name, and the values that somebody typed for them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.states import answers_of
from wizard.answers_file import answers_of as answers_from_draft
from wizard.question import Draft
from wizard.references import references, typed_in, with_named_asks, without_typed
from wizard.secret import Secret

HARBOR = {"to": "harbor", "registry": "harbor.test", "repository": "a/b", "username": "u"}


def document(first: Any, second: Any, third: Any, fourth: Any) -> dict[str, Any]:
    return {
        "registry": {
            "target": "external",
            "external": {"host": "reg.test", "repository": "a", "username": "u", "password": first},
        },
        "build": {"enabled": True},
        "docker_auth": [{"host": "h.test", "username": "u", "password": second}, {"host": "gone.test", "absent": True}],
        "mirror": [{**HARBOR, "password": third}],
        "variables": [{"key": "DSN", "value": fourth, "scope": "prod/*"}, {"key": "OTHER", "value": "env:OTHER"}],
    }


ASKS = (
    "ask:registry.external.password",
    "ask:docker_auth.h.test",
    "ask:mirror.harbor.test/a/b",
    "ask:variables.DSN@prod/*",
)


def test_each_ask_is_told_from_the_others_by_its_place() -> None:
    answers = answers_of({"version": 1, **document("ask", "ask", "ask", "ask")})
    assert references(answers) == (*ASKS, "env:OTHER")
    assert with_named_asks(with_named_asks(answers)) == with_named_asks(answers)


def test_what_was_typed_stands_in_the_draft_and_is_found_by_the_same_place() -> None:
    values = tuple(Secret(word) for word in ("one", "two", "three", "four"))
    draft = Draft(document(*values))
    assert typed_in(draft) == dict(zip(ASKS, values, strict=True))
    assert references(answers_from_draft(draft)) == (*ASKS, "env:OTHER")


def test_a_draft_is_written_down_without_what_was_typed() -> None:
    draft = Draft(document(Secret("m4rker"), "env:A", Secret("m4rker"), Secret("m4rker")))
    assert without_typed(draft) == Draft(document("ask", "env:A", "ask", "ask"))
    assert "m4rker" not in repr(draft)


@pytest.mark.parametrize("value", ["env:A", "ask", None])
def test_a_reference_is_not_a_typed_value(value: str | None) -> None:
    assert typed_in(Draft({"variables": [{"key": "A", "value": value}, {"key": "B", "absent": True}]})) == {}
