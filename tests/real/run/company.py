"""A company's GitLab with a real registry behind it, and people who run the wizard and start jobs there."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml

from tests.real.run.daemons import HOST, free_port
from tests.real.run.registries import Registry, behind_gitlab, registry
from wizard.sandbox.loading import load_world
from wizard.sandbox.schema import Project
from wizard.sandbox.server import Sandbox

APP, BASE, COPY = "acme/team/app", "platform/base-images", "acme/copy"
PUSHER, PUSH_TOKEN = "gitlab+deploy-token-9", "gldt-marker-mirror"
"""A deploy token of COPY that may push."""
TOKENS: Mapping[str, str] = {name: f"glpat-marker-{name}" for name in ("maint", "dev", "newcomer", "outsider")}
"""A newcomer is a developer of our project and nothing where the base images are; an outsider is nothing anywhere."""
WORLD: Mapping[str, Any] = {
    "version": 1,
    "users": [
        {"id": number, "username": name, "tokens": [{"value": token, "scopes": ["api"]}]}
        for number, (name, token) in enumerate(TOKENS.items(), 3)
    ],
    "groups": [
        {"id": 1, "path": "acme", "members": {"maint": "maintainer", "dev": "developer", "newcomer": "developer"}},
        {"id": 2, "path": "acme/team"},
        {"id": 3, "path": "platform", "members": {"maint": "maintainer", "dev": "reporter"}},
    ],
    "projects": [
        {"id": 10, "path": APP, "files": {"README.md": "# app\n"}, "agents": [{"id": 1, "name": "staging"}]},
        {"id": 11, "path": BASE, "files": {"README.md": "# base images\n"}},
        {
            "id": 12,
            "path": COPY,
            "files": {"README.md": "# where copies go\n"},
            "deploy_tokens": [
                {"id": 9, "name": "mirror", "token": PUSH_TOKEN, "scopes": ["read_registry", "write_registry"]}
            ],
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Job:
    """A running job: its token, and the variables that GitLab gives it."""

    token: str
    pipeline: int
    variables: Mapping[str, str]
    files: frozenset[str]
    """Keys of the variables that a job finds as files."""


class Company:
    """The GitLab, the registry behind it, and what people do with both."""

    def __init__(self, box: Sandbox, behind: Registry) -> None:
        self.box = box
        self.registry = behind

    @property
    def url(self) -> str:
        """The address of GitLab."""
        return self.box.url

    def start_from(self, change: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Set a fresh world; `change` replaces parts of its projects, by path."""
        world = copy.deepcopy(dict(WORLD))
        world["instance"] = {"registry": self.registry.address}
        world["projects"] = [{**project, **(change or {}).get(project["path"], {})} for project in world["projects"]]
        self.box.instance.replace(load_world(world))

    def start_job(self, project: str = APP, *, started_by: str = "dev", **more: str | int | None) -> Job:
        """Have GitLab start a job on the default branch; `more` as the sandbox's `/jobs` takes it."""
        asked = {"project": project, "ref": "main", "started_by": started_by, "environment": None, **more}
        answer = self._control("POST", "/-/sandbox/jobs", asked)
        return Job(
            answer["token"],
            answer["pipeline"],
            {item["key"]: item["value"] for item in answer["variables"]},
            frozenset(item["key"] for item in answer["variables"] if item["file"]),
        )

    def project(self, path: str) -> Project:
        """Return a project as it is now, to be looked at or changed behind everybody's back."""
        return next(project for project in self.box.world.state.projects if project.path == path)

    def end_job(self, job: Job) -> None:
        """Let a job end: its token is worth nothing any more."""
        for project in self.box.world.state.projects:
            for found in project.jobs:
                if found.token == job.token:
                    found.status = "success"

    def wizard(self, *arguments: str, repo: Path, who: str = "maint", **secrets: str) -> Ran:
        """Run the real command in a process of its own."""
        state = repo.parent / "state"
        done = subprocess.run(
            [sys.executable, "-m", "wizard", *arguments, "--repo", str(repo), "--url", self.url],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(repo.parent),
                "XDG_STATE_HOME": str(state),
                "GITLAB_TOKEN": TOKENS[who],
                **secrets,
            },
            cwd=repo,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def _control(self, method: str, path: str, body: Any) -> Any:
        request = Request(  # noqa: S310  # loopback
            f"{self.url}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
            return json.load(answer)


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ended."""

    code: int
    out: str
    err: str


@contextmanager
def company(folder: Path) -> Iterator[Company]:
    """Run both: the registry trusts the certificate that the simulated GitLab wrote, and sends its clients there."""
    port = free_port()
    world = {**WORLD, "instance": {"registry": f"{HOST}:{port}"}}
    keys = folder / "keys"
    with (
        Sandbox(world, control=True, signing_key=keys) as box,
        registry(folder / "registry", port, behind_gitlab(box.url, keys / "registry.crt")) as behind,
    ):
        yield Company(box, behind)


def repository(folder: Path, files: Mapping[str, str], project: str = APP) -> Path:
    """Return a git repository with one commit, cloned from the project as git sees it."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "T")
    git(folder, "config", "user.email", "t@example.com")
    git(folder, "remote", "add", "origin", f"git@gitlab.example.com:{project}.git")
    commit(folder, "First")
    return folder


def commit(folder: Path, message: str, tag: str | None = None) -> None:
    """Commit everything, and push: the remote's branch is where ours is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--no-gpg-sign", "--quiet", "--allow-empty", "--message", message)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    if tag:
        git(folder, "tag", tag)


def git(folder: Path, *arguments: str) -> str:
    """Run git; what it printed."""
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def answers_file(answers: Mapping[str, Any]) -> str:
    """Return the text of an answers file."""
    return yaml.safe_dump({"version": 1, **answers}, sort_keys=False)
