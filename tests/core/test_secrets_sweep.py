"""Marker secrets go in through every door; nothing that the program writes, prints, starts or leaves behind holds one.

`-s` shows the places that were looked at.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
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


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture
def sweep(served: Sandbox, runner: Runner, tmp_path: Path) -> Iterator[Sweep]:
    served.instance.replace(load_world(_world()))
    folder = tmp_path / "machine"
    made = Machine.new(folder, served.url, runner, ANSWERS)
    shutil.rmtree(made.repo)
    git_repository(made.repo, {**FILES, ".gitlab/registry-wizard.yml": yaml.safe_dump(dict(ANSWERS), sort_keys=False)})
    doors = tmp_path / "doors"
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
    swept = Sweep(served, made, frozenset({made.repo / "by-file.txt"}))
    yield swept
    children = doors / "children"
    swept.look("argv and environment of children", children.read_bytes() if children.exists() else b"")
    print(*(f"\n  {size:9} bytes  {place}" for place, size in sorted(swept.places.items())), sep="")
    assert swept.found == []


def _spy(doors: Path, git: str) -> None:
    """Stand a program before git that notes what it was given."""
    spy = doors / "bin" / "git"
    spy.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> {doors}/children\nexec {git} "$@"\n')
    spy.chmod(0o755)


def test_no_command_tells_a_secret(sweep: Sweep, tmp_path: Path) -> None:
    """The program is run as a user runs it, keyring included; each output and every file is looked at."""
    keyring = ("--allow-secret", "keyring:service/user")
    plan = str(sweep.machine.folder / "plan.json")
    for form in ("json", "markdown"):
        assert _real(sweep, f"plan --format {form}", "plan", "--format", form, "--verbose", *keyring).code == 0
    assert _real(sweep, "plan --out", "plan", "--out", plan, *keyring).code == 0
    assert _real(sweep, "apply of a saved plan", "apply", plan, "--yes", "--verbose", *keyring).code == 0
    assert stored_values(sweep.box) >= {BY_ENV, BY_FILE, BY_KEYRING}
    assert _real(sweep, "doctor", "doctor", "--verbose").code == 1, "the registry of DOCKER_AUTH_CONFIG is not there"
    assert _real(sweep, "undo", "undo", "--yes", "--verbose", "--format", "json").code == 3
    assert _real(sweep, "apply --format json", "apply", "--yes", "--format", "json", *keyring).code == 0
    rotated = _real(sweep, "apply --rotate", "apply", "--yes", "--rotate", "BY_FILE", *keyring)
    assert rotated.code == 0
    assert "variable:BY_FILE@*" in rotated.out


def _real(sweep: Sweep, name: str, *arguments: str, text: str | None = None) -> Ended:
    """Run the program in a fresh interpreter: a keyring is found when it is imported."""
    command = [sys.executable, "-m", "wizard", *arguments, "--repo", str(sweep.machine.repo), *sweep.machine.options]
    done = subprocess.run(
        command, env=sweep.machine.environ, cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    sweep.look(f"stdout of {name}", done.stdout)
    sweep.look(f"stderr of {name}", done.stderr)
    sweep.files(f"after {name}")
    return Ended(done.returncode, done.stdout, done.stderr)


def stored_values(box: Sandbox) -> set[str]:
    return {variable["value"] for variable in stored(box, APP)["variables"]}


@pytest.mark.parametrize("source", ["stdin", "file", "private", "keyring", "python-gitlab", "glab"])
def test_no_source_of_the_token_tells_it(sweep: Sweep, tmp_path: Path, source: str) -> None:
    doors, environ = tmp_path / "doors", sweep.machine.environ
    del environ["GITLAB_TOKEN"]
    arguments: list[str] = []
    url = sweep.box.url
    if source == "stdin":
        arguments = ["--token-stdin"]
    elif source == "file":
        arguments = ["--token-file", str(doors / "token")]
    elif source == "private":
        environ["GITLAB_PRIVATE_TOKEN"] = TOKEN
    elif source == "python-gitlab":
        (doors / "gitlab.cfg").write_text(f"[global]\ndefault = here\n[here]\nurl = {url}\nprivate_token = {TOKEN}\n")
        environ["PYTHON_GITLAB_CFG"] = str(doors / "gitlab.cfg")
    elif source == "glab":
        environ["GLAB_CONFIG_DIR"] = str(doors)
        host = url.removeprefix("http://")
        (doors / "config.yml").write_text(f"hosts:\n  {host}:\n    token: {TOKEN}\n    api_protocol: http\n")
        (doors / "config.yml").chmod(0o600)
    if source != "keyring":
        environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    done = _real(
        sweep, f"plan, token by {source}", "plan", "--verbose", "--set", "variables=[]", *arguments,
        text=TOKEN if source == "stdin" else "",
    )  # fmt: skip
    assert done.code == 0, done.err


def test_no_failure_tells_a_secret(sweep: Sweep) -> None:
    """A token that is refused, one that is none, a value that cannot be masked, a document that is broken."""
    sweep.machine.environ["GITLAB_TOKEN"] = f"{TOKEN}-refused"
    assert sweep.run("plan with a refused token", "plan", "--verbose").code == 1
    sweep.machine.environ["GITLAB_TOKEN"] = f"{TOKEN}\nrefused"
    assert sweep.run("plan with a broken token", "plan", "--verbose").code != 0
    sweep.machine.environ["GITLAB_TOKEN"] = TOKEN
    sweep.machine.environ["BY_ENV"] = UNMASKABLE
    variables = '[{"key":"BY_ENV","value":"env:BY_ENV"}]'
    told = sweep.run("apply of what cannot be masked", "apply", "--yes", "--verbose", "--set", f"variables={variables}")
    assert told.code == 1
    assert "mask" in told.out + told.err
    config = next(row for row in sweep.box.world.project(APP).variables if row.key == "DOCKER_AUTH_CONFIG")  # type: ignore[union-attr]  # it is there
    config.value = f'{{"auths": {{"quay.io": "{AUTH}"'
    broken = sweep.run("plan with a broken DOCKER_AUTH_CONFIG", "plan", "--verbose", "--set", "variables=[]")
    assert broken.code == 1
    assert "docker-auth-config-invalid" in broken.err


@pytest.mark.parametrize("step", range(5, 140, 50))
def test_nothing_that_a_kill_leaves_behind_holds_a_secret(sweep: Sweep, step: int) -> None:
    answers = dict(ANSWERS) | {"variables": [row for row in ANSWERS["variables"] if row["key"] != "BY_KEYRING"]}
    (sweep.machine.repo / ".gitlab/registry-wizard.yml").write_text(yaml.safe_dump(answers, sort_keys=False))
    subprocess.run(["git", "-C", str(sweep.machine.repo), "commit", "-qam", "x"], check=True, env={
        **os.environ, "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.com"})  # fmt: skip
    assert sweep.run("apply, killed", "apply", "--yes", "--verbose", kill=step).code == -signal.SIGKILL
    assert sweep.run("the apply after a kill", "apply", "--yes", "--verbose").code == 0


def test_a_secret_that_is_asked_for_is_not_shown_on_the_terminal(sweep: Sweep) -> None:
    """`ask`, typed into a terminal of its own; what the terminal showed is looked at as well."""
    variables = '[{"key":"ASKED","value":"ask"}]'
    answers = ["--set", f"variables={variables}", "--set", "docker_auth=[]", "--set", "pull=[]"]
    command = [sys.executable, "-m", "wizard", "apply", "--yes", "--repo", str(sweep.machine.repo),
               *sweep.machine.options, *answers]  # fmt: skip
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(command[0], command, {**sweep.machine.environ, "TERM": "xterm"})  # noqa: S606  # no shell is wanted
    shown, typed = b"", False
    while True:
        ready, _, _ = select.select([terminal], [], [], 60)
        try:
            piece = os.read(terminal, 4096) if ready else b""
        except OSError:  # the terminal is gone with its last process
            piece = b""
        if not piece:
            break
        shown += piece
        if not typed and b"not shown" in shown:
            os.write(terminal, f"{BY_ASKING}\n".encode())
            typed = True
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert BY_ASKING in stored_values(sweep.box)
    sweep.look("terminal", shown)
    sweep.files("after ask")


def test_a_crash_writes_no_core_file(sweep: Sweep) -> None:
    program = (
        "import resource, wizard.__main__ as m; resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))\n"
        "m.main(['answers', 'example']); print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        program = program.replace("resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))", "pass")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("(0, 0)\n")


def test_text_from_gitlab_acts_on_no_terminal_and_in_no_markup(sweep: Sweep) -> None:
    evil = "\x1b[31m[bold]\x07x\u202ey[/bold]|<b>`\x9b2J"
    sweep.box.world.project(APP).variables.append(  # type: ignore[union-attr]  # it is there
        type(sweep.box.world.project(APP).variables[0])(key="LEVEL", value=evil, description=evil)  # type: ignore[union-attr]
    )
    told = ["--set", 'variables=[{"key":"LEVEL","value":"debug","masked":false}]']
    for form in ("text", "json", "markdown"):
        ran = sweep.run(f"plan --format {form} with escapes", "plan", "--verbose", "--format", form, *told)
        assert ran.code == 0
        assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ran.out + ran.err) == []
