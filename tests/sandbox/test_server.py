"""The two servers: ports, control, paging, throttling, latency, many clients at once."""

from __future__ import annotations

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import gitlab
import pytest

from tests.sandbox.conftest import NOON, Client, SetClock, base_world, changed_world
from wizard.errors import Exit, UsageError
from wizard.sandbox.resources import all_routes
from wizard.sandbox.server import Sandbox


def given(client: Client, **changes: Any) -> None:
    world = changed_world({path.replace("__", "."): value for path, value in changes.items()})
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204


def many_variables(count: int) -> list[dict[str, str]]:
    return [{"key": f"KEY_{number}", "value": "v"} for number in range(1, count + 1)]


def test_the_ready_line_names_both_servers(box: Sandbox) -> None:
    assert box.ready == {"format": 1, "url": box.url, "registry": box.registry}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", box.url)
    assert re.fullmatch(r"127\.0\.0\.1:\d+", box.registry)


def test_a_port_that_is_taken_is_wrong_usage(box: Sandbox) -> None:
    port = int(box.url.rpartition(":")[2])
    with pytest.raises(UsageError, match=f"Port {port} cannot be used: it is in use") as caught:
        Sandbox(base_world(), port=port).start()
    assert caught.value.exit == Exit.USAGE


def test_a_stopped_sandbox_frees_its_port() -> None:
    with Sandbox({"version": 1}) as first:
        port = int(first.url.rpartition(":")[2])
    with Sandbox({"version": 1}, port=port) as second:
        assert second.url == first.instance.addresses.url
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_without_control_there_are_no_control_calls() -> None:
    with Sandbox({"version": 1}) as plain:
        client = Client(plain.url)
        for path in ("/-/sandbox/world", "/-/sandbox/requests"):
            assert client.send("GET", path).status == 404
        client.close()


def test_every_call_is_logged_with_its_query_and_no_control_call_is(client: Client) -> None:
    given(client)
    client.send("GET", "/projects/acme%2Fteam%2Fapp?simple=true", who="maint")
    client.send("POST", "/projects/10/variables", who="dev", send={})
    client.send("GET", "/nothing")
    assert client.send("GET", "/-/sandbox/requests").json == [
        {"method": "GET", "path": "/api/v4/projects/acme%2Fteam%2Fapp?simple=true", "status": 200},
        {"method": "POST", "path": "/api/v4/projects/10/variables", "status": 403},
        {"method": "GET", "path": "/api/v4/nothing", "status": 404},
    ]


def test_a_list_comes_in_pages(client: Client) -> None:
    given(client, projects__0__variables=many_variables(45))
    first = client.send("GET", "/projects/10/variables", who="maint")
    assert len(first.json) == 20
    shown = {name: value for name, value in first.headers.items() if name.startswith("x-")}
    assert shown == {
        "x-page": "1",
        "x-per-page": "20",
        "x-next-page": "2",
        "x-prev-page": "",
        "x-total": "45",
        "x-total-pages": "3",
    }
    assert re.findall(r'[?&]page=(\d+)[^>]*>; rel="(\w+)"', first.headers["link"]) == [
        ("2", "next"),
        ("1", "first"),
        ("3", "last"),
    ]
    last = client.send("GET", "/projects/10/variables?page=3", who="maint")
    assert [item["key"] for item in last.json] == [f"KEY_{number}" for number in range(41, 46)]
    assert last.headers["x-next-page"] == ""
    assert last.headers["x-prev-page"] == "2"


@pytest.mark.parametrize(("query", "count"), [("per_page=100", 100), ("per_page=500", 100), ("page=9", 0)])
def test_a_page_has_at_most_a_hundred(client: Client, query: str, count: int) -> None:
    given(client, projects__0__variables=many_variables(120))
    assert len(client.send("GET", f"/projects/10/variables?{query}", who="maint").json) == count


def test_a_page_that_is_no_number_is_refused(client: Client) -> None:
    given(client)
    answer = client.send("GET", "/projects/10/variables?page=x&per_page=y", who="maint")
    assert (answer.status, answer.json) == (400, {"error": "page is invalid, per_page is invalid"})


def test_projects_come_by_keyset(client: Client) -> None:
    given(client)
    found, path = [], "/projects?pagination=keyset&order_by=id&sort=asc&per_page=2&membership=true"
    while path:
        answer = client.send("GET", path, who="guest")
        found += [item["id"] for item in answer.json]
        assert "x-total" not in answer.headers
        link = re.fullmatch(r'<http://[^/]+/api/v4(/[^>]+)>; rel="next"', answer.headers.get("link", ""))
        path = link[1] if link else ""
    assert found == [10, 11, 16, 17]


def test_without_a_limit_nothing_is_said_about_one(client: Client) -> None:
    given(client)
    assert not [name for name in client.send("GET", "/user", who="dev").headers if name.startswith("ratelimit")]


def test_the_rate_limit_of_gitlab_is_not_one_of_its_registry(box: Sandbox, client: Client) -> None:
    given(client, instance__rate_limit={"requests": 1, "per_seconds": 30})
    registry = Client(f"http://{box.registry}", base="")
    answers = [registry.send("GET", "/v2/") for _ in range(3)]
    registry.close()
    assert [answer.status for answer in answers] == [401, 401, 401]
    assert not any("ratelimit-limit" in answer.headers for answer in answers)


def test_too_many_calls_are_told_to_wait(client: Client, clock: SetClock) -> None:
    given(client, instance__rate_limit={"requests": 2, "per_seconds": 30})
    first = client.send("GET", "/user", who="dev")
    assert first.headers["ratelimit-limit"] == "4"
    assert first.headers["ratelimit-name"] == "throttle_authenticated_api"
    assert first.headers["ratelimit-observed"] == "1"
    assert first.headers["ratelimit-remaining"] == "1"
    assert first.headers["ratelimit-reset"] == str(int((NOON + timedelta(seconds=30)).timestamp()))
    assert client.send("GET", "/user", who="dev").status == 200
    clock.at = NOON + timedelta(seconds=10)
    refused = client.send("GET", "/user", who="dev")
    assert (refused.status, refused.text) == (429, "Retry later\n")
    assert refused.headers["content-type"].startswith("text/plain")
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["ratelimit-resettime"] == "Tue, 24 Nov 2026 12:00:30 GMT"
    assert client.send("GET", "/user", who="maint").status == 200, "everybody has a limit of their own"
    assert client.send("GET", "/-/sandbox/requests").status == 200, "control calls are not counted"
    clock.at = NOON + timedelta(seconds=30)
    assert client.send("GET", "/user", who="dev").status == 200
    clock.at = NOON


def test_bulk_deletion_works_again_after_an_hour(client: Client, clock: SetClock) -> None:
    given(client)
    call = ("DELETE", "/projects/10/registry/repositories/1/tags?name_regex_delete=none")
    assert client.send(*call, who="maint").status == 202
    clock.at = NOON + timedelta(minutes=59)
    assert client.send(*call, who="maint").status == 400
    clock.at = NOON + timedelta(minutes=60)
    assert client.send(*call, who="maint").status == 202
    clock.at = NOON


def test_latency_is_added_to_api_calls_only(client: Client) -> None:
    given(client, instance__latency_ms=60)
    start = time.monotonic()
    client.send("GET", "/version", who="dev")
    between = time.monotonic()
    client.send("GET", "/-/sandbox/requests")
    assert between - start >= 0.06
    assert time.monotonic() - between < 0.06


def test_many_clients_at_once_lose_nothing(box: Sandbox, client: Client) -> None:
    given(client)

    def worker(name: int) -> list[int]:
        own = Client(box.url)
        made = [
            own.send(
                "POST", "/projects/11/variables", who="maint", send={"key": f"K_{name}_{step}", "value": "v"}
            ).status
            for step in range(10)
        ]
        own.close()
        return made

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for made in pool.map(worker, range(8)) for status in made]
    assert statuses == [201] * 80
    assert client.send("GET", "/projects/11/variables", who="maint").headers["x-total"] == "80"
    tokens = {"name": "a", "scopes": ["read_registry"]}
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: _created(box, tokens), range(16)))
    assert len(set(ids)) == 16


def _created(box: Sandbox, token: dict[str, Any]) -> int:
    own = Client(box.url)
    answer = own.send("POST", "/projects/11/deploy_tokens", who="maint", send=token)
    own.close()
    return int(answer.json["id"])


def test_python_gitlab_understands_it(box: Sandbox, client: Client) -> None:
    given(client, projects__0__variables=many_variables(45))
    api = gitlab.Gitlab(box.url, private_token="glpat-maint", per_page=20)
    api.auth()
    assert api.user is not None
    assert api.user.username == "maint"
    project = api.projects.get("acme/team/app")
    assert project.id == 10
    assert len(project.variables.list(get_all=True)) == 45
    with pytest.raises(gitlab.exceptions.GitlabCreateError) as caught:
        project.variables.create({"key": "KEY_1", "value": "v"})
    told: Any = caught.value.error_message
    assert told == {"key": ["(KEY_1) has already been taken"]}
    project.job_token_scope.get().allowlist.create({"target_project_id": 13})
    assert [item.id for item in project.job_token_scope.get().allowlist.list(get_all=True)] == [10, 11, 13]
    api.session.close()


def test_no_two_routes_claim_the_same_call() -> None:
    calls = [(route.side, route.method, re.sub("<[^>]+>", "<>", route.path)) for route in all_routes()]
    assert len(calls) == len(set(calls))
