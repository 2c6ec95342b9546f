"""The simulated lint beside GitLab's own schema, which was written by somebody else: what it refuses, we refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tests.core.generated_pipelines import SAMPLES, load
from tests.sandbox.conftest import base_world
from wizard.generate.pipeline import render_pipeline
from wizard.sandbox.ci.includes import Context
from wizard.sandbox.ci.linting import Verdict, lint
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.loading import load_world
from wizard.sandbox.replies import Refusal
from wizard.sandbox.world import World

VALUES: list[Any] = [5, True, "text", [], ["text"], [5], {}, {"name": "x"}, {"no": "such key"}, [{"no": "such key"}]]
ROOT = ("default", "stages", "workflow", "image", "services", "before_script", "variables", "cache")

LAXER = {
    "dast_configuration": "not simulated: for scans only",
    "identity": "not simulated",
    "inputs": "not simulated",
    "only": "not simulated: deprecated",
    "except": "not simulated: deprecated",
    "run": "not simulated: an experiment, its steps have a schema of their own",
    "secrets": "not simulated: what providers want",
    "id_tokens": "not simulated: what a token holds",
    "release": "not simulated: what a release holds",
    "trigger": "not simulated: the pipeline that is triggered",
    "extends": "GitLab takes an empty list for none",
    "stages": "GitLab takes an empty list for none",
}
"""Keywords of which we let more through than the schema, and why."""


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    vendored = files("check_jsonschema").joinpath("builtin_schemas/vendor/gitlab-ci.json")
    return Draft7Validator(json.loads(vendored.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def context() -> Context:
    world = World(load_world(base_world()))
    project = world.project("10")
    assert project is not None
    return Context(world, None, project, None)


def verdict(content: Mapping[str, Any], context: Context) -> Verdict:
    return lint(yaml.safe_dump(dict(content), sort_keys=False), context)


def job_keywords() -> list[str]:
    vendored = files("check_jsonschema").joinpath("builtin_schemas/vendor/gitlab-ci.json")
    document = json.loads(vendored.read_text(encoding="utf-8"))
    return sorted(set(document["definitions"]["job_template"]["properties"]))


def variants() -> Iterator[Any]:
    for keyword in job_keywords():
        start = {"trigger": "a/b"} if keyword == "trigger" else {"script": ["make"]}
        for value in VALUES:
            yield pytest.param(keyword, {"job": {**start, keyword: value}}, id=f"job {keyword}: {value}")
    for keyword in ROOT:
        for value in VALUES:
            yield pytest.param(keyword, {keyword: value, "job": {"script": ["make"]}}, id=f"{keyword}: {value}")


@pytest.mark.parametrize(("keyword", "content"), variants())
def test_what_the_schema_refuses_is_refused(
    keyword: str, content: dict[str, Any], schema: Draft7Validator, context: Context
) -> None:
    if not schema.is_valid(content) and keyword not in LAXER:
        assert not verdict(content, context).valid


@pytest.mark.parametrize("keyword", LAXER)
def test_each_exception_is_needed(keyword: str, schema: Draft7Validator, context: Context) -> None:
    contents = [variant.values[1] for variant in variants() if variant.values[0] == keyword]
    assert any(not schema.is_valid(content) and verdict(content, context).valid for content in contents)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_we_generate_is_valid(name: str, context: Context) -> None:
    text = render_pipeline(SAMPLES[name])
    stages = dict.fromkeys(job["stage"] for job in load(text).values() if "stage" in job)
    found = lint(f"stages: {json.dumps(list(stages))}\n{text}", context)
    assert found.errors == []
    assert found.jobs


def test_every_pipeline_of_the_demo_is_valid() -> None:
    world = World(load_world(yaml.safe_load(files("assets").joinpath("worlds/demo.yml").read_text(encoding="utf-8"))))
    found = {}
    for project in world.state.projects:
        commit = repository_of(world, project).resolve(None)
        file = commit.files.get(".gitlab-ci.yml") if commit else None
        if file is not None:
            found[project.path] = lint(file.content.decode(), Context(world, None, project, commit)).errors
    assert found
    assert not any(found.values()), found


WORDS = st.sampled_from([*job_keywords(), *ROOT, "include", "local", "job", "name", "if", "when", ".pre", "a", ""])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.dictionaries(WORDS, TREES, min_size=1, max_size=4))
def test_nothing_breaks_it(content: dict[str, Any], context: Context) -> None:
    try:
        problems = verdict(content, context).errors
    except Refusal as refusal:
        problems = [refusal.response.status]
    assert all(problem.strip() for problem in problems)
    assert not any(problem.startswith("5") for problem in problems if problem != "501 NOT IMPLEMENTED")
