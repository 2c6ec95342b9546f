"""Variables as python-gitlab, gitlabform and gitlabracadabra write them; nothing else in the world changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real.clients.conftest import Gitlab, Ran, variable

pytestmark = pytest.mark.real

Program = Callable[..., Ran]
ONCE = {"projects.0.variables": [{"key": "PLAIN", "value": "plain-value"}, {"key": "OLD", "value": "x"}]}
"""A project in which no key stands twice."""


def test_python_gitlab_creates_changes_and_deletes(gitlab: Gitlab, python_gitlab: Program) -> None:
    gitlab.start_from(ONCE)
    at = ("--project-id", "acme/team/app", "--key")
    flags = ("--masked", "true", "--protected", "true", "--raw", "true", "--environment-scope", "staging")
    made = python_gitlab("project-variable", "create", *at, "NEW", "--value", "eight$88", *flags)
    hiding = ("--masked-and-hidden", "true")
    hidden = python_gitlab("project-variable", "create", *at, "SECRET", "--value", "sec-ret-1", *hiding)
    changed = python_gitlab("project-variable", "update", *at, "PLAIN", "--value", "other")
    deleted = python_gitlab("project-variable", "delete", *at, "OLD")
    assert made.json["value"] == "eight$88"
    assert (hidden.json["value"], hidden.json["hidden"]) == (None, True)
    assert changed.json["value"] == "other"
    assert deleted.code == 0
    gitlab.app["variables"] = [
        variable("PLAIN", "other"),
        variable("NEW", "eight$88", masked=True, protected=True, raw=True, environment_scope="staging"),
        variable("SECRET", "sec-ret-1", masked=True, hidden=True),
    ]
    assert gitlab.world == gitlab.expected


def test_python_gitlab_walks_every_page(gitlab: Gitlab, python_gitlab: Program) -> None:
    keys = [f"KEY_{number}" for number in range(45)]
    gitlab.start_from({"projects.0.variables": [{"key": key, "value": "x"} for key in keys]})
    listed = python_gitlab("project-variable", "list", "--project-id", "10", "--get-all")
    assert [row["key"] for row in listed.json] == keys
    pages = [call for call in gitlab.calls if "/variables" in call]
    assert len(pages) == 3


@pytest.mark.parametrize(
    ("who", "key", "value", "words"),
    [
        ("maint", "TWICE", "x", "409: There are multiple variables"),
        ("maint", "MASKED", "short", "400: {'value': ['is invalid']}"),
        ("dev", "PLAIN", "x", "403: 403 Forbidden"),
        ("stranger", "PLAIN", "x", "404: 404 Project Not Found"),
        ("revoked", "PLAIN", "x", "401: invalid_token"),
        ("read", "PLAIN", "x", "403: insufficient_scope"),
    ],
)
def test_python_gitlab_shows_each_refusal(
    who: str, key: str, value: str, words: str, gitlab: Gitlab, python_gitlab: Program
) -> None:
    refused = python_gitlab("project-variable", "update", "--project-id", "10", "--key", key, "--value", value, who=who)
    assert refused.code == 1
    assert words in refused.err
    assert gitlab.world == gitlab.expected


def test_gitlabform_makes_the_project_as_described_and_then_leaves_it(gitlab: Gitlab, gitlabform: Program) -> None:
    wanted = {
        "variables": {
            "plain": {"key": "PLAIN", "value": "other"},
            "new": {"key": "NEW", "value": "eight888", "masked": True, "protected": True, "environment_scope": "prod"},
            "old": {"key": "MASKED", "delete": True},
        }
    }
    ran = gitlabform(wanted)
    assert ran.code == 0, ran.out + ran.err
    gitlab.app["variables"] = [
        variable("PLAIN", "other"),
        variable("TWICE", "for-all"),
        variable("TWICE", "for-staging", environment_scope="staging"),
        variable("SECRET", "hidden-value", masked=True, hidden=True),
        variable("NEW", "eight888", masked=True, protected=True, environment_scope="prod"),
    ]
    assert gitlab.world == gitlab.expected
    first = len(gitlab.writes)
    del wanted["variables"]["old"]
    assert gitlabform(wanted).code == 0
    assert len(gitlab.writes) == first


def test_gitlabform_is_told_when_a_key_stands_twice(gitlab: Gitlab, gitlabform: Program) -> None:
    ran = gitlabform({"variables": {"one": {"key": "TWICE", "value": "changed", "environment_scope": "staging"}}})
    assert ran.code != 0
    assert "There are multiple variables with provided parameters" in ran.out + ran.err
    assert gitlab.world == gitlab.expected


def test_gitlabform_may_not_with_too_low_a_role(gitlab: Gitlab, gitlabform: Program) -> None:
    ran = gitlabform({"variables": {"new": {"key": "NEW", "value": "x"}}}, who="dev")
    assert ran.code != 0
    assert "403" in ran.out + ran.err
    assert gitlab.world == gitlab.expected


def test_gitlabracadabra_makes_the_project_as_described_and_then_leaves_it(
    gitlab: Gitlab, gitlabracadabra: Program
) -> None:
    gitlab.start_from(ONCE)
    wanted = {
        "variables": [
            {"key": "PLAIN", "value": "other", "protected": True},
            {"key": "NEW", "value": "eight888", "masked": True},
            {"key": "SCOPED", "value": "a b", "environment_scope": "staging", "raw": True, "description": "why"},
        ],
        "unknown_variables": "delete",
    }
    ran = gitlabracadabra(wanted)
    assert ran.code == 0, ran.out + ran.err
    gitlab.app["variables"] = [
        variable("PLAIN", "other", protected=True),
        variable("NEW", "eight888", masked=True),
        variable("SCOPED", "a b", environment_scope="staging", raw=True, description="why"),
    ]
    assert gitlab.world == gitlab.expected
    first = len(gitlab.writes)
    assert gitlabracadabra(wanted).code == 0
    assert len(gitlab.writes) == first


def test_gitlabracadabra_is_told_when_a_key_stands_twice(gitlab: Gitlab, gitlabracadabra: Program) -> None:
    ran = gitlabracadabra({"variables": [], "unknown_variables": "delete"})
    assert ran.code != 0
    assert "There are multiple variables with provided parameters" in ran.out + ran.err
