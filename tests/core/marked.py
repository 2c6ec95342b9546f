"""A machine whose secrets are marked, and every place of which is looked at for one of them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from tests.core.live import APP, FILES, TOOLS, git_repository, stored
from tests.core.whole_run import Ended, Machine, Runner
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
TOKEN = "glpat-MARKER-of-the-token"
BY_ENV, BY_FILE = 'MARKER1-by/env+chars="quoted"', "MARKER2-by-file"
BY_KEYRING, BY_ASKING = "MARKER3-by-keyring", "MARKER4-typed-when-asked"
PRESENT, HIDDEN, AUTH = "MARKER5-masked-and-there", "MARKER6-hidden-and-there", "MARKER7-in-docker-auth"
HARBOR = "MARKER8-harbor$pa$$word"
UNMASKABLE = "MARKER9-with-a-line\nMARKER9-and-another"
TYPED = (*UNMASKABLE.split("\n"), TOKEN, BY_ENV, BY_FILE, BY_KEYRING, BY_ASKING, PRESENT, HIDDEN, AUTH, HARBOR)
ANSWERS: Mapping[str, Any] = {
    "version": 1,
    "registry": {"visibility": "private"},
    "pull": [{"project": TOOLS, "image": "lint:1", "as": "job", "with": "deploy-token"}],
    "docker_auth": [{"host": "127.0.0.1:1", "username": "robot", "password": "env:HARBOR"}],
    "build": {},
    "variables": [
        {"key": "BY_ENV", "value": "env:BY_ENV", "masked": False},
        {"key": "BY_FILE", "value": "file:by-file.txt"},
        {"key": "BY_KEYRING", "value": "keyring:service/user"},
        {"key": "PRESENT", "value": "env:BY_ENV", "masked": False},
        {"key": "HIDDEN", "absent": True},
    ],
}
_RING = f"""
import keyring.backend
class Ring(keyring.backend.KeyringBackend):
    priority = 1
    def get_password(self, service, user):
        return {{("service", "user"): {BY_KEYRING!r}, ("registry-wizard", URL): {TOKEN!r}}}.get((service, user))
    def set_password(self, service, user, value): raise RuntimeError
    def delete_password(self, service, user): raise RuntimeError
"""


def _world() -> dict[str, Any]:
    return {
        "version": 1,
        "users": [{"id": 3, "username": "maint", "tokens": [{"value": TOKEN, "scopes": ["api"]}]}],
        "groups": [
            {"id": 1, "path": "acme", "members": {"maint": "maintainer"}},
            {"id": 2, "path": "acme/team"},
            {"id": 3, "path": "tools", "members": {"maint": "maintainer"}},
        ],
        "projects": [
            {
                "id": 10,
                "path": APP,
                "files": {"README.md": "# app\n"},
                "variables": [
                    {"key": "PRESENT", "value": PRESENT, "masked": True},
                    {"key": "HIDDEN", "value": HIDDEN, "masked": True, "hidden": True},
                    {
                        "key": "DOCKER_AUTH_CONFIG",
                        "value": json.dumps({"auths": {"quay.io": {"auth": _b64(f"u:{AUTH}")}}}),
                    },
                ],
            },
            {"id": 20, "path": TOOLS},
        ],
    }


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def forms(secret: str) -> Iterator[str]:
    """The ways in which a secret could be written down, digests included."""
    yield from {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), repr(secret)[1:-1]}
    for text in (secret, f"u:{secret}", f"robot:{secret}", f"oauth2:{secret}"):
        yield _b64(text).rstrip("=")
    for algorithm in ("md5", "sha1", "sha256"):
        yield hashlib.new(algorithm, secret.encode()).hexdigest()
    yield secret.encode().hex()


@dataclass
class Sweep:
    """A machine whose every file is looked at, but for those that brought a secret in."""

    box: Sandbox
    machine: Machine
    doors: frozenset[Path]
    places: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def run(self, name: str, *arguments: str, plain: bool = False, kill: int | None = None) -> Ended:
        """Run a command, then look at what it printed and at every file of the machine."""
        ran = self.machine.run(*arguments, plain=plain, kill=kill)
        assert "Traceback" not in ran.err
        self.look(f"stdout of {name}", ran.out)
        self.look(f"stderr of {name}", ran.err)
        self.files(f"after {name}")
        return ran

    def fresh(self, name: str, *arguments: str, text: str | None = None) -> Ended:
        """The same in a fresh interpreter: a keyring is found when it is imported."""
        command = [sys.executable, "-m", "wizard", *arguments, "--repo", str(self.machine.repo), *self.machine.options]
        done = subprocess.run(
            command, env=self.machine.environ, cwd=ROOT, input=text, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        self.look(f"stdout of {name}", done.stdout)
        self.look(f"stderr of {name}", done.stderr)
        self.files(f"after {name}")
        return Ended(done.returncode, done.stdout, done.stderr)

    def look(self, place: str, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        self.places[place] = self.places.get(place, 0) + len(content)
        made = [token["token"] for token in stored(self.box, TOOLS)["deploy_tokens"]]
        for secret in (*TYPED, *made):
            for form in forms(secret):
                if form.encode() in content:
                    self.found.append(f"{place}: {secret} as {form}")

    def files(self, when: str) -> None:
        for path in sorted(self.machine.folder.rglob("*")):
            if path.is_file() and path not in self.doors:
                top = path.relative_to(self.machine.folder).parts
                kind = "repo/.git" if top[:2] == ("repo", ".git") else top[0]
                self.look(f"files: {kind}", path.read_bytes())
        del when


@contextmanager
def swept(served: Sandbox, runner: Runner, place: Path) -> Iterator[Sweep]:
    """Set a machine up below a folder; at the end nothing may have been found."""
    served.instance.replace(load_world(_world()))
    folder = place / "machine"
    made = Machine.new(folder, served.url, runner, ANSWERS)
    shutil.rmtree(made.repo)
    git_repository(made.repo, {**FILES, ".gitlab/registry-wizard.yml": yaml.safe_dump(dict(ANSWERS), sort_keys=False)})
    doors = place / "doors"
    doors.mkdir()
    (made.repo / "by-file.txt").write_text(f"{BY_FILE}\n")
    (doors / "token").write_text(TOKEN)
    (doors / "ring.py").write_text(_RING.replace("URL", repr(served.url)))
    (doors / "bin").mkdir()
    _spy(doors, shutil.which("git") or "git")
    made.environ |= {
        "PATH": f"{doors / 'bin'}:{os.environ['PATH']}",
        "GITLAB_TOKEN": TOKEN,
        "BY_ENV": BY_ENV,
        "HARBOR": HARBOR,
        "PYTHON_KEYRING_BACKEND": "ring.Ring",
        "PYTHONPATH": f"{ROOT}:{doors}",
    }
    made_up = Sweep(served, made, frozenset({made.repo / "by-file.txt"}))
    yield made_up
    children = doors / "children"
    made_up.look("argv and environment of children", children.read_bytes() if children.exists() else b"")
    print(*(f"\n  {size:9} bytes  {place}" for place, size in sorted(made_up.places.items())), sep="")
    assert made_up.found == []


def _spy(doors: Path, git: str) -> None:
    """Stand a program before git that notes what it was given."""
    spy = doors / "bin" / "git"
    spy.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> {doors}/children\nexec {git} "$@"\n')
    spy.chmod(0o755)


def stored_values(box: Sandbox) -> set[str]:
    return {variable["value"] for variable in stored(box, APP)["variables"]}
