"""The engine that is recommended, case by case, and how it stands beside the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.core.every_question import question
from tests.core.question_states import DOCKERFILE, state
from wizard import flow
from wizard.engine_advice import ENGINES
from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Option, Preview, as_text
from wizard.previews.engine import engines
from wizard.question import Draft, Known
from wizard.state import Instance, RunnerState, Unknown

CASES = yaml.safe_load((Path(__file__).parent / "engine_cases.yml").read_text(encoding="utf-8"))
ENGINE = question("build.engine")


def known_of(case: Mapping[str, Any]) -> Known:
    files = {"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": str(case.get("pipeline", "")).encode()}
    runners = tuple(RunnerState(**{**row, "tags": tuple(row.get("tags", ()))}) for row in case.get("runners", ()))
    found = state(files, runners=runners)
    if case.get("hosted"):
        found = replace(found, instance=Instance("https://gitlab.com", (19, 5), "19.5.0-ee"))
    build = {"enabled": True, **({"runner_tags": case["tags"]} if "tags" in case else {})}
    build |= {"engine": case["answered"]} if "answered" in case else {}
    return Known(Draft({"build": build, "pull": case.get("pull", [])}), found)


def beside(known: Known) -> Preview:
    found = engines(known)
    assert found is not None
    return found


def options(preview: Preview) -> tuple[Option, ...]:
    return next(part for part in preview.parts if isinstance(part, tuple))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_engine_that_fits_is_recommended_with_its_reason(case: Mapping[str, Any]) -> None:
    known = known_of(case)
    assert flow.value_of(ENGINE, known) == case["chosen"]
    shown = beside(known)
    assert f"({case['chosen']})" in options(shown)[0].name or case["chosen"] in options(shown)[0].name.casefold()
    assert case.get("why", "") in shown.brief
    for engine, words in case.get("breaks", {}).items():
        option = next(found for found in options(shown) if engine in found.name.casefold())
        assert words in str([text for name, text in option.points if name == "breaks when"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_recommended_engine_stands_under_the_cursor_and_all_stand_beside(case: Mapping[str, Any]) -> None:
    known = known_of(case)
    assert flow.choices_of(ENGINE, known)[0].value == flow.default_of(ENGINE, known)
    assert {choice.value for choice in flow.choices_of(ENGINE, known)} == set(ENGINES)
    for option in options(beside(known)):
        assert {"for it", "needs", "breaks when"} == {name for name, _ in option.points}


@pytest.mark.parametrize(
    ("runners", "words"),
    [
        (None, "Looking at the runners"),
        (Unknown("403 Forbidden"), "The runners of the project cannot be read: 403 Forbidden"),
        ((), "No runner of this project is online that takes jobs. Jobs would wait for one."),
        (tuple(RunnerState(n, "r" * n) for n in range(5)), "Online and taking jobs: number 0, r, rr and 2 more."),
    ],
)
def test_what_is_known_of_the_runners_is_told(runners: Any, words: str) -> None:
    assert words in as_text(beside(Known(Draft({"build": {"enabled": True}}), state(runners=runners))))


def test_runners_are_looked_up_only_where_no_job_says_enough() -> None:
    build = Draft({"build": {"enabled": True}})
    assert ENGINE.needs(Known(build, state())) == Lookups(runners=True)
    assert ENGINE.needs(Known(build, state(runners=()))) == NOTHING_MORE
    telling = {"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": b"a: {services: ['docker:dind'], script: x}\n"}
    assert ENGINE.needs(Known(build, state(telling))) == NOTHING_MORE
    assert "Looking" not in as_text(beside(Known(build, state(telling))))


def test_before_anything_was_read_the_usual_engine_is_recommended() -> None:
    assert flow.default_of(ENGINE, Known(Draft())) == "dind"
    assert engines(Known(Draft())) is None
