"""A job that was started by the control call: its token works as GitLab's do, at the registry and in the API."""

from __future__ import annotations

import base64
import json
from typing import Any

import gitlab
import pytest
import yaml

from tests.sandbox.conftest import Client, changed_world
from wizard.sandbox.server import Sandbox

APP, BASE = "acme/team/app", "acme/team/base"
OPEN = {"enabled": True, "projects": [APP], "groups": []}
CLOSED = {"enabled": True, "projects": [], "groups": []}


def started(client: Client, who: str, **more: object) -> dict[str, Any]:
    answer = client.send("POST", "/-/sandbox/jobs", send={"project": APP, "ref": "main", "started_by": who, **more})
    assert answer.status == 201, answer.text
    return dict(answer.json)


def granted(client: Client, token: str, scope: str) -> list[str]:
    """Ask the token endpoint and read what was granted."""
    basic = base64.b64encode(f"gitlab-ci-token:{token}".encode()).decode()
    plain = Client(client.url, base="")
    answer = plain.send(
        "GET",
        f"/jwt/auth?service=container_registry&scope=repository:{scope}",
        headers={"Authorization": f"Basic {basic}"},
    )
    plain.close()
    assert answer.status == 200, answer.text
    payload = answer.json["token"].split(".")[1]
    access = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["access"]
    return list(access[0]["actions"]) if access else []


@pytest.mark.parametrize(
    ("who", "scope", "lists", "actions"),
    [
        ("dev", f"{APP}:pull,push", OPEN, ["pull", "push"]),
        ("dev", f"{APP}/cache:delete", OPEN, ["delete"]),
        ("dev", f"{BASE}:pull,push", OPEN, ["pull"]),
        ("dev", f"{BASE}:pull", CLOSED, []),
        ("rep", f"{BASE}:pull", OPEN, ["pull"]),
        ("guest", f"{BASE}:pull", OPEN, []),
        ("stranger", f"{BASE}:pull", OPEN, []),
        ("root", f"{BASE}:pull", OPEN, []),
        ("dev", "open/site:pull", CLOSED, ["pull"]),
    ],
)
def test_its_token_opens_what_gitlab_opens(
    client: Client, who: str, scope: str, lists: object, actions: list[str]
) -> None:
    world = changed_world({"projects.1.job_token_scope": lists})
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    assert granted(client, started(client, who)["token"], scope) == actions


def test_its_token_is_a_job_token_in_the_api(client: Client) -> None:
    assert client.send("PUT", "/-/sandbox/world", send=changed_world({})).status == 204
    token = {"JOB-TOKEN": started(client, "dev")["token"]}
    assert client.send("GET", "/projects/10/registry/repositories", headers=token).status == 200
    assert client.send("GET", "/projects/13/registry/repositories", headers=token).status == 403
    assert client.send("GET", "/projects/10/variables", headers=token).status == 401


def test_it_stands_in_the_world_and_can_be_set_again(client: Client) -> None:
    assert client.send("PUT", "/-/sandbox/world", send=changed_world({})).status == 204
    job = started(client, "dev", environment="staging", name="deploy")
    world = client.send("GET", "/-/sandbox/world").json
    kept = world["projects"][0]["jobs"][-1]
    assert (kept["id"], kept["token"], kept["environment"]) == (job["id"], job["token"], "staging")
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    assert granted(client, job["token"], f"{APP}:push") == ["push"]


def test_its_kubeconfig_names_a_context_for_each_agent(client: Client) -> None:
    agents = [{"id": 3, "name": "staging"}, {"id": 4, "name": "production"}]
    assert client.send("PUT", "/-/sandbox/world", send=changed_world({"projects.0.agents": agents})).status == 204
    job = started(client, "dev")
    written = next(item for item in job["variables"] if item["key"] == "KUBECONFIG")
    document = yaml.safe_load(written["value"])
    assert [item["name"] for item in document["contexts"]] == [f"{APP}:staging", f"{APP}:production"]
    users = {item["name"]: item["user"]["token"] for item in document["users"]}
    assert users == {"agent:3": f"ci:3:{job['token']}", "agent:4": f"ci:4:{job['token']}"}


def test_python_gitlab_reads_and_writes_the_ci_side(box: Sandbox, client: Client) -> None:
    changes = {
        "projects.0.files": {".gitlab-ci.yml": "build: {script: make}\n"},
        "projects.0.agents": [{"id": 7, "name": "staging"}],
        "projects.0.tags": {"v1": "main"},
        "projects.0.protected_tags": {"v*": "maintainer"},
        "projects.0.jobs.0": {"id": 900, "started_by": "dev", "token": "glcbt-dev-app", "trace": "ok\n"},
    }
    assert client.send("PUT", "/-/sandbox/world", send=changed_world(changes)).status == 204
    api = gitlab.Gitlab(box.url, private_token="glpat-maint")
    project = api.projects.get(10)
    lint = project.ci_lint.get(include_jobs=True)
    assert (lint.valid, [job["name"] for job in lint.jobs]) == (True, ["build"])
    project.ci_lint.validate({"content": "build: {script: make}"})
    with pytest.raises(gitlab.exceptions.GitlabCiLintError, match="chosen stage ship does not exist"):
        project.ci_lint.validate({"content": "build: {script: make, stage: ship}"})
    pipeline = project.pipelines.latest()
    assert [job.name for job in pipeline.jobs.list()] == ["build"]
    assert [job.id for job in project.jobs.list(iterator=True)] == [901, 900]
    assert project.jobs.get(900).trace() == b"ok\n"
    environment = project.environments.create({"name": "staging"})
    environment.stop()
    environment.delete()
    schedule = project.pipelineschedules.create({"ref": "main", "cron": "0 3 * * *", "description": "nightly"})
    schedule.active = False
    schedule.save()
    assert not project.pipelineschedules.get(schedule.id).active
    assert [agent.name for agent in project.cluster_agents.list(get_all=True)] == ["staging"]
    assert [tag.name for tag in project.tags.list(get_all=True)] == ["v1"]
    assert [tag.name for tag in project.protectedtags.list(get_all=True)] == ["v*"]
    api.session.close()


REAL = """
CI CI_API_GRAPHQL_URL CI_API_V4_URL CI_COMMIT_AUTHOR CI_COMMIT_BEFORE_SHA CI_COMMIT_BRANCH CI_COMMIT_DESCRIPTION
CI_COMMIT_MESSAGE CI_COMMIT_MESSAGE_IS_TRUNCATED CI_COMMIT_REF_NAME CI_COMMIT_REF_PROTECTED CI_COMMIT_REF_SLUG
CI_COMMIT_SHA CI_COMMIT_SHORT_SHA CI_COMMIT_TIMESTAMP CI_COMMIT_TITLE CI_CONFIG_PATH CI_CONFIG_REF_URI
CI_DEFAULT_BRANCH CI_DEFAULT_BRANCH_SLUG CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX
CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX CI_DEPENDENCY_PROXY_PASSWORD CI_DEPENDENCY_PROXY_SERVER
CI_DEPENDENCY_PROXY_USER CI_JOB_GROUP_NAME CI_JOB_ID CI_JOB_NAME CI_JOB_NAME_SLUG CI_JOB_STAGE CI_JOB_STARTED_AT
CI_JOB_STARTED_AT_SLUG CI_JOB_TOKEN CI_JOB_URL CI_NODE_TOTAL CI_PIPELINE_CREATED_AT CI_PIPELINE_ID CI_PIPELINE_IID
CI_PIPELINE_NAME CI_PIPELINE_SOURCE CI_PIPELINE_URL CI_PROJECT_CLASSIFICATION_LABEL CI_PROJECT_DESCRIPTION
CI_PROJECT_ID CI_PROJECT_NAME CI_PROJECT_NAMESPACE CI_PROJECT_NAMESPACE_ID CI_PROJECT_NAMESPACE_SLUG CI_PROJECT_PATH
CI_PROJECT_PATH_SLUG CI_PROJECT_REPOSITORY_LANGUAGES CI_PROJECT_ROOT_NAMESPACE CI_PROJECT_ROOT_NAMESPACE_SLUG
CI_PROJECT_TITLE CI_PROJECT_TOPICS CI_PROJECT_URL CI_PROJECT_VISIBILITY CI_REGISTRY CI_REGISTRY_IMAGE
CI_REGISTRY_PASSWORD CI_REGISTRY_USER CI_REPOSITORY_URL CI_SERVER_FQDN CI_SERVER_HOST CI_SERVER_NAME CI_SERVER_PORT
CI_SERVER_PROTOCOL CI_SERVER_REVISION CI_SERVER_SHELL_SSH_HOST CI_SERVER_SHELL_SSH_PORT CI_SERVER_URL
CI_SERVER_VERSION CI_SERVER_VERSION_MAJOR CI_SERVER_VERSION_MINOR CI_SERVER_VERSION_PATCH CI_TEMPLATE_REGISTRY_HOST
GITLAB_CI GITLAB_FEATURES GITLAB_USER_EMAIL GITLAB_USER_ID GITLAB_USER_LOGIN GITLAB_USER_NAME
"""
"""The names in the environment of a job on gitlab.com (19.3, July 2026), without what its runner added, the variables
of Pages, which a world has not, and four that GitLab's documentation does not name."""


def test_a_job_has_just_the_variables_that_a_real_one_had(client: Client) -> None:
    world = changed_world({"projects.0.variables": [], "groups.0.variables": []})
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    assert [item["key"] for item in started(client, "dev")["variables"]] == sorted(REAL.split())
