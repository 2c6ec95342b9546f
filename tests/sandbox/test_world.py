"""Worlds: what is filled in, what is exported back, and every mistake with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Client, base_world
from wizard.errors import Exit, UsageError
from wizard.sandbox.loading import check_world, export_world, load_world, parse_world
from wizard.sandbox.schema import WorldState

MISTAKES = [
    ("version: 2", [("version", 1, "must be 1")]),
    ("users: []", [("version", 1, "is missing")]),
    ("version: 1\nusrs: []", [("usrs", 2, "there is no such key; did you mean 'users'?")]),
    ("- version: 1", [("", 1, "must be a mapping")]),
    ("version: 1\nversion: 1", [("version", 2, "the key stands here twice")]),
    ("version: 1\nusers: [", [("", 2, "not valid YAML: ")]),
    ("version: 1\nusers:\n- {id: 0}", [("users.0.id", 3, "must be greater than or equal to 1")]),
    (
        "version: 1\nprojects:\n- path: a/b\n  members: {x: gest}",
        [("projects.0.members.x", 4, "must be 'guest', 'planner'")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  members: {x: guest}",
        [("projects.0.members.x", 4, "there is no user 'x'")],
    ),
    (
        "version: 1\nprojects:\n- {path: a/b, id: 1}\n- {path: a/c, id: 1}",
        [("projects.1.id", 4, "the project id '1' is there twice")],
    ),
    ("version: 1\nprojects:\n- {path: a/b}\n- {path: A/B}", [("projects.1.path", 4, "the path 'a/b' is there twice")]),
    (
        "version: 1\nprojects:\n- {path: a/b}\n- {path: a/c, former_paths: [a/b]}",
        [("projects.1.former_paths.0", 4, "the path 'a/b' is there twice")],
    ),
    ("version: 1\nprojects:\n- path: b", [("projects.0.path", 3, "a project lies in a group")]),
    ("version: 1\nprojects:\n- {path: a/b}\n- {path: a/b/c}", [("projects.1.path", 4, "lies below 'a/b'")]),
    ("version: 1\nusers:\n- {id: 1}\n- {id: 1}", [("users.1.id", 4, "the user id '1' is there twice")]),
    (
        "version: 1\nusers:\n- username: a\n- username: A",
        [("users.1.username", 4, "the username 'a' is there twice")],
    ),
    (
        "version: 1\nusers:\n- tokens:\n  - value: s3cret\n  - value: s3cret",
        [("users.0.tokens.1.value", 5, "the secret of this token is there twice")],
    ),
    (
        "version: 1\nusers:\n- tokens:\n  - {value: a, kind: project}",
        [("users.0.tokens.0.of", 4, "a project token needs the path that it is of")],
    ),
    (
        "version: 1\nusers:\n- tokens:\n  - {value: a, kind: group, of: acm}\ngroups:\n- path: acme",
        [("users.0.tokens.0.of", 4, "there is no group 'acm'; did you mean 'acme'?")],
    ),
    (
        "version: 1\nusers:\n- tokens:\n  - {value: a, of: acme}\ngroups:\n- path: acme",
        [("users.0.tokens.0.of", 4, "a personal token has neither `of` nor `role`")],
    ),
    ("version: 1\nusers:\n- tokens: [{value: a, scopes: [apy]}]", [("users.0.tokens.0.scopes.0", 3, "must be 'api'")]),
    (
        "version: 1\nusers:\n- username: a\ngroups:\n- path: a",
        [("groups.0.path", 5, "the path 'a' is the name of a user")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  jobs:\n  - started_by: nobody",
        [("projects.0.jobs.0.started_by", 5, "there is no user 'nobody'")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  job_token_scope: {projects: [a/c]}",
        [("projects.0.job_token_scope.projects.0", 4, "there is no project 'a/c'; did you mean 'a/b'?")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  variables:\n  - {key: A}\n  - {key: A}",
        [("projects.0.variables.1.key", 6, "the variable 'A@*' is there twice")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  variables: [{key: A-B, hidden: true}]",
        [
            ("projects.0.variables.0.key", 4, "a key consists of letters"),
            ("projects.0.variables.0.hidden", 4, "a hidden variable must be masked"),
        ],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  files: {a: b}\n  branches: {x: {from: y}}",
        [("projects.0.branches.x.from", 5, "there is no branch 'y' before this one")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  cleanup_policy: {keep_n: 7, cadence: daily}",
        [
            ("projects.0.cleanup_policy.cadence", 4, "must be '1d'"),
            ("projects.0.cleanup_policy.keep_n", 4, "must be 1, 5, 10, 25, 50 or 100"),
        ],
    ),
    ("version: 1\ninstance: {rate_limit: {requests: 0}}", [("instance.rate_limit.requests", 2, "must be greater")]),
    (
        "version: 1\nprojects:\n- {path: a/b, files: {a: b}, branches: {x: {frm: main}}}",
        [("projects.0.branches.x.frm", 3, "there is no such key; did you mean 'from'?")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  environments:\n  - {name: live}\n  - {name: live}",
        [("projects.0.environments.1.name", 6, "the environment 'live' is there twice")],
    ),
    (
        "version: 1\nusers: [{username: u}]\nprojects:\n- path: a/b\n  jobs:\n  - {started_by: u, pipeline: 1}\n"
        "  - {started_by: u, pipeline: 1, ref: f}",
        [("projects.0.jobs.1.pipeline", 7, "a pipeline is of one project and one branch")],
    ),
    (
        "version: 1\nprojects:\n- path: a/b\n  pipeline_schedules:\n  - {description: d, cron: x, owner: me}",
        [("projects.0.pipeline_schedules.0.owner", 5, "there is no user 'me'")],
    ),
]


def state_of(text: str) -> WorldState:
    state, mistakes = parse_world(text)
    assert state is not None, mistakes
    return state


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[text.replace("\n", " ")[11:60] for text, _ in MISTAKES])
def test_a_mistake_is_told_with_its_place(text: str, expected: list[tuple[str, int, str]]) -> None:
    state, mistakes = parse_world(text)
    assert state is None
    assert [(mistake.path, mistake.line) for mistake in mistakes] == [(path, line) for path, line, _ in expected]
    for mistake, (_, _, message) in zip(mistakes, expected, strict=True):
        assert mistake.message.startswith(message)


def test_all_mistakes_are_told_at_once() -> None:
    _, mistakes = parse_world("version: 1\nusers: {}\nprojects:\n- {pth: a/b, id: x}\n")
    assert [mistake.path for mistake in mistakes] == ["users", "projects.0.id", "projects.0.path", "projects.0.pth"]


def test_what_is_malformed_hides_no_contradiction() -> None:
    text = """version: 1
usrs: []
users:
  - {id: 1, username: dev, tokens: [{kind: personal}, {value: x, kind: project}]}
groups: [{path: acme, members: {dev: boss, devv: guest}}]
projects:
  - {pth: acme/app}
  - {id: 5, path: acme/one}
  - {id: 5, path: acme/two}
"""
    _, mistakes = parse_world(text)
    assert [(mistake.line, mistake.path) for mistake in mistakes] == [
        (4, "users.0.tokens.0.value"),
        (5, "groups.0.members.dev"),
        (7, "projects.0.path"),
        (7, "projects.0.pth"),
        (2, "usrs"),
        (9, "projects.2.id"),
        (5, "groups.0.members.devv"),
        (4, "users.0.tokens.1.of"),
    ]


def test_no_secret_stands_in_a_mistake() -> None:
    _, mistakes = parse_world("version: 1\nusers:\n- tokens:\n  - value: s3cret\n  - value: s3cret")
    assert "s3cret" not in str(mistakes)


def test_the_command_gets_all_of_it_and_the_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "world.yml"
    file.write_text("version: 1\nusrs: []\nproject: []\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_world(file)
    assert caught.value.exit == Exit.USAGE
    assert f"{file}: line 2: usrs:" in caught.value.message
    assert f"{file}: line 3: project:" in caught.value.message


def test_a_world_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_world(tmp_path / "none.yml")


def test_the_empty_world_is_a_fresh_gitlab() -> None:
    assert export_world(state_of("version: 1")) == {
        "version": 1,
        "instance": {
            "version": "19.5.0-ee",
            "enterprise": True,
            "registry": "registry.test:5050",
            "enforce_job_token_allowlist": False,
            "limits": {"project_variables": 8000, "group_variables": 30000, "allowlist": 200},
            "maintenance": False,
            "latency_ms": 0,
            "rate_limit": None,
            "variables": [],
            "oauth_applications": [],
        },
        "users": [],
        "groups": [],
        "projects": [],
    }


def test_a_project_is_exported_with_every_key() -> None:
    exported: Any = export_world(state_of("version: 1\nprojects: [{path: acme/app, default_branch: trunk}]"))
    (project,) = exported["projects"]
    assert project == {
        "id": 1,
        "path": "acme/app",
        "visibility": "private",
        "registry": "enabled",
        "ci": "enabled",
        "repository": "enabled",
        "former_paths": [],
        "archived": False,
        "default_branch": "trunk",
        "protected_branches": {"trunk": {"push": "maintainer", "merge": "maintainer"}},
        "members": {},
        "files": {},
        "branches": {},
        "tags": {},
        "protected_tags": {},
        "merge_requests": [],
        "locked": False,
        "variables": [],
        "deploy_tokens": [],
        "job_token_scope": {"enabled": True, "projects": [], "groups": []},
        "cleanup_policy": {
            "enabled": False,
            "cadence": "1d",
            "keep_n": 10,
            "older_than": "90d",
            "name_regex": ".*",
            "name_regex_keep": None,
        },
        "repository_protection": [],
        "tag_protection": [],
        "images": {},
        "image_dates": {},
        "jobs": [],
        "environments": [],
        "pipeline_schedules": [],
        "agents": [],
    }


def test_ids_are_given_in_order_around_those_that_stand_there() -> None:
    state = state_of("version: 1\nprojects: [{path: a/b}, {path: a/c, id: 2}, {path: a/d}]")
    assert [project.id for project in state.projects] == [1, 2, 3]


def test_groups_that_only_stand_in_paths_are_there() -> None:
    state = state_of("version: 1\nprojects: [{path: acme/team/app}]")
    assert [group.path for group in state.groups] == ["acme", "acme/team"]


def test_a_persons_namespace_is_no_group() -> None:
    state = state_of("version: 1\nusers: [{username: ann}]\nprojects: [{path: ann/app}]")
    assert state.groups == []


def test_a_project_token_makes_its_user_a_bot_everywhere() -> None:
    state = state_of(
        "version: 1\n"
        "users: [{username: robot, tokens: [{value: t, kind: project, of: acme/app, role: developer}]}]\n"
        "projects: [{path: acme/app, id: 4, jobs: [{started_by: robot}]}, {path: acme/other, members: {robot: guest}}]"
    )
    name = state.users[0].username
    assert name.startswith("project_4_bot_")
    assert state.projects[0].jobs[0].started_by == name
    assert state.projects[1].members == {name: "guest"}


def test_an_exported_world_is_a_world_and_stays_the_same() -> None:
    state, mistakes = check_world(json.loads(json.dumps(base_world(), default=str)))
    assert mistakes == []
    assert state is not None
    exported = export_world(state)
    again, mistakes = check_world(exported)
    assert mistakes == []
    assert again is not None
    assert export_world(again) == exported


def test_no_secret_stands_in_a_repr() -> None:
    shown = repr(load_world(base_world()))
    for secret in ("glpat-maint", "gldt-old", "glcbt-dev-app", "hidden-value"):
        assert secret not in shown


def test_a_world_is_replaced_and_looked_at(client: Client) -> None:
    assert client.send("PUT", "/-/sandbox/world", send={"version": 1, "users": [{"username": "ann"}]}).status == 204
    world = client.send("GET", "/-/sandbox/world").json
    assert [user["username"] for user in world["users"]] == ["ann"]
    assert client.send("GET", "/-/sandbox/requests").json == []


def test_a_wrong_world_changes_nothing(client: Client) -> None:
    client.send("PUT", "/-/sandbox/world", send=base_world())
    answer = client.send("PUT", "/-/sandbox/world", send={"version": 1, "projects": [{"path": "a/b", "id": "x"}]})
    assert answer.status == 422
    assert [(item["path"], item["line"]) for item in answer.json] == [("projects.0.id", None)]
    assert client.send("GET", "/user", who="maint").status == 200


def test_a_body_that_is_no_json_is_told(client: Client) -> None:
    answer = client.send("PUT", "/-/sandbox/world", send="version: 1")
    assert answer.status == 422
    assert answer.json[0]["message"].startswith("not valid JSON")


def test_a_renamed_project_is_exported_under_its_current_path(client: Client) -> None:
    client.send("PUT", "/-/sandbox/world", send=base_world())
    assert client.send("PUT", "/projects/11", who="owner", send={"path": "foundation"}).status == 200
    projects = {item["id"]: item for item in client.send("GET", "/-/sandbox/world").json["projects"]}
    assert projects[11]["path"] == "acme/team/foundation"
    assert projects[11]["former_paths"] == ["acme/team/base"]
    assert projects[10]["job_token_scope"]["projects"] == ["acme/team/foundation"]


def test_the_export_shows_the_secrets_that_were_stored(client: Client) -> None:
    client.send("PUT", "/-/sandbox/world", send=base_world())
    new = {"key": "NEW", "value": "secret-123", "masked_and_hidden": True}
    assert client.send("POST", "/projects/10/variables", who="maint", send=new).status == 201
    made = client.send(
        "POST", "/projects/10/deploy_tokens", who="maint", send={"name": "a", "scopes": ["read_registry"]}
    )
    (project,) = [item for item in client.send("GET", "/-/sandbox/world").json["projects"] if item["id"] == 10]
    assert project["variables"][-1]["value"] == "secret-123"
    assert project["deploy_tokens"][-1]["token"] == made.json["token"]
