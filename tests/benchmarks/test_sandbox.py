"""How many requests the simulated GitLab answers in a second, on one connection and on many at once."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from wizard.sandbox.server import Sandbox

pytestmark = pytest.mark.benchmark

AIM = 200
"""Requests in a second that a platform team's scripts may send."""
CALLS = 600
CLIENTS = 8
WORLD: dict[str, Any] = {
    "version": 1,
    "users": [{"id": 3, "username": "maint", "tokens": [{"value": "glpat-maint"}]}],
    "groups": [{"id": 1, "path": "acme", "members": {"maint": "maintainer"}}],
    "projects": [
        {
            "id": number,
            "path": f"acme/app-{number}",
            "files": {".gitlab-ci.yml": "build: {script: make}\n"},
            "variables": [{"key": f"KEY_{index}", "value": "v"} for index in range(20)],
            "jobs": [{"started_by": "maint", "status": "success"} for _ in range(20)],
        }
        for number in range(1, 51)
    ],
}
MIX = [
    ("GET", "/api/v4/projects/1", None),
    ("GET", "/api/v4/projects/acme%2Fapp-2/variables?per_page=100", None),
    ("PUT", "/api/v4/projects/3/variables/KEY_1", '{"value": "w"}'),
    ("GET", "/api/v4/projects?per_page=20", None),
    ("GET", "/api/v4/projects/4/jobs", None),
    ("GET", "/api/v4/projects/5/repository/files/.gitlab-ci.yml?ref=main", None),
    ("POST", "/api/v4/projects/6/ci/lint", '{"content": "build: {script: make}"}'),
    ("GET", "/jwt/auth?service=container_registry&scope=repository:acme/app-7:pull", None),
]


def _client(url: str, calls: int) -> int:
    """Send calls one after the other on one connection; return how many succeeded."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    good = 0
    for number in range(calls):
        method, path, body = MIX[number % len(MIX)]
        headers = {"PRIVATE-TOKEN": "glpat-maint", "Content-Type": "application/json"}
        if path.startswith("/jwt"):
            headers["Authorization"] = "Basic bWFpbnQ6Z2xwYXQtbWFpbnQ="
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        good += answer.status < 300
    connection.close()
    return good


def _rate(send: Callable[[], int]) -> float:
    started = time.perf_counter()
    assert send() == CALLS
    return CALLS / (time.perf_counter() - started)


def test_requests_in_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(WORLD) as box, ThreadPoolExecutor(CLIENTS) as pool:
        one = _rate(lambda: _client(box.url, CALLS))
        shares = [CALLS // CLIENTS] * CLIENTS
        many = _rate(lambda: sum(pool.map(lambda calls: _client(box.url, calls), shares)))
    with capsys.disabled():
        print(
            f"\nsimulated GitLab, mixed calls: {one:.0f} requests/s by one client, {many:.0f} by {CLIENTS}; aim {AIM}"
        )
