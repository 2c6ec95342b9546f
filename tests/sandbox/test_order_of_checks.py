"""Every route checks in order: token (401), scope (403), project or group (404), role (403), parameters (400)."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.sandbox.conftest import Client, base_world
from tests.sandbox.test_cases import cases
from wizard.sandbox.resources import all_routes
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import API, Route

ROUTES = [route for route in all_routes() if route.base == API and route.side == "gitlab"]
WITHIN = [route for route in ROUTES if re.match(r"/(projects|groups)/<id>", route.rule)]
BLOCKED = {"message": "403 Forbidden - Your account has been blocked."}


def named(routes: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", routes, ids=[f"{route.method} {route.rule}" for route in routes])


def path(route: Route, of: str = "") -> str:
    """The path of a route with an `:id` and made-up ids for all else."""
    known = "10" if route.rule.startswith("/projects") else "1"
    return re.sub("<[^>]+>", "1", route.rule.replace("<id>", of or known))


@pytest.fixture(scope="module")
def asked(client: Client) -> Client:
    assert client.send("PUT", "/-/sandbox/world", send=base_world()).status == 204
    return client


@named(ROUTES)
def test_who_asks_comes_first(route: Route, asked: Client) -> None:
    nonsense = path(route, "99")
    assert asked.send(route.method, nonsense, who="unknown").status == 401
    revoked = asked.send(route.method, nonsense, who="revoked")
    assert (revoked.status, revoked.json["error"]) == (401, "invalid_token")
    assert asked.send(route.method, nonsense, who="today").status == 401
    blocked = asked.send(route.method, nonsense, who="gone")
    assert (blocked.status, blocked.json) == (403, BLOCKED)


@named(ROUTES)
def test_the_scope_comes_before_the_project(route: Route, asked: Client) -> None:
    refused = asked.send(route.method, path(route, "99"), who="registry")
    if "read_registry" not in route.needed_scopes:
        assert (refused.status, refused.json["error"]) == (403, "insufficient_scope")
    if route.writes:
        assert asked.send(route.method, path(route, "99"), who="read").status == 403


@named(WITHIN)
def test_what_is_not_theirs_does_not_exist(route: Route, asked: Client) -> None:
    kind = "Project" if route.rule.startswith("/projects") else "Group"
    missing = {"message": f"404 {kind} Not Found"}
    stranger = asked.send(route.method, path(route), who="stranger", send={})
    unknown = asked.send(route.method, path(route, "99"), who="maint", send={})
    assert (stranger.status, stranger.json) == (404, missing)
    assert (unknown.status, unknown.json) == (404, missing)


@named(WITHIN)
def test_nobody_is_told_to_sign_in_or_that_there_is_nothing(route: Route, asked: Client) -> None:
    assert asked.send(route.method, path(route), send={}).status == (404 if route.anonymous else 401)


@named([route for route in WITHIN if route.role > Role.GUEST])
def test_the_role_comes_before_the_parameters(route: Route, asked: Client) -> None:
    refused = asked.send(route.method, path(route), who="guest", send={})
    assert refused.status == 403
    assert refused.json["message"].startswith("403 Forbidden")


@named([route for route in WITHIN if route.job_token == "no"])
def test_a_job_token_is_nobody_where_it_is_not_taken(route: Route, asked: Client) -> None:
    token = {"JOB-TOKEN": "glcbt-dev-app"}
    assert asked.send(route.method, path(route), headers=token, send={}).status == (404 if route.anonymous else 401)


def test_how_much_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    groups = Counter(str(case.id).partition(":")[0] for case in cases())
    with capsys.disabled():
        print(f"\nsimulated GitLab: {len(all_routes())} routes, {sum(groups.values())} cases:", end=" ")
        print(", ".join(f"{name} {count}" for name, count in sorted(groups.items())))
    assert sum(groups.values()) >= 250


NASTY = [
    "%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%92%A5",
    "%5Bx%5D",
    "9" * 40,
    "-1",
    "%ff%fe",
    "a" * 3000,
    "%27%22%3Cb%3E",
]
BODIES = [
    *("null", "[]", "[[[]]]", '"text"', "1e999", "\u00ff\u00fe", "{" * 500),
    '{"key": {"a": []}, "value": [null], "name": {}, "content": {}}',
    '{"key": "\\ud800", "value": "\\u0000", "name": "\\ud800", "ref": "\\ud800", "content": "\\ud800: \\u0000"}',
    '{"key": 1, "value": 1e400, "name": -0, "ref": true, "content": 5, "scopes": "x,,", "target_project_id": 9e99}',
]


@pytest.mark.thorough
@named(ROUTES)
def test_garbage_is_refused_and_breaks_nothing(route: Route, asked: Client) -> None:
    assert asked.send("PUT", "/-/sandbox/world", send=base_world()).status == 204
    statuses = []
    for who in ("root", "maint"):
        for value in NASTY:
            filled = re.sub("<[^>]+>", value, route.rule.replace("<id>", "10" if "projects" in route.rule else "1"))
            statuses.append(
                asked.send(route.method, f"{filled}?page={value}&ref={value}&search={value}", who=who).status
            )
        statuses += [asked.send(route.method, path(route), who=who, send=body).status for body in BODIES]
    assert not [status for status in statuses if status >= 500 and status != 501]
