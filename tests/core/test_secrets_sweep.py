"""Marker secrets go in through every door; nothing that the program writes, prints, starts or leaves behind holds one.

`-s` shows the places that were looked at.
"""

from __future__ import annotations

import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.core.live import APP
from tests.core.marked import (
    ANSWERS,
    AUTH,
    BY_ASKING,
    BY_ENV,
    BY_FILE,
    BY_KEYRING,
    ROOT,
    TOKEN,
    UNMASKABLE,
    Sweep,
    stored_values,
    swept,
)
from tests.core.whole_run import Runner
from wizard.sandbox.server import Sandbox

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture
def sweep(served: Sandbox, runner: Runner, tmp_path: Path) -> Iterator[Sweep]:
    with swept(served, runner, tmp_path) as made:
        yield made


def test_no_command_tells_a_secret(sweep: Sweep, tmp_path: Path) -> None:
    """The program is run as a user runs it, keyring included; each output and every file is looked at."""
    keyring = ("--allow-secret", "keyring:service/user")
    plan = str(sweep.machine.folder / "plan.json")
    for form in ("json", "markdown"):
        assert sweep.fresh(f"plan --format {form}", "plan", "--format", form, "--verbose", *keyring).code == 0
    assert sweep.fresh("plan --out", "plan", "--out", plan, *keyring).code == 0
    assert sweep.fresh("apply of a saved plan", "apply", plan, "--yes", "--verbose", *keyring).code == 0
    assert stored_values(sweep.box) >= {BY_ENV, BY_FILE, BY_KEYRING}
    assert sweep.fresh("doctor", "doctor", "--verbose").code == 1, "the registry of DOCKER_AUTH_CONFIG is not there"
    assert sweep.fresh("undo", "undo", "--yes", "--verbose", "--format", "json").code == 3
    assert sweep.fresh("apply --format json", "apply", "--yes", "--format", "json", *keyring).code == 0
    rotated = sweep.fresh("apply --rotate", "apply", "--yes", "--rotate", "BY_FILE", *keyring)
    assert rotated.code == 0
    assert "variable:BY_FILE@*" in rotated.out


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
    done = sweep.fresh(f"plan, token by {source}", "plan", "--verbose", "--set", "variables=[]", *arguments,
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
