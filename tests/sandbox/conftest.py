"""One simulated GitLab for each test module, a plain HTTP client for it, and the cases that lie in YAML files."""

from __future__ import annotations

import copy
import functools
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest
import yaml

from wizard.sandbox.server import Sandbox

CASES = Path(__file__).with_name("cases")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands still until a test moves it."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Answer:
    """What a server answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Sends requests as somebody: the token of user `dev` is `glpat-dev`; everything is relative to `base`."""

    def __init__(self, url: str, base: str = "/api/v4") -> None:
        self.url = url
        self._address = urlsplit(url).netloc
        self._base = base
        self._connection = http.client.HTTPConnection(self._address, timeout=10)

    def send(
        self,
        method: str,
        path: str,
        *,
        who: str | None = None,
        send: object = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"PRIVATE-TOKEN": f"glpat-{who}"} if who else {}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif send is not None:
            body = send if isinstance(send, str) else json.dumps(send, default=str)
            sent["Content-Type"] = "application/json"
        full = path if path.startswith("/-/") else self._base + path
        self._connection.request(method, full, body, {**sent, **(headers or {})})
        response = self._connection.getresponse()
        text = response.read().decode()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def close(self) -> None:
        self._connection.close()


def base_world() -> dict[str, Any]:
    """The world that most cases start from."""
    return copy.deepcopy(_written_world())


@functools.cache
def _written_world() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((CASES / "world.yml").read_text(encoding="utf-8")))


def changed_world(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base world with some places set: `{"projects.0.archived": true}`."""
    world = base_world()
    for path, value in changes.items():
        *around, last = path.split(".")
        place: Any = world
        for part in around:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return world


@pytest.fixture(scope="module")
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="module")
def box(clock: SetClock) -> Iterator[Sandbox]:
    """A simulated GitLab with the base world."""
    with Sandbox(base_world(), control=True, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[Client]:
    made = Client(box.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def root(box: Sandbox) -> Iterator[Client]:
    """A client of the whole server, for what lies beside the API."""
    made = Client(box.url, base="")
    yield made
    made.close()
