"""`apply`: consent, secrets, saved plans."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.fake_session import (
    AT,
    CREATE,
    SECOND,
    UNCHANGED,
    FakeSession,
    plan_of,
)
from wizard.__main__ import main
from wizard.change import Blocked
from wizard.errors import StaleError, WizardError
from wizard.output.plan_document import dump


def test_apply_shows_the_plan_on_stderr_and_the_result_on_stdout(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", "--yes"]) == 0
    printed = capsys.readouterr()
    assert "+ create    variable:A@*" in printed.err
    assert "created  variable:A@*" in printed.out
    assert "Done. 2 done, 0 left." in printed.out


def test_apply_as_json_is_one_event_per_line(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--yes", "--format", "json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(event["format"] == 1 for event in events)
    assert events[-1] == {
        "format": 1, "event": "result", "at": AT.isoformat(timespec="milliseconds"), "status": "done", "exit": 0,
        "done": ["variable:A@*", "variable:B@*"], "left": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (WizardError("unreachable", "no answer"), 1, "failed"),
        (StaleError("moved", "moved"), 4, "failed"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_a_json_stream_always_ends_with_a_result(
    session: FakeSession, capsys: pytest.CaptureFixture[str], error: Any, code: int, status: str
) -> None:
    session.fails = error
    assert main(["apply", "--yes", "--format", "json"]) == code
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["status"], last["exit"]) == ("result", status, code)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("YES", 0), ("", 130), ("n", 130), ("nonsense", 130)])
def test_the_confirmation_defaults_to_no(
    session: FakeSession, typing: Callable[..., None], answer: str, code: int
) -> None:
    typing(answer)
    assert main(["apply"]) == code
    assert session.count("apply") == (code == 0)


def test_nothing_to_do_needs_no_confirmation(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.planned = plan_of(UNCHANGED)
    assert main(["apply"]) == 0
    assert "Nothing to do." in capsys.readouterr().out


def test_what_a_role_forbids_is_refused_without_a_question(session: FakeSession) -> None:
    blocked = replace(SECOND, blocked=Blocked("maintainer", "acme/base"))
    session.planned = plan_of(CREATE, blocked, secrets=("env:UNSET",))
    assert main(["apply"]) == 1
    session.planned = plan_of(CREATE, blocked)
    assert main(["apply", "--partial", "--yes"]) == 0
    assert session.called("apply")[2] is True


def test_apply_reads_every_secret_before_the_first_write(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session.planned = plan_of(CREATE, secrets=("env:A_SECRET", "env:OTHER"))
    monkeypatch.setenv("A_SECRET", "hunter2-hunter2")
    assert main(["apply", "--yes"]) == 1
    assert session.count("apply") == 0
    monkeypatch.setenv("OTHER", "hunter3-hunter3")
    assert main(["apply", "--yes"]) == 0
    assert session.called("apply")[1] == {"env:A_SECRET": "hunter2-hunter2", "env:OTHER": "hunter3-hunter3"}
    printed = capsys.readouterr()
    assert "env:A_SECRET" in printed.err
    assert "hunter" not in printed.out + printed.err


def test_ask_without_a_terminal_is_wrong_usage(session: FakeSession) -> None:
    session.planned = plan_of(CREATE, secrets=("ask",))
    assert main(["apply", "--yes"]) == 64
    assert session.count("apply") == 0


def test_ask_at_a_terminal_asks_for_each_value_by_its_place(
    session: FakeSession, typing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    typing("y")
    monkeypatch.setattr("getpass.getpass", lambda question, **_: f"typed at: {question}")
    session.planned = plan_of(CREATE, secrets=("ask:variables.A@*", "ask:variables.B@*"))
    assert main(["apply"]) == 0
    assert session.called("apply")[1] == {
        f"ask:variables.{key}@*": f"typed at: Value of variables.{key}@* (not shown): " for key in "AB"
    }


@pytest.mark.parametrize("reference", ["env:GITLAB_TOKEN", "file:../outside"])
class TestASecretThatNeedsATypedYes:
    @pytest.fixture(autouse=True)
    def _planned(self, session: FakeSession, tmp_path: Path, reference: str) -> None:
        (tmp_path / "outside").write_text("value\n")
        session.planned = plan_of(CREATE, secrets=(reference,))

    def test_is_refused_without_a_terminal(
        self, session: FakeSession, reference: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["apply", "--yes"]) == 64
        assert f"--allow-secret {reference}" in capsys.readouterr().err
        assert session.count("apply") == 0

    def test_is_read_when_it_is_allowed_by_name(self, session: FakeSession, reference: str) -> None:
        assert main(["apply", "--yes", "--allow-secret", "env:SOMETHING"]) == 64
        assert main(["apply", "--yes", "--allow-secret", reference]) == 0
        assert list(session.called("apply")[1]) == [reference]

    @pytest.mark.parametrize(("typed", "code"), [(("yes", "y"), 0), (("y", "y"), 130), (("yes", ""), 130)])
    def test_is_read_after_a_typed_yes(
        self, session: FakeSession, typing: Callable[..., None], typed: tuple[str, ...], code: int
    ) -> None:
        typing(*typed)
        assert main(["apply"]) == code
        assert session.count("apply") == (code == 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--project", "acme/app", "--url", "https://gitlab.example.com"], 0),
        (["--url", "https://evil.example.com"], 64),
        (["--project", "acme/other"], 64),
    ],
)
def test_a_saved_plan_is_applied_only_to_its_own_project(
    session: FakeSession, repo: Path, arguments: list[str], code: int
) -> None:
    (repo / "plan.json").write_text(dump(session.planned, AT))
    assert main(["apply", "plan.json", "--yes", *arguments]) == code
