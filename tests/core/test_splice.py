"""A `.gitlab-ci.yml` takes our include by insertions only, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from wizard.errors import WizardError
from wizard.generate.present_pipeline import present_pipeline
from wizard.generate.splice import Splice, splice
from wizard.generate.splice_insertion import remove
from wizard.generate.stages import StageRole

OURS = "/.gitlab/ci/registry.gitlab-ci.yml"
NAMES = ("registry-image-build", "registry-image-publish", ".registry-base")
CASES = Path(__file__).parent / "splice_cases"
ROLES = ("build", "publish", "deploy")


def cases(file: str) -> list[Any]:
    """Read the cases of a data file as pytest parameters."""
    documents = yaml.safe_load((CASES / file).read_text(encoding="utf-8"))
    return [pytest.param(document, id=document["name"]) for document in documents]


def content(case: dict[str, Any]) -> bytes | None:
    """Return the bytes of the file before the splice."""
    if "bytes" in case:
        return bytes(case["bytes"])
    if "deep" in case:
        return b"a: " + b"[" * int(case["deep"]) + b"]" * int(case["deep"])
    return None if case["before"] is None else str(case["before"]).encode()


def spliced(case: dict[str, Any]) -> Splice:
    """Splice our include into the file of a case."""
    roles = [StageRole(role) for role in case.get("roles", ROLES)]
    return splice(content(case), OURS, roles, NAMES, case.get("merged"))


@pytest.mark.parametrize("case", [*cases("include.yml"), *cases("layout.yml"), *cases("stages.yml")])
def test_the_file_takes_exactly_the_insertions_of_the_case(case: dict[str, Any]) -> None:
    before = content(case)
    result = spliced(case)
    assert result.after.decode() == case.get("after", case["before"])
    assert result.changed == ("after" in case)
    assert remove(result.after, result.insertions) == (before or b"")
    assert [warning.code for warning in result.warnings] == case.get("warnings", [])
    assert sorted({choice.stage for choice in result.stages if choice.added}) == case.get("added", [])
    if "stages" in case:
        assert {choice.role.value: choice.stage for choice in result.stages} == case["stages"]
    if "merge_requests" in case:
        assert result.merge_request_pipelines == case["merge_requests"]


@pytest.mark.parametrize("case", [*cases("include.yml"), *cases("layout.yml"), *cases("stages.yml")])
def test_splicing_the_result_again_changes_nothing(case: dict[str, Any]) -> None:
    first = spliced(case)
    again = splice(first.after, OURS, [choice.role for choice in first.stages], NAMES, case.get("merged"))
    assert again.insertions == ()
    assert again.after == first.after
    assert [choice.stage for choice in again.stages] == [choice.stage for choice in first.stages]


@pytest.mark.parametrize("case", cases("refusals.yml"))
def test_a_file_that_cannot_safely_be_changed_is_refused_with_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(WizardError) as refusal:
        spliced(case)
    assert refusal.value.code == case.get("code", "ci-file-not-editable")
    assert f"line {case['line']}:" in refusal.value.message
    assert case["because"] in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize("case", cases("shapes.yml"))
def test_any_shape_is_spliced_without_touching_a_byte_or_refused_by_its_line(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(WizardError, match=f"line {case['refused']}:"):
            spliced(case)
        return
    result = spliced(case)
    assert remove(result.after, result.insertions) == content(case)
    assert splice(result.after, OURS, [choice.role for choice in result.stages], NAMES).insertions == ()
    present_pipeline(content(case))  # advice reads the same file


def test_a_refusal_says_the_two_lines_to_add_by_hand() -> None:
    with pytest.raises(WizardError) as refusal:
        splice(b"include: a.yml\ninclude: b.yml\n", OURS, [StageRole.BUILD])
    assert f"include:\n  - local: {OURS}" in refusal.value.hint


@pytest.mark.parametrize("case", cases("findings.yml"))
def test_what_the_file_means_for_our_jobs_is_said(case: dict[str, Any]) -> None:
    result = spliced(case)
    expected = case.get("warnings", [])
    assert [warning.code for warning in result.warnings] == [code for code, *_ in expected]
    for warning, (_, line, *words) in zip(result.warnings, expected, strict=True):
        assert line is None or f"Line {line}:" in warning.message
        assert all(word in warning.message for word in words)
        assert warning.hint
    assert list(result.runner_tags) == case.get("tags", [])
    assert result.merge_request_pipelines == case.get("merge_requests", False)


def test_a_path_that_yaml_would_misread_is_quoted() -> None:
    result = splice(b"job: {script: x}\n", "ci/it's #1.yml", [StageRole.BUILD])
    assert yaml.safe_load(result.after)["include"] == [{"local": "/ci/it's #1.yml"}]


def test_the_stage_of_a_role_can_be_asked_for() -> None:
    result = splice(b"stages: [package, release]\n", OURS, [StageRole.BUILD, StageRole.MIRROR])
    assert result.stage_of(StageRole.BUILD) == "package"
    assert result.stage_of(StageRole.MIRROR) == "release"
    with pytest.raises(KeyError):
        result.stage_of(StageRole.DEPLOY)


def test_nested_aliases_cost_no_more_than_the_file_is_long() -> None:
    levels = "".join(f".l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 25))
    result = splice(f".l0: &l0 [x]\n{levels}".encode(), OURS, [StageRole.BUILD])
    assert result.changed
