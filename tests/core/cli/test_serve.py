"""`serve`, before the first visitor: what is told, and what is refused."""

from __future__ import annotations

import builtins
import shlex
import socket
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.core.fake_session import FakeSession
from wizard.__main__ import main


@dataclass
class Web:
    """The server, as far as the command line sees it."""

    commands: list[str] = field(default_factory=list)
    hosts: Any = None

    def module(self) -> types.ModuleType:
        module = types.ModuleType("screens.web")
        module.serve = self.serve  # type: ignore[attr-defined]
        module.loopback_names = lambda: frozenset({"localhost"})  # type: ignore[attr-defined]
        return module

    def serve(self, command: str, listening: socket.socket, hosts: Any) -> None:
        assert listening.getsockname()[1]
        self.commands.append(command)
        self.hosts = hosts


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> Web:
    found = Web()
    monkeypatch.setitem(sys.modules, "screens.web", found.module())
    return found


def test_every_visitor_gets_the_wizard_with_the_same_options(
    web: Web, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", "--repo", str(repo), "--set", "registry.visibility=private"]) == 130
    (command,) = web.commands
    assert shlex.split(command)[1:] == [
        "-m", "wizard", "--repo", str(repo), "--set", "registry.visibility=private",
    ]  # fmt: skip
    said = capsys.readouterr()
    assert said.out.startswith("http://127.0.0.1:")
    assert "no log-in of its own" in said.err
    assert "the token from GITLAB_TOKEN" in said.err
    assert "glpat-variable" not in f"{command}{said}"


def test_without_a_token_each_visitor_brings_one(
    web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    assert main(["serve", "--port", "0"]) == 130
    assert "Each visitor types a token of their own." in capsys.readouterr().err


@pytest.mark.parametrize(("host", "hosts"), [("127.0.0.1", frozenset({"localhost"})), ("0.0.0.0", None)])  # noqa: S104
def test_other_machines_are_served_only_when_told_and_with_a_warning(
    web: Web, capsys: pytest.CaptureFixture[str], host: str, hosts: Any
) -> None:
    assert main(["serve", "--port", "0", "--host", host]) == 130
    assert web.hosts == hosts
    assert ("put a proxy with TLS and a log-in before it" in capsys.readouterr().err) is (hosts is None)


def test_what_cannot_work_is_refused_before_anybody_comes(web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 64
        assert "--port 0" in capsys.readouterr().err
    assert main(["serve", "--token-stdin"]) == 64
    assert main(["serve", "--demo", "--url", "https://gitlab.example.com"]) == 64
    assert main(["serve", "--set", "nonsense=1"]) == 64
    assert web.commands == []


def test_without_the_extra_the_command_to_install_it_is_named(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = builtins.__import__

    def without(name: str, *given: Any, **named: Any) -> Any:
        if name == "screens.web":
            raise ModuleNotFoundError(name)
        return usual(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["serve", "--port", "0"]) == 1
    assert "pipx install 'registry-wizard[web]'" in capsys.readouterr().err
