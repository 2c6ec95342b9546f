"""How answers differ: the words for it, and flags that lead from one document to the other."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.differences import differences, flags
from wizard.documents import Document
from wizard.layers import layered

BASE: dict[str, Any] = {
    "version": 1,
    "project": "acme/app",
    "registry": {"target": "gitlab", "cleanup": {"keep": 10, "older_than": "14d"}},
    "build": {"engine": "dind"},
    "variables": [{"key": "A", "value": "1"}],
}


def changed(**sections: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **sections}.items() if value is not ...}


CASES = [
    (changed(), ()),
    (changed(build={"engine": "buildah"}), ("build.engine=buildah",)),
    (changed(build={"engine": "dind", "context": "./src"}), ('build.context="./src"',)),
    (changed(build=None), ("build=null",)),
    (changed(delivery={"mode": "branch"}), ('delivery={"mode": "branch"}',)),
    (changed(registry={"target": "gitlab", "cleanup": {"keep": 5, "older_than": "14d"}}), ("registry.cleanup.keep=5",)),
    (changed(registry={"target": "gitlab"}), ('registry={"target": "gitlab"}',)),
    (changed(variables=[]), ("variables=[]",)),
    (changed(project="yes"), ('project="yes"',)),
    (changed(variables=[{"key": "A", "value": "it's $x: [y]\n"}]), None),
]


@pytest.mark.parametrize(("after", "expected"), CASES)
def test_flags_lead_from_one_document_to_the_other(after: dict[str, Any], expected: tuple[str, ...] | None) -> None:
    found = flags(BASE, after)
    assert expected is None or found == expected
    layers = layered(Document(BASE, {}), found)
    assert layers.mistakes == ()
    assert layers.data == after


def test_a_section_that_is_gone_is_set_to_null() -> None:
    assert flags(BASE, changed(build=...)) == ("build=null",)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (changed(), []),
        (changed(build={"engine": "buildah"}), ["build.engine: dind → buildah"]),
        (changed(delivery={"mode": "branch"}), ['delivery: not given → {"mode": "branch"}']),
        (changed(variables=[{"key": "A"}, {"key": "B"}]), ["variables: A → A, B"]),
        (changed(variables=[{"key": "A", "value": "2"}]), ["variables: A → A (changed)"]),
        (changed(build=...), ['build: {"engine": "dind"} → not given']),
    ],
)
def test_differences_read_as_one_line_each(after: dict[str, Any], said: list[str]) -> None:
    assert [str(found) for found in differences(BASE, after)] == said
