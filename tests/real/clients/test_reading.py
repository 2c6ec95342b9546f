"""python-gitlab reads all that the simulated GitLab shows of a project, with each kind of token that it can send."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.real.clients.conftest import Gitlab, Ran, client
from tests.sandbox.test_cases import covers

pytestmark = pytest.mark.real

Program = Callable[..., Ran]
AT = "--project-id 10"
# command, and what its answer holds: a mapping for one thing, a list for a list's first items
READS: list[tuple[str, Mapping[str, Any] | list[Mapping[str, Any]]]] = [
    ("current-user get", {"username": "maint", "bot": False}),
    ("personal-access-token get --id self", {"name": "cli", "scopes": ["api"], "active": True}),
    ("project get --id acme/team/app", {"id": 10, "container_registry_access_level": "enabled"}),
    ("project get --id acme/old-app", {"path_with_namespace": "acme/team/app"}),
    ("project list --search app --membership yes", [{"path_with_namespace": "acme/team/app"}]),
    ("group get --id acme", {"full_path": "acme"}),
    (f"project-branch list {AT}", [{"name": "main", "default": True, "protected": True}]),
    (f"project-protected-branch list {AT}", [{"name": "main", "allow_force_push": False}]),
    (f"project-file get {AT} --file-path README.md --ref main", {"file_path": "README.md", "encoding": "base64"}),
    (f"project-member-all list {AT}", [{"username": "owner", "access_level": 50}]),
    (f"project-registry-repository list {AT}", [{"path": "acme/team/app"}, {"path": "acme/team/app/tools"}]),
    (f"project-registry-tag list {AT} --repository-id 1", [{"name": "1.0"}, {"name": "1.1"}]),
    (f"project-registry-repository-protection-rule list {AT}", [{"minimum_access_level_for_push": "maintainer"}]),
    (f"project-job list {AT}", [{"id": 901}, {"id": 900, "status": "running"}]),
    (f"project-pipeline list {AT}", [{"ref": "main"}]),
    (f"project-job-token-scope get {AT}", {"inbound_enabled": True}),
    (f"project-ci-lint create {AT} --content a:", {"valid": False}),
    ("group-deploy-token list --group-id 1", [{"name": "of the group", "revoked": False}]),
]


@pytest.mark.parametrize(("command", "holds"), READS, ids=[command for command, _ in READS])
def test_python_gitlab_reads(command: str, holds: Any, gitlab: Gitlab, python_gitlab: Program) -> None:
    found = python_gitlab(*command.split()).json
    assert covers(found[: len(holds)] if isinstance(holds, list) else found, holds), found
    assert gitlab.writes in ([], ["POST /api/v4/projects/10/ci/lint"])
    assert gitlab.world == gitlab.expected


def test_python_gitlab_uses_the_token_of_a_device_log_in(gitlab: Gitlab) -> None:
    gitlab.start_from({"instance.oauth_applications": [{"client_id": "app", "scopes": ["read_api"]}]})
    asked = gitlab.post("/oauth/authorize_device", {"client_id": "app", "scope": "read_api"})
    gitlab.post(f"/-/sandbox/device/{asked['user_code']}", {"decision": "approve", "user": "maint"})
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    given = gitlab.post("/oauth/token", {"client_id": "app", "grant_type": grant, "device_code": asked["device_code"]})
    program = client("python-gitlab", "gitlab")
    environment = {"GITLAB_URL": gitlab.url, "GITLAB_OAUTH_TOKEN": given["access_token"]}
    read = gitlab.run(program, "--output", "json", "project-variable", "list", "--project-id", "10", **environment)
    assert [row["key"] for row in json.loads(read.out)][:1] == ["PLAIN"]
    written = gitlab.run(program, "project-variable", "delete", "--project-id", "10", "--key", "PLAIN", **environment)
    assert written.code == 1
    assert "403: insufficient_scope" in written.err
