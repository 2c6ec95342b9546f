"""The wizard: which front end, with what, and how it ended."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from screens.beginning import Beginning, begun
from tests.core.fake_session import (
    AT,
    FakeSession,
    write_answers,
)
from wizard.__main__ import main
from wizard.commands.opening import Prepared
from wizard.errors import Exit, WizardError
from wizard.events import Finished
from wizard.secret import Secret


@dataclass
class Screens:
    """The screens, as far as the command line sees them."""

    exit: Exit = Exit.DONE
    finished: Finished | None = None
    kept: bool = False
    ready: Prepared | None = None

    def module(self) -> types.ModuleType:
        module = types.ModuleType("screens.app")
        module.run = self.run  # type: ignore[attr-defined]
        return module

    def run(self, prepare: Callable[[], Prepared]) -> Screens:
        self.ready = prepare()
        return self

    @property
    def begun(self) -> Beginning:
        assert self.ready is not None
        return begun(self.ready)


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> Screens:
    found = Screens()
    monkeypatch.setitem(sys.modules, "screens.app", found.module())
    monkeypatch.setenv("TERM", "xterm")
    return found


def test_at_a_terminal_the_screens_begin_with_what_is_known(
    screens: Screens, session: FakeSession, repo: Path, typing: Callable[..., None]
) -> None:
    text = write_answers(repo, "version: 1\nbuild: {engine: dind}\n")
    typing()
    assert main([]) == 0
    found = screens.begun
    assert (found.url, found.project) == ("https://gitlab.example.com", "acme/app")
    assert found.draft.get("build.engine") == "dind"
    assert found.answers_text == text
    assert found.token_source == "GITLAB_TOKEN"
    found.connect(None)
    found.connect(Secret("glpat-typed"))
    opened = [given for name, given in session.calls if name == "open"]
    assert [token for _, token, _ in opened] == ["glpat-variable", "glpat-typed"]
    assert [target.project for target, _, _ in opened] == [None, None]


def test_the_screens_begin_without_project_and_token_and_ask_for_both(
    screens: Screens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typing: Callable[..., None]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITLAB_TOKEN")
    typing()
    assert main(["--url", "https://gitlab.example.com"]) == 0
    assert (screens.begun.project, screens.begun.token_source) == (None, "")
    with pytest.raises(WizardError, match="no token"):
        screens.begun.connect(None)


def test_how_the_screens_ended_is_told_afterwards(
    screens: Screens, typing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    typing()
    screens.exit = Exit.INTERRUPTED
    assert main([]) == 130
    assert capsys.readouterr().err == "the wizard was left, nothing was changed\n"
    screens.kept = True
    assert main([]) == 130
    assert "your answers are kept: the next start offers to go on with them" in capsys.readouterr().err
    screens.exit, screens.finished = Exit.PARTIAL, Finished(at=AT, status="failed", exit=3, done=("a",), left=("b",))
    assert main([]) == 3
    assert "Left:\n  b" in capsys.readouterr().out


@pytest.mark.parametrize(("term", "arguments"), [("dumb", []), ("xterm", ["--plain"])])
def test_a_terminal_that_shows_only_lines_gets_lines(
    screens: Screens, monkeypatch: pytest.MonkeyPatch, typing: Callable[..., None], term: str, arguments: list[str]
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("wizard.commands.plain.run", lambda _: 42)
    typing()
    assert main(arguments) == 42
    assert screens.ready is None


def test_the_questions_and_the_token_cannot_share_a_pipe(session: FakeSession) -> None:
    assert main(["--plain", "--token-stdin"]) == 64
