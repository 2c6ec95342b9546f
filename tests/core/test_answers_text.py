"""Answers written: schema, example, and the file that the wizard leaves."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from wizard.answers import Answers, Build, Cleanup, DockerAuth, Protect, Pull, Registry, Variable
from wizard.answers_file import check, document_of, example, render, schema
from wizard.answers_text import scalar

SCHEMA = schema()


def properties(part: Any) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for name, inner in {"Answers": part, **part["$defs"]}.items():
        for key, value in inner.get("properties", {}).items():
            yield f"{name}.{key}", value, key in inner.get("required", [])


def test_the_schema_is_valid_and_its_references_lead_somewhere() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    names = re.findall(r"#/\$defs/(\w+)", str(SCHEMA))
    assert names
    assert set(names) == set(SCHEMA["$defs"])


@pytest.mark.parametrize(("name", "part", "required"), properties(SCHEMA), ids=lambda value: str(value)[:40])
def test_every_key_is_described_and_states_its_default(name: str, part: Mapping[str, Any], required: bool) -> None:
    assert part["description"]
    assert required or "default" in part


def test_the_schema_accepts_the_example_and_refuses_unknown_keys() -> None:
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid(yaml.safe_load(example()))
    assert not validator.is_valid({"version": 1, "buid": {}})
    assert not validator.is_valid({"build": {}})


def test_the_example_can_be_used_and_explains_every_key() -> None:
    answers, mistakes = check(example())
    assert mistakes == ()
    assert answers is not None
    given_keys = set(yaml.safe_load(example()))
    assert given_keys == set(SCHEMA["properties"])
    seen: set[str] = set()
    lines = example().splitlines()
    for above, line in itertools.pairwise(lines):
        key = re.match(r"( *)(?:- )?(\w+):", line)
        if key and key[2] not in seen:
            assert "  # " in line or above.strip().startswith("#"), line
            seen.add(key[2])


def test_only_given_keys_are_written_in_the_order_of_the_format() -> None:
    text = render({"build": {"engine": "kaniko", "enabled": True}, "registry": {"visibility": None}, "project": "a/b"})
    keys = [line.split(":")[0] for line in text.splitlines() if not line.startswith("#")]
    assert keys == ["version", "project", "registry", "build", "  enabled", "  engine"]


def test_a_null_that_means_something_is_written() -> None:
    text = render({"registry": {"cleanup": {"keep": None, "retain": None}}})
    assert yaml.safe_load(text) == {"version": 1, "registry": {"cleanup": {"keep": None}}}


@pytest.mark.parametrize(
    "text",
    ["yes", "1", "1.5", "null", "~", "", " a", "a: b", "a #b", "- a", "[a]", "{a}", "*", "&a", "!a", "%a", "@a", "`a",
     "2026-01-01", "12:30", "a\nb", "a\tb", "\u202ea", "\x1b[31m", "'", '"', "\\", "é", "日本", "x" * 300, "...", "---",
     "a\x85b", "\ufeff", "$HOME", ".5", "0x1", "=", "<<", "a:", ":a", "? a", "\U0001f600"],
)  # fmt: skip
def test_every_text_is_quoted_so_that_it_comes_back(text: str) -> None:
    written = scalar(text)
    assert yaml.safe_load(written) == text
    assert yaml.safe_load(f"[{{a: {written}}}]  # c") == [{"a": text}]
    assert written.isprintable()


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
NAME = st.from_regex(r"[a-z0-9_]{1,8}/[a-z0-9_]{1,8}", fullmatch=True)
REFERENCE = st.builds("{}:{}".format, st.sampled_from(["env", "file", "keyring"]), TEXT) | st.just("ask")
ANSWERS = st.builds(
    Answers,
    project=st.none() | NAME,
    registry=st.none()
    | st.builds(
        Registry,
        visibility=st.sampled_from([None, "project", "private"]),
        cleanup=st.none()
        | st.builds(Cleanup, keep=st.sampled_from([None, 1, 10, 100]), older_than=st.sampled_from([None, "7d", "14d"])),
        protect=st.sampled_from([None, "none"]) | st.builds(Protect, push=st.sampled_from([None, "owner"])),
    ),
    pull=st.lists(st.builds(Pull, project=NAME, enforce=st.booleans()), max_size=2).map(tuple),
    docker_auth=st.lists(
        st.builds(DockerAuth, host=st.just("h.example"), username=LINE, password=REFERENCE), max_size=1
    ).map(tuple),
    build=st.none() | st.builds(Build, tags=st.sampled_from([(), ("iid", "latest")])),
    variables=st.lists(st.builds(Variable, key=st.just("A"), value=REFERENCE, description=LINE), max_size=1).map(tuple),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANSWERS)
def test_what_is_written_reads_back_the_same(answers: Answers) -> None:
    text = render(document_of(answers))
    again, mistakes = check(text)
    assert mistakes == ()
    assert again == answers
