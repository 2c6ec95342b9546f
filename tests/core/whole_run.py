"""Whole set-ups that make every kind of change, run by the real program in processes of its own."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import yaml

from tests.core.live import (
    ANSWERS,
    APP,
    BASE,
    SECRETS,
    TOKENS,
    TOOLS,
    applied_world,
    comparable,
    git_repository,
    new_world,
)
from wizard.gateways.git import Git
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
_ENTRY = Path(__file__).with_name("kill_entry.py")
_DOCKERFILE = "FROM registry.test:5050/platform/base-images/python:3.14\nEXPOSE 8000\nUSER 1000\n"
_PIPELINE = "stages: [test]\n\nunit:\n  stage: test\n  script: [make test]\n"
_DEPLOY = {
    "kubernetes": {
        "app": {"name": "app", "port": 8080},
        "environments": [{"name": "staging", "namespace": "app", "agent": f"{APP}:staging"}],
    }
}
FILES: Mapping[str, str] = {"README.md": "# app\n", "Dockerfile": _DOCKERFILE, ".gitlab-ci.yml": _PIPELINE}


@dataclass(frozen=True)
class Scenario:
    """A world, a repository, and answers that change much of both."""

    answers: Mapping[str, Any]
    world: Callable[[], dict[str, Any]]


def _set_up_world() -> dict[str, Any]:
    world = new_world()
    app = world["projects"][0]
    app["agents"] = [{"id": 1, "name": "staging"}]
    app["variables"].append({"key": "REMADE", "value": "a-readable-value", "masked": True, "raw": True})
    return world


def _remote_world() -> dict[str, Any]:
    world = new_world()
    world["projects"][0]["files"] = dict(FILES)
    return world


SCENARIOS: Mapping[str, Scenario] = {
    "set-up": Scenario(
        {
            **ANSWERS,
            "variables": [*ANSWERS["variables"], {"key": "REMADE", "value": "env:DSN"}],
            "build": {},
            "deploy": _DEPLOY,
        },
        _set_up_world,
    ),
    "removal": Scenario(
        {
            "registry": {"visibility": "project", "cleanup": {"enabled": False}, "protect": "none"},
            "pull": [{"project": BASE, "absent": True}, {"project": TOOLS, "absent": True}],
            "docker_auth": [{"host": "127.0.0.1:1", "absent": True}],
            "variables": [
                {"key": "SENTRY_DSN", "absent": True},
                {"key": "CA", "scope": "production", "absent": True},
                {"key": "LEVEL", "value": "trace", "masked": False, "raw": False},
            ],
            "build": {"enabled": False},
        },
        applied_world,
    ),
    "merge request": Scenario(
        {
            "variables": [{"key": "SENTRY_DSN", "value": "env:DSN"}],
            "build": {},
            "delivery": {"mode": "merge-request", "branch": "registry-wizard/setup"},
        },
        _remote_world,
    ),
    "branch": Scenario(
        {
            "registry": {"visibility": "private"},
            "build": {},
            "deploy": _DEPLOY,
            "delivery": {"mode": "branch", "branch": "registry-wizard/setup"},
        },
        _remote_world,
    ),
}

EACH_SCENARIO = [
    pytest.param(name, marks=pytest.mark.thorough if name != "merge request" else ()) for name in SCENARIOS
]
"""Names of all, as parameters of a fixture; all but the shortest are for thorough runs."""


class Runner:
    """Starts the program in fresh processes, one after the other."""

    def __enter__(self) -> Runner:
        environ = {name: value for name, value in os.environ.items() if name in ("PATH", "VIRTUAL_ENV", "LANG")}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(_ENTRY)],
            cwd=ROOT,
            env={**environ, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def run(self, told: Mapping[str, Any]) -> int:
        """One run; returns its exit code, the negative number of a signal that killed it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(told), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the process that starts the others ended"
        return int(json.loads(answer)["exit"])


@dataclass
class Ended:
    """One run of the program: its exit code, and what it wrote."""

    code: int
    out: str
    err: str
    steps: tuple[str, ...] = ()


@dataclass
class Machine:
    """A user's machine: a clone, a state folder, a folder for temporary files, an environment."""

    folder: Path
    url: str
    runner: Runner
    environ: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    @classmethod
    def new(
        cls, folder: Path, url: str, runner: Runner, answers: Mapping[str, Any], clone: Path | None = None
    ) -> Machine:
        """Set a fresh one up, its clone committed, or copied from one that is."""
        files = {**FILES, ".gitlab/registry-wizard.yml": _written(answers)}
        if clone is not None:
            shutil.copytree(clone, folder / "repo")
        else:
            git_repository(folder / "repo", files)
        for name in ("state", "tmp", "home"):
            (folder / name).mkdir(parents=True)
        secrets = {name.removeprefix("env:"): value for name, value in SECRETS.items()}
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "XDG_STATE_HOME": str(folder / "state"),
            "TMPDIR": str(folder / "tmp"),
            "GITLAB_TOKEN": TOKENS["maint"],
            **secrets,
        }
        return cls(folder, url, runner, environ, ("--url", url, "--project", APP))

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    def run(self, *arguments: str, kill: int | None = None, listed: bool = False, plain: bool = False) -> Ended:
        """Run one command; with `kill` it ends at that step. `plain`: without the common options."""
        log = self.folder / "steps"
        told = {
            "argv": [*arguments, *(() if plain else ("--repo", str(self.repo), *self.options))],
            "environ": self.environ,
            "cwd": str(self.repo),
            "stdout": str(self.folder / "stdout"),
            "stderr": str(self.folder / "stderr"),
            "roots": [str(self.folder / name) for name in ("repo", "state", "tmp")],
            "log": str(log) if listed else "",
            "kill": kill,
        }
        code = self.runner.run(told)
        out, err = ((self.folder / name).read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr"))
        return Ended(code, out, err, tuple(log.read_text().splitlines()) if listed else ())

    def files(self) -> dict[str, bytes]:
        """Every file of the work tree."""
        return {
            str(path.relative_to(self.repo)): path.read_bytes()
            for path in sorted(self.repo.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.repo).parts
        }

    def status(self) -> dict[str, str]:
        """What git says of the work tree."""
        return Git(self.repo).status()

    def leftovers(self) -> list[str]:
        """Staging folders, locks and temporary files that nobody needs any more."""
        git = self.repo / ".git"
        found = [*git.glob("registry-wizard-*"), *git.rglob("*.lock"), *(self.folder / "tmp").iterdir()]
        kept = {"journal.jsonl", "lock"}
        found += [path for path in (self.folder / "state").rglob("*") if path.is_file() and path.name not in kept]
        return [str(path.relative_to(self.folder)) for path in found]


def _written(answers: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"version": 1, **answers}, sort_keys=False)


def reset(box: Sandbox, scenario: Scenario) -> None:
    """Start again with the scenario's first world."""
    box.instance.replace(load_world(scenario.world()))


def settled(box: Sandbox) -> dict[str, Any]:
    """The world without what differs between two equal set-ups."""
    world = copy.deepcopy(comparable(box))
    special = [
        token
        for project in world["projects"]
        for token in project["deploy_tokens"]
        if token["name"] == "gitlab-deploy-token"
    ]
    for token in special:
        token |= {"expires_at": bool(token["expires_at"])}
    return world


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two documents differ, in a few words."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names: Sequence[str] = sorted({*one, *other}, key=str)
        return [line for name in names for line in differences(one.get(name), other.get(name), f"{path}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for number, pair in enumerate(zip(one, other, strict=True))
                for line in differences(*pair, f"{path}.{number}")]  # fmt: skip
    return [] if one == other else [f"{path}: {one!r} instead of {other!r}"]
