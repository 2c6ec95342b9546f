"""`plan`: what is printed and saved, and what reaches the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.fake_session import (
    CREATE,
    SECOND,
    UNCHANGED,
    FakeSession,
    plan_of,
    write_answers,
)
from wizard.__main__ import main
from wizard.lint import Verdict
from wizard.output.plan_document import load_plan


def test_plan_prints_the_plan_and_the_next_command(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--set", "project=acme/app", "--rotate", "A"]) == 0
    printed = capsys.readouterr()
    assert "+ create    variable:A@*" in printed.out
    assert "Next: registry-wizard apply --set project=acme/app --rotate A" in printed.out
    assert printed.err == "acme/app on https://gitlab.example.com, with the token from GITLAB_TOKEN\n"
    assert session.count("apply") == 0
    assert session.calls[-1][0] == "close"


@pytest.mark.parametrize(("changes", "code"), [((CREATE,), 2), ((UNCHANGED,), 0), ((), 0)])
def test_the_detailed_exit_code_tells_pending_changes(session: FakeSession, changes: Any, code: int) -> None:
    session.planned = plan_of(*changes)
    assert main(["plan", "--detailed-exitcode"]) == code
    assert main(["plan"]) == 0


def test_plan_as_json_is_one_document(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--format", "json"]) == 0
    assert load_plan(capsys.readouterr().out) == session.planned


def test_plan_as_markdown(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Plan for acme/app")


def test_plan_saves_what_apply_takes(session: FakeSession, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--out", "plan.json", "--set", "version=1"]) == 0
    assert (repo / "plan.json").stat().st_mode & 0o777 == 0o600
    assert "Next: registry-wizard apply plan.json\n" in capsys.readouterr().out
    session.planned = plan_of()
    assert main(["apply", "plan.json", "--yes"]) == 0
    assert session.called("apply")[0] == plan_of(CREATE, SECOND, UNCHANGED)
    assert session.count("discover") == 1


def test_a_plan_that_asks_is_not_saved(session: FakeSession, repo: Path) -> None:
    session.planned = plan_of(CREATE, secrets=("ask",))
    assert main(["plan", "--out", "plan.json"]) == 64
    assert not (repo / "plan.json").exists()


def test_the_permissions_of_the_command_line_reach_the_plan(session: FakeSession) -> None:
    assert main(["plan", "--allow-dirty", "--overwrite", "a", "--overwrite", "b", "--rotate", "K@prod"]) == 0
    options = session.called("plan")[1]
    assert options.allow_dirty
    assert options.overwrite == {"a", "b"}
    assert options.rotate == {"K@prod"}
    assert not options.write_answers


@pytest.mark.parametrize(
    ("on_disk", "arguments", "text"),
    [
        (None, [], "version: 1  # The version of this format.\n"),
        (None, ["--set", "project=acme/app"], None),
        ("version: 1\nproject: acme/app\n", [], "version: 1\nproject: acme/app\n"),
        ("version: 1\nproject: acme/app\n", ["--set", "delivery.mode=branch"], None),
    ],
)
def test_flags_alone_never_cause_an_answers_file(
    session: FakeSession, repo: Path, on_disk: str | None, arguments: list[str], text: str | None
) -> None:
    if on_disk:
        write_answers(repo, on_disk)
    assert main(["plan", *arguments]) == 0
    given = session.called("plan")[2]
    assert given is None if text is None else given.endswith(text)


def test_a_plan_looks_at_secrets_that_are_set_and_harmless(
    session: FakeSession, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_answers(repo, "version: 1\ndocker_auth:\n"
                  "  - {host: a.example, username: u, password: env:SET}\n"
                  "  - {host: b.example, username: u, password: env:UNSET}\n"
                  "  - {host: c.example, username: u, password: env:GITLAB_TOKEN}\n"
                  "  - {host: d.example, username: u, password: ask}\n")  # fmt: skip
    monkeypatch.setenv("SET", "hunter2")
    assert main(["plan"]) == 0
    assert session.called("discover")[1] == {"env:SET": "hunter2"}


def test_a_plan_says_first_that_gitlab_would_refuse_its_pipeline(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session.lint = Verdict("invalid", ("jobs:a needs b",))
    assert main(["plan"]) == 0
    assert (
        "! pipeline-invalid: GitLab would refuse the pipeline as it will be: jobs:a needs b" in capsys.readouterr().out
    )
    session.lint = Verdict("unknown", why="403 Forbidden")
    assert main(["plan"]) == 0
    assert "pipeline-invalid" not in capsys.readouterr().out
