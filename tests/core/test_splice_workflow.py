"""What `workflow:rules` let run is told from the rules alone, and unknown where they do not say."""

from __future__ import annotations

import pytest
import yaml

from wizard.generate.ci_reader import read
from wizard.generate.workflow_rules import Pipeline, evaluate, possible_pipelines

BRANCH, TAG, MERGE_REQUEST = Pipeline


@pytest.mark.parametrize(
    ("expression", "branch", "tag", "merge_request"),
    [
        ("$CI_COMMIT_BRANCH", True, False, False),
        ("${CI_COMMIT_TAG}", False, True, False),
        ('$CI_PIPELINE_SOURCE == "push"', True, True, False),
        ("$CI_PIPELINE_SOURCE != 'push'", False, False, True),
        ('"push" == $CI_PIPELINE_SOURCE', True, True, False),
        ("$CI_PIPELINE_SOURCE =~ /^merge_/", False, False, True),
        ("$CI_PIPELINE_SOURCE !~ /PUSH/i", False, False, True),
        ("$CI_PIPELINE_SOURCE =~ /a\\/b/", False, False, False),
        ("$CI_PIPELINE_SOURCE =~ /(/", None, None, None),
        ("$CI_COMMIT_TAG =~ /^v/", False, None, False),
        ("$CI_PIPELINE_SOURCE =~ $PATTERN", None, None, None),
        ("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", True, False, False),
        ("$CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH", False, True, True),
        ('$CI_COMMIT_BRANCH == "main"', None, False, False),
        ('$CI_COMMIT_BRANCH == ""', False, False, False),
        ("$CI_COMMIT_TAG == null", True, False, True),
        ("$CI_COMMIT_TAG != null", False, True, False),
        ("$SOMETHING", None, None, None),
        ('$SOMETHING == "x" && $CI_COMMIT_TAG', False, None, False),
        ('$SOMETHING == "x" || $CI_COMMIT_TAG', None, True, None),
        ("$CI_COMMIT_TAG || $CI_COMMIT_BRANCH", True, True, False),
        ("$CI_COMMIT_TAG || $CI_COMMIT_BRANCH && $CI_MERGE_REQUEST_IID", False, True, False),
        ("($CI_COMMIT_TAG || $CI_MERGE_REQUEST_IID) && $CI_DEFAULT_BRANCH", False, True, True),
        ('"x"', True, True, True),
        ('""', False, False, False),
        ("null", False, False, False),
        ("($CI_COMMIT_TAG", None, None, None),
        ("$CI_COMMIT_TAG)", None, None, None),
        ("$CI_COMMIT_TAG ==", None, None, None),
        ("== $CI_COMMIT_TAG", None, None, None),
        ("$CI_COMMIT_TAG $CI_COMMIT_TAG", None, None, None),
        ("$CI_COMMIT_TAG & x", None, None, None),
        ("$[[ inputs.when ]]", None, None, None),
        ("", None, None, None),
    ],
)
def test_an_expression_is_true_false_or_unknown(
    expression: str, branch: bool | None, tag: bool | None, merge_request: bool | None
) -> None:
    assert [evaluate(expression, kind) for kind in Pipeline] == [branch, tag, merge_request]


@pytest.mark.parametrize(
    ("rules", "possible"),
    [
        ("[]", ()),
        ("[{when: always}]", (BRANCH, TAG, MERGE_REQUEST)),
        ("[{when: never}]", ()),
        ("[{if: $CI_COMMIT_TAG, when: never}, {when: always}]", (BRANCH, MERGE_REQUEST)),
        ("[{if: $CI_COMMIT_TAG, when: always}]", (TAG,)),
        ("[{if: $UNKNOWN, when: never}, {if: $CI_COMMIT_BRANCH}]", (BRANCH,)),
        ("[{if: $UNKNOWN}, {when: never}]", (BRANCH, TAG, MERGE_REQUEST)),
        ("[{if: $CI_COMMIT_TAG, changes: [x]}, {when: never}]", (TAG,)),
        ("[{exists: [x], when: never}, {if: $CI_COMMIT_TAG}]", (TAG,)),
        ("[{if: !reference [.x, if]}, {when: never}]", (BRANCH, TAG, MERGE_REQUEST)),
        ("[!reference [.x, rules], {when: never}]", (BRANCH, TAG, MERGE_REQUEST)),
        ("!reference [.x, rules]", (BRANCH, TAG, MERGE_REQUEST)),
    ],
)
def test_a_kind_of_pipeline_is_possible_unless_the_rules_exclude_it(rules: str, possible: tuple[Pipeline, ...]) -> None:
    document = read(f"rules: {rules}")
    assert document.root is not None
    assert possible_pipelines(document.root.value[0][1]) == frozenset(possible)


def test_rules_behind_aliases_and_merge_keys_are_followed() -> None:
    text = ".r: &r {if: $CI_COMMIT_TAG}\n.s: &s\n  - <<: *r\n    when: always\nrules: *s\n"
    assert yaml.safe_load(text)["rules"] == [{"if": "$CI_COMMIT_TAG", "when": "always"}]
    document = read(text)
    assert document.root is not None
    assert possible_pipelines(document.root.value[2][1]) == {TAG}
