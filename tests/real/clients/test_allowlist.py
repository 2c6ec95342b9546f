"""The job-token allowlist as gitbeaker and gitlabform keep it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real.clients.conftest import Gitlab, Ran

pytestmark = pytest.mark.real

Program = Callable[..., Ran]
SCOPE = "project-job-token-scopes"


def test_gitbeaker_adds_and_removes_projects(gitlab: Gitlab, gitbeaker: Program) -> None:
    added = gitbeaker(SCOPE, "add-to-inbound-allow-list", "10", "13").json
    assert added == {"source_project_id": 10, "target_project_id": 13}
    listed = gitbeaker(SCOPE, "show-inbound-allow-list", "10").json
    assert [row["path_with_namespace"] for row in listed] == ["acme/team/app", "acme/team/base", "open/site"]
    assert gitbeaker(SCOPE, "remove-from-inbound-allow-list", "10", "11").code == 0
    gitlab.app["job_token_scope"]["projects"] = ["open/site"]
    assert gitlab.world == gitlab.expected


def test_gitbeaker_adds_and_removes_groups(gitlab: Gitlab, gitbeaker: Program) -> None:
    added = gitbeaker(SCOPE, "add-to-groups-allow-list", "10", "1").json
    assert added == {"source_project_id": 10, "target_group_id": 1}
    assert [row["name"] for row in gitbeaker(SCOPE, "show-groups-allow-list", "10").json] == ["open", "acme"]
    assert gitbeaker(SCOPE, "remove-from-groups-allow-list", "10", "4").code == 0
    gitlab.app["job_token_scope"]["groups"] = ["acme"]
    assert gitlab.world == gitlab.expected


def test_gitbeaker_switches(gitlab: Gitlab, gitbeaker: Program) -> None:
    assert gitbeaker(SCOPE, "show", "10").json == {"inbound_enabled": True, "outbound_enabled": False}
    assert gitbeaker(SCOPE, "edit", "10", "false").code == 0
    gitlab.app["job_token_scope"]["enabled"] = False
    assert gitlab.world == gitlab.expected


@pytest.mark.parametrize(
    ("who", "project", "target", "words"),
    [
        ("maint", "10", "11", "400 Bad request - This project is already in the job token allowlist."),
        ("maint", "10", "99", "404 target_project_id not found Not Found"),
        ("maint", "acme/team/app", "13", "id is invalid"),
        ("dev", "10", "13", "403 Forbidden"),
    ],
)
def test_gitbeaker_shows_each_refusal(
    who: str, project: str, target: str, words: str, gitlab: Gitlab, gitbeaker: Program
) -> None:
    refused = gitbeaker(SCOPE, "add-to-inbound-allow-list", project, target, who=who)
    assert refused.code != 0
    assert words in refused.out + refused.err
    assert gitlab.world == gitlab.expected


def test_gitlabform_makes_the_lists_as_described_and_then_leaves_them(gitlab: Gitlab, gitlabform: Program) -> None:
    listed = {"enforce": True, "projects": ["open/site"], "groups": ["acme"]}
    wanted = {"job_token_scope": {"limit_access_to_this_project": True, "allowlist": listed}}
    ran = gitlabform(wanted)
    assert ran.code == 0, ran.out + ran.err
    gitlab.app["job_token_scope"] = {"enabled": True, "projects": ["open/site"], "groups": ["acme"]}
    assert gitlab.world == gitlab.expected
    first = len(gitlab.writes)
    assert gitlabform(wanted).code == 0
    assert len(gitlab.writes) == first


def test_gitlabform_switches(gitlab: Gitlab, gitlabform: Program) -> None:
    ran = gitlabform({"job_token_scope": {"limit_access_to_this_project": False}})
    assert ran.code == 0, ran.out + ran.err
    gitlab.app["job_token_scope"]["enabled"] = False
    assert gitlab.world == gitlab.expected


def test_gitlabform_cannot_switch_off_what_the_instance_enforces(gitlab: Gitlab, gitlabform: Program) -> None:
    gitlab.start_from({"instance.enforce_job_token_allowlist": True})
    ran = gitlabform({"job_token_scope": {"limit_access_to_this_project": False}})
    assert ran.code != 0
    assert "it is enforced for the instance" in ran.out + ran.err
    assert gitlab.world == gitlab.expected
