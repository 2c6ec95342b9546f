"""A whole set-up against the simulated GitLab over real HTTP: its world, the answers, sessions that never sleep."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.core.states import answers_of
from wizard.answers import Answers
from wizard.change import Change, Plan
from wizard.events import Event, Finished, Verified
from wizard.gateways.git import Git
from wizard.planning.options import PlanOptions
from wizard.reading import Reader
from wizard.sandbox.schema import Project
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret
from wizard.session import Session
from wizard.state import State
from wizard.target import Target

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
APP, BASE, TOOLS = "acme/team/app", "platform/base-images", "tools/ci"
PULL_TOKEN = "pull-acme-team-app"
TOKENS = {
    "maint": "glpat-maint",
    "dev": "glpat-dev",
    "read": "glpat-maint-read",
    "expired": "glpat-maint-expired",
    "stranger": "glpat-stranger",
    "guest": "glpat-guest",
}
SECRETS = {
    "env:DSN": "https://key@sentry.example.com/1",
    "env:HARBOR": "harbor-pa$$word-1",
    "env:CA": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}
WORLD: Mapping[str, Any] = {
    "version": 1,
    "users": [
        {
            "id": 3,
            "username": "maint",
            "tokens": [
                {"value": TOKENS["maint"], "scopes": ["api"]},
                {"value": TOKENS["read"], "scopes": ["read_api"]},
                {"value": TOKENS["expired"], "expires_at": "2026-11-01"},
            ],
        },
        {"id": 4, "username": "dev", "tokens": [{"value": TOKENS["dev"]}]},
        {"id": 5, "username": "stranger", "tokens": [{"value": TOKENS["stranger"]}]},
        {"id": 6, "username": "guest", "tokens": [{"value": TOKENS["guest"]}]},
    ],
    "groups": [
        {"id": 1, "path": "acme", "members": {"maint": "maintainer", "dev": "developer", "guest": "guest"}},
        {"id": 2, "path": "acme/team"},
        {"id": 3, "path": "platform", "members": {"maint": "maintainer", "dev": "maintainer"}},
        {"id": 4, "path": "tools", "members": {"maint": "maintainer", "dev": "maintainer"}},
    ],
    "projects": [
        {
            "id": 10,
            "path": APP,
            "files": {"README.md": "# app\n"},
            "variables": [
                {"key": "THEIRS", "value": "untouched", "protected": True},
                {"key": "LEVEL", "value": "info", "raw": True},
                {"key": "LEVEL", "value": "warn", "environment_scope": "production"},
                {"key": "OLD", "value": "old-secret-value", "masked": True},
                {
                    "key": "DOCKER_AUTH_CONFIG",
                    "value": '{"auths":{"quay.io":{"auth":"dTpw"}},"credHelpers":{}}',
                    "raw": True,
                },
            ],
            "deploy_tokens": [{"id": 5, "name": "theirs", "token": "gldt-theirs"}],
        },
        {"id": 20, "path": BASE, "job_token_scope": {"enabled": False, "projects": ["acme/team/web"]}},
        {
            "id": 21,
            "path": TOOLS,
            "deploy_tokens": [
                {"id": 6, "name": PULL_TOKEN, "token": "gldt-older", "expires_at": "2026-01-01"},
                {"id": 7, "name": "pull-acme-other", "token": "gldt-other"},
            ],
        },
        {"id": 22, "path": "acme/team/web"},
    ],
}
ANSWERS: Mapping[str, Any] = {
    "registry": {
        "visibility": "private",
        "cleanup": {"cadence": "7d", "keep": 5, "older_than": "30d", "retain": "v.*"},
        "protect": {"push": "maintainer", "delete": "owner"},
    },
    "pull": [
        {"project": BASE, "image": "python:3.14", "with": "job-token", "enforce": True},
        {"project": TOOLS, "image": "lint:1", "as": "job", "with": "deploy-token"},
    ],
    "docker_auth": [{"host": "127.0.0.1:1", "username": "robot$ci", "password": "env:HARBOR"}],
    "variables": [
        {"key": "SENTRY_DSN", "value": "env:DSN"},
        {"key": "CA", "value": "env:CA", "masked": False, "type": "file", "scope": "production"},
        {"key": "LEVEL", "value": "debug", "masked": False},
        {"key": "OLD", "absent": True},
    ],
}

FILES = {"README.md": "# app\n", "Dockerfile": "FROM alpine:3.22\nUSER 1000\nEXPOSE 8080\n"}
BUILT: Mapping[str, Any] = {
    **ANSWERS,
    "build": {"tags": ["branch"]},
    "deploy": {
        "kubernetes": {"environments": [{"name": "staging", "namespace": "app-staging", "agent": "acme/team/app:main"}]}
    },
}


class NoWait(threading.Event):
    """A stop signal whose waits end at once; it keeps how long each would have been."""

    def __init__(self, waited: Callable[[float], None] | None = None) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._waited = waited

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if self._waited:
            self._waited(timeout or 0.0)
        return self.is_set()


def new_world() -> dict[str, Any]:
    """The world that everything starts from."""
    return copy.deepcopy(dict(WORLD))


def git_repository(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Make a work tree with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in (files or {"README.md": "# app\n"}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", "First"],
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
    assert Git(folder).head()
    return folder


@dataclass
class Setup:
    """One user at one machine, setting up one project."""

    url: str
    work_tree: Path | None
    journal: Path
    answers: Answers = field(default_factory=lambda: answers_of(ANSWERS))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: {name: Secret(v) for name, v in SECRETS.items()})
    project: str = APP
    sessions: list[Session] = field(default_factory=list)
    waits: NoWait = field(default_factory=NoWait)
    ca_file: Path | None = None

    def session(self, who: str = "maint") -> Session:
        """Open a session that never sleeps."""
        session = Session(
            Target(self.url, self.project, self.work_tree),
            Secret(TOKENS[who]),
            ca_file=self.ca_file,
            clock=lambda: NOON,
            journal_folder=self.journal,
        )
        session._reader = Reader(stop=self.waits)
        self.sessions.append(session)
        return session

    def state(self, session: Session) -> State:
        return session.discover(self.answers, self.secrets)

    def plan(self, session: Session, options: PlanOptions | None = None) -> Plan:
        return session.plan(self.answers, self.state(session), options)

    def apply(self, session: Session, plan: Plan, *, partial: bool = False, stop: NoWait | None = None) -> Ran:
        """Run an apply to its end."""
        return Ran(list(session.apply(plan, self.secrets, partial=partial, stop=stop or self.waits)))

    def undo(self) -> Ran:
        """Take the last apply back."""
        session = self.session()
        return Ran(list(session.undo(session.undo_plan(self.answers), stop=self.waits)))

    def close(self) -> None:
        for session in self.sessions:
            session.close()


@dataclass
class Ran:
    """The events of one apply or undo."""

    events: Sequence[Event]

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def ending(self) -> tuple[str, int]:
        return self.finished.status, self.finished.exit

    @property
    def verified(self) -> dict[str, bool]:
        return {event.id: event.ok for event in self.events if isinstance(event, Verified)}

    def named(self, name: str) -> list[dict[str, Any]]:
        """The events of one name, as they are printed."""
        return [event.document() for event in self.events if event.name == name]


def pending(plan: Plan) -> dict[str, str]:
    """What a plan would do, by id."""
    return {change.id: change.action for change in plan.pending}


def change(plan: Plan, name: str) -> Change:
    """Find a change by its id."""
    return next(found for found in plan.changes if found.id == name)


def served_project(box: Sandbox, path: str = APP) -> Project:
    """A project of the world that is served, to be changed behind everybody's back."""
    found = box.world.project(path)
    assert found is not None
    return found


def stored(box: Sandbox, path: str = APP) -> dict[str, Any]:
    """A project as it is now, stored secrets included."""
    world: Any = box.world.export()
    found: dict[str, Any] = next(item for item in world["projects"] if item["path"] == path)
    return found


def variables(box: Sandbox, path: str = APP) -> dict[str, dict[str, Any]]:
    """The variables of a project by KEY@SCOPE."""
    return {f"{found['key']}@{found['environment_scope']}": found for found in stored(box, path)["variables"]}


def working_tokens(box: Sandbox, path: str, name: str) -> list[dict[str, Any]]:
    """The deploy tokens of that name that can log in."""
    return [
        token
        for token in stored(box, path)["deploy_tokens"]
        if token["name"] == name
        and not token["revoked"]
        and (token["expires_at"] is None or token["expires_at"] > NOON.date().isoformat())
    ]


def comparable(box: Sandbox) -> dict[str, Any]:
    """The world without what may differ between two equal set-ups: the ids and secrets of new tokens."""
    world: Any = copy.deepcopy(box.world.export())
    tokens = [token for project in world["projects"] for token in project["deploy_tokens"]]
    names: dict[str, str] = {}
    for token in tokens:
        if token["token"] not in {"gldt-theirs", "gldt-older", "gldt-other", "gldt-ours"}:
            names |= {token["username"]: f"USER of {token['name']}", token["token"]: f"TOKEN of {token['name']}"}
            token |= {"id": 0, "username": "", "token": ""}
    for project in world["projects"]:
        for variable in project["variables"]:
            variable["value"] = _named(variable, names)
        project["variables"].sort(key=lambda found: (found["key"], found["environment_scope"]))
        for rule in project["repository_protection"]:
            rule["id"] = 0
        project["job_token_scope"]["projects"].sort()
    return {"projects": world["projects"], "groups": world["groups"]}


def _named(variable: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    if variable["key"] != "DOCKER_AUTH_CONFIG":
        return names.get(variable["value"], variable["value"])
    document = json.loads(variable["value"])
    for entry in document["auths"].values():
        user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
        entry["auth"] = (names.get(user, user), names.get(password, password))
    return document


def applied_world() -> dict[str, Any]:
    """The world after an apply of `ANSWERS`, as that leaves it, and a variable that is to be made again."""
    world = new_world()
    app, base, tools, _ = world["projects"]
    auths = {
        "quay.io": {"auth": "dTpw"},
        "127.0.0.1:1": {"auth": "cm9ib3QkY2k6aGFyYm9yLXBhJCR3b3JkLTE="},
        "registry.test:5050/tools/ci": {"auth": base64.b64encode(b"gitlab+deploy-token-8:gldt-ours").decode()},
    }
    app |= {
        "registry": "private",
        "cleanup_policy": {
            "enabled": True, "cadence": "7d", "keep_n": 5, "older_than": "30d", "name_regex_keep": "v.*",
        },
        "repository_protection": [{"id": 1, "pattern": APP, "push": "maintainer", "delete": "owner"}],
        "variables": [
            {"key": "THEIRS", "value": "untouched", "protected": True},
            {"key": "LEVEL", "value": "debug", "raw": True},
            {"key": "LEVEL", "value": "warn", "environment_scope": "production"},
            {"key": "DOCKER_AUTH_CONFIG", "value": json.dumps({"auths": auths}, separators=(",", ":")), "masked": True,
             "raw": True},
            {"key": "SENTRY_DSN", "value": "a-hidden-value", "masked": True, "hidden": True, "raw": True},
            {"key": "REMADE", "value": "a-readable-value", "masked": True, "raw": True},
            {"key": "CA", "value": "pem", "environment_scope": "production", "variable_type": "file", "raw": True},
            {"key": "CA", "value": "other", "environment_scope": "staging"},
            {"key": "PULL_TOOLS_CI_USER", "value": "gitlab+deploy-token-8", "raw": True},
            {"key": "PULL_TOOLS_CI_TOKEN", "value": "gldt-ours", "masked": True, "hidden": True, "raw": True},
        ],
    }  # fmt: skip
    base["job_token_scope"] = {"enabled": True, "projects": [APP, "acme/team/web"]}
    ours = {"id": 8, "name": PULL_TOKEN, "username": "gitlab+deploy-token-8", "token": "gldt-ours"}
    tools["deploy_tokens"].append(ours)
    return world


def status(work_tree: Path | None) -> str:
    command = ["git", "-C", str(work_tree), "status", "--porcelain"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def in_settings(found: Mapping[str, str]) -> dict[str, str]:
    return {name: action for name, action in found.items() if not name.startswith(("file:", "commit:", "merge-"))}
