"""The pipeline of a plan: what answers say beats what the pipeline that is there says."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.core.states import answers_of, state_of
from wizard import layout
from wizard.change import Plan
from wizard.changes.file import content_of
from wizard.errors import UsageError
from wizard.plan import build_plan

DOCKERFILE = "FROM scratch\nUSER 10001\n"
AT_ODDS = "a: {script: x, tags: [one]}\nb: {script: x, tags: [two]}\n"


def planned(build: dict[str, Any], pipeline: str) -> Plan:
    answers = answers_of({"build": build})
    return build_plan(answers, state_of({"files": {"Dockerfile": DOCKERFILE, layout.CI_FILE: pipeline}}, answers))


def ours(plan: Plan) -> Any:
    content = next(content_of(change) for change in plan.changes if change.target == layout.PIPELINE)
    return yaml.safe_load((content or b"").decode().replace("!reference", ""))


@pytest.mark.parametrize(
    ("answer", "carried"),
    [({}, None), ({"runner_tags": ["a: b", "$POOL"]}, ["a: b", "$POOL"]), ({"runner_tags": []}, None)],
)
def test_tags_that_are_answered_stand_in_every_job(answer: dict[str, Any], carried: Any) -> None:
    assert ours(planned(answer, AT_ODDS))[".registry-base"].get("tags") == carried


def test_an_answer_ends_the_warning_about_tags() -> None:
    assert [notice.code for notice in planned({}, AT_ODDS).warnings] == ["runner-tags-differ"]
    assert planned({"runner_tags": ["one"]}, AT_ODDS).warnings == ()


@pytest.mark.parametrize("tag", ["", " a", "a,b", "a\nb", "x" * 256, "\x1b[1m"])
def test_what_is_no_tag_of_a_runner_is_refused_by_its_key(tag: str) -> None:
    with pytest.raises(UsageError, match=r"build\.runner_tags"):
        answers_of({"build": {"runner_tags": [tag]}})
