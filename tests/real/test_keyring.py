"""The token in a real keyring: kept only when asked, found by the next command, removed, passed over when locked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.core.live import APP, TOKENS, WORLD
from tests.real.programs import program
from wizard.gateways.git import Git
from wizard.sandbox.server import Sandbox

pytestmark = [pytest.mark.real, pytest.mark.thorough]
TOKEN = TOKENS["maint"]
_UNLOCK = "printf pass | gnome-keyring-daemon --unlock --components=secrets"
_LOCKED = "gnome-keyring-daemon --start --components=secrets"


@dataclass
class Desk:
    """A desktop session with its keyring, a GitLab, and a clone of one of its projects."""

    url: str
    home: Path
    repo: Path
    bus: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, typed: str = "") -> tuple[int, str]:
        """Run a Python module in the session; return the exit code and all that was said."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", **self.bus}
        done = subprocess.run(
            [sys.executable, "-m", *command],
            input=typed, capture_output=True, text=True, env=environ, cwd=self.repo, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def typed(self, *lines: str) -> str:
        """Begin the wizard without any token, type these lines and end the input; return what it said."""
        code, said = self.run("wizard", "--url", self.url, "--plain", typed="".join(f"{line}\n" for line in lines))
        assert code == 64, said  # nobody answers the questions that follow
        assert TOKEN not in said
        return said

    def plan(self) -> tuple[int, str]:
        return self.run("wizard", "plan", "--url", self.url)

    @contextmanager
    def session(self, keyring: str) -> Iterator[None]:
        """Be logged in, with the keyring as that command leaves it."""
        script = f'{keyring} >/dev/null 2>&1; echo "$DBUS_SESSION_BUS_ADDRESS"; read end'
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home)}
        logged_in = subprocess.Popen(
            [program("dbus-run-session"), "--", "sh", "-c", script],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ,
        )  # fmt: skip
        assert logged_in.stdout is not None
        self.bus = {"DBUS_SESSION_BUS_ADDRESS": logged_in.stdout.readline().strip()}
        try:
            yield
        finally:
            logged_in.communicate("end\n", timeout=60)
            self.bus = {}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    program("gnome-keyring-daemon")
    home, repo = tmp_path / "home", tmp_path / "repo"
    home.mkdir(mode=0o700)
    repo.mkdir()
    with Sandbox(WORLD) as box:
        Git(repo).run("init", "--quiet", "--initial-branch=main")
        Git(repo).run("remote", "add", "origin", f"{box.url}/{APP}.git")
        yield Desk(box.url, home, repo)


def test_a_token_is_kept_only_when_that_is_asked_for_and_found_and_removed(desk: Desk) -> None:
    with desk.session(_UNLOCK):
        assert "Keep the token in the keyring of this machine?" in desk.typed(TOKEN, "")
        assert "A token for" in desk.typed(TOKEN, "n")  # not kept, so it is asked for again
        assert "It is kept" in desk.typed(TOKEN, "y")
        assert "with the token from the keyring" in desk.typed()
        code, said = desk.plan()
        assert code == 0
        assert "with the token from the keyring" in said
        assert desk.run("keyring", "del", "registry-wizard", desk.url)[0] == 0
        code, said = desk.plan()
        assert (code, "(no-token)" in said) == (1, True)


def test_it_lies_nowhere_readable_and_a_locked_keyring_is_passed_over(desk: Desk) -> None:
    with desk.session(_UNLOCK):
        assert "It is kept" in desk.typed(TOKEN, "y")
    kept = [file for file in desk.home.rglob("*") if file.is_file()]
    assert any(file.suffix == ".keyring" for file in kept)
    assert not any(TOKEN.encode() in file.read_bytes() for file in kept)
    with desk.session(_LOCKED):
        code, said = desk.plan()
        assert code == 1
        assert "it is passed over" in said
        assert "(no-token)" in said
