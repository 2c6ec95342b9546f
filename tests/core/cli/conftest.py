"""What every test of the command line stands on: a work tree, a session without GitLab, somebody at a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.fake_session import FakeSession
from wizard.gateways.git import Git


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work tree whose origin is acme/app, as the current folder, and an environment without any token."""
    root = tmp_path / "repo"
    root.mkdir()
    Git(root).run("init", "--quiet", "--initial-branch=main")
    Git(root).run("remote", "add", "origin", "git@gitlab.example.com:acme/app.git")
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GITLAB_PRIVATE_TOKEN", "GITLAB_URL", "GITLAB_HOST", "CI_SERVER_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-variable")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return root


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, repo: Path) -> FakeSession:
    fake = FakeSession()
    monkeypatch.setitem(sys.modules, "wizard.session", fake.module())
    return fake


class Terminal(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let somebody sit at a terminal and type these lines."""

    def sit(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr("wizard.output.console._is_terminal", lambda stream: stream is not sys.stdout)

    return sit
