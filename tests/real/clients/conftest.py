"""Clients of GitLab that other people wrote, unmodified, against a simulated GitLab of ours."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.real.environments import OUTSIDE
from tests.real.programs import prepared
from tests.real.summary import tell
from tests.sandbox.conftest import Client, SetClock, changed_world
from wizard.sandbox.server import Sandbox

APP = 10
"""The id of the project that every test works on: acme/team/app."""
_NOWHERE = "http://127.0.0.1:9"


def client(name: str, program: str) -> Path:
    """Return a program of a prepared environment; what it stands on is told at the end of the run."""
    made = prepared(name)
    told = ("git", "gql", "graphql", "requests==", "httpx==")
    shown = [version for version in made.versions if any(word in version for word in told)]
    tell(f"real client {name}: {' '.join(sorted(shown))}")
    return made.programs / program


@dataclass(frozen=True)
class Ran:
    """What a client did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err or self.out
        return json.loads(self.out)


class Gitlab:
    """The simulated GitLab of one test: its world before and now, and what was asked of it."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.url = box.url
        self.folder = folder
        self._client = Client(box.url)
        self._root = Client(box.url, base="")
        self.expected: dict[str, Any] = {}
        """What the world should be; a test changes it as the client should have changed the world."""

    def start_from(self, changes: Mapping[str, Any] | None = None) -> None:
        assert self._client.send("PUT", "/-/sandbox/world", send=changed_world(changes or {})).status == 204
        self.expected = copy.deepcopy(self.world)

    def close(self) -> None:
        self._client.close()
        self._root.close()

    def post(self, path: str, sent: Mapping[str, Any]) -> Any:
        """Send what no client of these can: return the answer, None where there is no body."""
        answer = self._root.send("POST", path, send=sent)
        assert answer.status < 300, answer.text
        return answer.json if answer.text else None

    @property
    def world(self) -> Any:
        return self._client.send("GET", "/-/sandbox/world").json

    @property
    def app(self) -> Any:
        """The project, as it should be."""
        return next(project for project in self.expected["projects"] if project["id"] == APP)

    @property
    def calls(self) -> list[str]:
        return [f"{row['method']} {row['path']}" for row in self._client.send("GET", "/-/sandbox/requests").json]

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET ")]

    def run(self, program: Path, *arguments: str, given: str | None = None, **environment: str) -> Ran:
        """Run a client that can reach nothing but this machine; `given` is what it reads from stdin."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        outward = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
        done = subprocess.run(
            [str(program), *arguments],
            env={
                "PATH": OUTSIDE.get("PATH", ""),
                "LANG": "C.UTF-8",
                "HOME": str(home),
                "NO_PROXY": "127.0.0.1",
                "no_proxy": "127.0.0.1",
                **outward,
                **environment,
            },
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def _box() -> Iterator[Sandbox]:
    with Sandbox(changed_world({}), control=True, clock=SetClock()) as box:
        yield box


@pytest.fixture
def gitlab(_box: Sandbox, tmp_path: Path) -> Iterator[Gitlab]:
    made = Gitlab(_box, tmp_path)
    made.start_from()
    yield made
    made.close()


@pytest.fixture
def python_gitlab(gitlab: Gitlab) -> Callable[..., Ran]:
    """python-gitlab's own command line, as the user of a token."""
    program = client("python-gitlab", "gitlab")

    def run(*arguments: str, who: str = "maint") -> Ran:
        token = f"glpat-{who}"
        return gitlab.run(program, "--output", "json", *arguments, GITLAB_URL=gitlab.url, GITLAB_PRIVATE_TOKEN=token)

    return run


@pytest.fixture
def gitbeaker(gitlab: Gitlab) -> Callable[..., Ran]:
    """gitbeaker's own command line, as the user of a token."""
    program = client("gitbeaker", "gitbeaker")

    def run(*arguments: str, who: str = "maint") -> Ran:
        return gitlab.run(program, *arguments, GITBEAKER_HOST=gitlab.url, GITBEAKER_TOKEN=f"glpat-{who}")

    return run


@pytest.fixture
def gitlabform(gitlab: Gitlab) -> Callable[..., Ran]:
    """gitlabform, given what the project should be."""
    program = client("gitlabform", "gitlabform")

    def run(wanted: Mapping[str, Any], who: str = "maint") -> Ran:
        given = {
            "config_version": 3,
            "gitlab": {"url": gitlab.url, "token": f"glpat-{who}"},
            "projects_and_groups": {"acme/team/app": wanted},
        }
        file = gitlab.folder / "gitlabform.yml"
        file.write_text(json.dumps(given), encoding="utf-8")
        return gitlab.run(program, "--skip-version-check", "--config", str(file), "acme/team/app")

    return run


@pytest.fixture
def gitlabracadabra(gitlab: Gitlab) -> Callable[..., Ran]:
    """gitlabracadabra, given what the project should be."""
    program = client("gitlabracadabra", "gitlabracadabra")

    def run(wanted: Mapping[str, Any], who: str = "maint") -> Ran:
        config, action = gitlab.folder / "gitlab.cfg", gitlab.folder / "action.yml"
        config.write_text(f"[global]\ndefault = box\n[box]\nurl = {gitlab.url}\nprivate_token = glpat-{who}\n")
        described = {"acme/team/app": {"type": "project", "create_object": False, **wanted}}
        action.write_text(json.dumps(described), encoding="utf-8")
        return gitlab.run(program, "--fail-on-errors", "--verbose", "--config-file", str(config), str(action))

    return run


def variable(key: str, value: str, **changed: Any) -> dict[str, Any]:
    """Return a variable of a world, with GitLab's own defaults."""
    made = {
        "key": key,
        "value": value,
        "environment_scope": "*",
        "masked": False,
        "hidden": False,
        "protected": False,
        "raw": False,
        "variable_type": "env_var",
        "description": None,
    }
    assert set(changed) <= set(made)
    return made | changed
