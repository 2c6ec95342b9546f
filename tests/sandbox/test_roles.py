"""Which role may do what: each call is tried by every role, and nothing lower than the least gets through."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Client, base_world

ROLES = ["nobody", "stranger", "guest", "planner", "rep", "dev", "maint", "owner", "root"]
TOKEN = {"name": "a", "scopes": ["read_registry"]}
RULE = {"repository_path_pattern": "acme/team/app", "minimum_access_level_for_push": "owner"}
TAG_RULE = {
    "tag_name_pattern": "x",
    "minimum_access_level_for_push": "owner",
    "minimum_access_level_for_delete": "owner",
}

# call, body, the least role that may
CALLS: list[tuple[str, object, str]] = [
    ("GET /projects/10", None, "guest"),
    ("PUT /projects/10", {"container_registry_access_level": "private"}, "maint"),
    ("PUT /projects/10", {"path": "other"}, "owner"),
    ("GET /projects/10/members/all", None, "guest"),
    ("GET /projects/10/groups", None, "guest"),
    ("GET /groups/1", None, "guest"),
    ("GET /groups/1/projects", None, "guest"),
    ("GET /projects/10/variables", None, "maint"),
    ("GET /projects/10/variables/PLAIN", None, "maint"),
    ("POST /projects/10/variables", {"key": "A", "value": "b"}, "maint"),
    ("PUT /projects/10/variables/PLAIN", {"value": "b"}, "maint"),
    ("DELETE /projects/10/variables/PLAIN", None, "maint"),
    ("GET /groups/1/variables", None, "owner"),
    ("POST /groups/1/variables", {"key": "A", "value": "b"}, "owner"),
    ("PUT /groups/1/variables/SHARED", {"value": "b"}, "owner"),
    ("DELETE /groups/1/variables/SHARED", None, "owner"),
    ("GET /admin/ci/variables", None, "root"),
    ("POST /admin/ci/variables", {"key": "A", "value": "b"}, "root"),
    ("GET /projects/10/deploy_tokens", None, "maint"),
    ("GET /projects/10/deploy_tokens/5", None, "maint"),
    ("POST /projects/10/deploy_tokens", TOKEN, "maint"),
    ("DELETE /projects/10/deploy_tokens/5", None, "maint"),
    ("GET /groups/1/deploy_tokens", None, "maint"),
    ("POST /groups/1/deploy_tokens", TOKEN, "owner"),
    ("DELETE /groups/1/deploy_tokens/7", None, "owner"),
    ("GET /deploy_tokens", None, "root"),
    ("GET /projects/10/job_token_scope", None, "maint"),
    ("PATCH /projects/10/job_token_scope", {"enabled": True}, "maint"),
    ("GET /projects/10/job_token_scope/allowlist", None, "maint"),
    ("POST /projects/10/job_token_scope/allowlist", {"target_project_id": 13}, "maint"),
    ("DELETE /projects/10/job_token_scope/allowlist/11", None, "maint"),
    ("GET /projects/10/job_token_scope/groups_allowlist", None, "maint"),
    ("POST /projects/10/job_token_scope/groups_allowlist", {"target_group_id": 1}, "maint"),
    ("DELETE /projects/10/job_token_scope/groups_allowlist/4", None, "maint"),
    ("GET /projects/10/registry/protection/repository/rules", None, "maint"),
    ("POST /projects/10/registry/protection/repository/rules", RULE, "maint"),
    ("PATCH /projects/10/registry/protection/repository/rules/1", {"minimum_access_level_for_push": "admin"}, "maint"),
    ("DELETE /projects/10/registry/protection/repository/rules/1", None, "maint"),
    ("GET /projects/10/registry/protection/tag/rules", None, "maint"),
    ("POST /projects/10/registry/protection/tag/rules", TAG_RULE, "maint"),
    ("DELETE /projects/10/registry/protection/tag/rules/1", None, "maint"),
    ("GET /projects/10/protected_branches", None, "dev"),
    ("GET /projects/10/cluster_agents", None, "dev"),
    ("POST /projects/10/cluster_agents", {"name": "staging"}, "maint"),
    ("GET /projects/10/runners", None, "maint"),
    ("GET /projects/10/environments", None, "rep"),
    ("POST /projects/10/environments", {"name": "staging"}, "dev"),
    ("GET /projects/10/pipeline_schedules", None, "guest"),
    ("POST /projects/10/ci/lint", {"content": "a: {script: x}"}, "dev"),
    ("GET /projects/10/ci/lint", None, "rep"),
    ("GET /projects/10/pipelines", None, "guest"),
    ("GET /projects/10/pipelines/1/variables", None, "dev"),
    ("GET /projects/10/jobs", None, "guest"),
    ("GET /projects/10/jobs/900/trace", None, "guest"),
    ("GET /projects/10/registry/repositories", None, "rep"),
    ("GET /projects/10/registry/repositories/1/tags", None, "rep"),
    ("GET /registry/repositories/1", None, "rep"),
    ("GET /groups/1/registry/repositories", None, "rep"),
    ("DELETE /projects/10/registry/repositories/1/tags/1.0", None, "dev"),
    ("DELETE /projects/10/registry/repositories/1/tags?name_regex_delete=x", None, "maint"),
    ("DELETE /projects/10/registry/repositories/2", None, "maint"),
    ("GET /application/settings", None, "root"),
    ("GET /user", None, "stranger"),
    ("GET /version", None, "stranger"),
]


@pytest.fixture
def fresh(client: Client) -> Client:
    assert client.send("PUT", "/-/sandbox/world", send=base_world()).status == 204
    return client


@pytest.mark.parametrize(("call", "body", "least"), CALLS, ids=[call for call, _, _ in CALLS])
def test_only_the_role_and_those_above_it_may(client: Client, call: str, body: object, least: str) -> None:
    method, _, path = call.partition(" ")
    for who in ROLES:
        assert client.send("PUT", "/-/sandbox/world", send=base_world()).status == 204
        status = client.send(method, path, who=None if who == "nobody" else who, send=body).status
        if ROLES.index(who) >= ROLES.index(least):
            assert 200 <= status < 300, who
        else:
            assert status in ({401, 404} if who == "nobody" else {403, 404}), who


@pytest.mark.parametrize(
    ("project", "who", "status"),
    [
        (10, "guest", 200),
        (10, "stranger", 404),
        (10, "partner", 404),
        (10, None, 404),
        (13, "guest", 200),
        (13, "stranger", 200),
        (13, "partner", 200),
        (13, None, 200),
        (14, "guest", 200),
        (14, "stranger", 200),
        (14, "partner", 404),
        (14, None, 404),
        (12, "root", 200),
        (15, "stranger", 200),
    ],
)
def test_who_sees_a_project(fresh: Client, project: int, who: str | None, status: int) -> None:
    assert fresh.send("GET", f"/projects/{project}", who=who).status == status


PULLERS = ["nobody", "partner", "stranger", "guest", "rep"]


@pytest.mark.parametrize(
    ("visibility", "registry", "allowed"),
    [
        ("public", "enabled", PULLERS),
        ("public", "private", ["rep"]),
        ("internal", "enabled", ["stranger", "guest", "rep"]),
        ("internal", "private", ["rep"]),
        ("private", "enabled", ["rep"]),
        ("private", "private", ["rep"]),
        ("public", "disabled", []),
    ],
)
def test_who_sees_images(client: Client, visibility: str, registry: str, allowed: list[str]) -> None:
    world = base_world()
    world["projects"][0] |= {"visibility": visibility, "registry": registry}
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    answers = {
        who: client.send("GET", "/projects/10/registry/repositories", who=None if who == "nobody" else who).status
        for who in PULLERS
    }
    assert [who for who, status in answers.items() if status == 200] == allowed
    assert {status for status in answers.values() if status != 200} <= {403, 404}
