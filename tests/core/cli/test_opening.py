"""The token, the repository and the answers that a command begins with."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.core.fake_session import (
    FakeSession,
    write_answers,
)
from wizard.__main__ import main
from wizard.gateways.git import Git


def test_the_token_can_come_through_a_pipe(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("glpat-piped\n"))
    assert main(["plan", "--token-stdin"]) == 0
    assert session.called("open")[1] == "glpat-piped"


def test_without_a_token_a_command_that_may_not_ask_says_where_to_put_one(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    assert main(["plan"]) == 1
    said = capsys.readouterr().err
    assert "error (no-token)" in said
    assert "--token-stdin" in said


def test_a_token_for_another_host_is_not_sent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITLAB_HOST", "gitlab.com")
    assert main(["plan"]) == 1
    assert session.count("open") == 0
    assert "GITLAB_HOST" in capsys.readouterr().err


def test_outside_a_repository_project_and_url_are_needed(
    session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == 64
    assert main(["plan", "--project", "acme/app", "--url", "https://gitlab.example.com"]) == 0
    assert session.called("open")[0].work_tree is None


def test_the_work_tree_around_the_current_folder_is_used(
    session: FakeSession, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repo / "deep" / "er")
    write_answers(repo, "version: 1\nproject: acme/other\n")
    assert main(["plan", "--set", "delivery.mode=branch"]) == 0
    target = session.called("open")[0]
    assert (target.work_tree, target.project, target.origin_project) == (repo, "acme/other", "acme/app")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--project", "acme/other"], 64),
        (["--set", "project=acme/other"], 64),
        (["--project", "Acme/App"], 0),
        (["--project", "acme/other", "--set", "delivery.mode=merge-request"], 0),
    ],
)
def test_files_are_not_written_into_the_clone_of_another_project(
    session: FakeSession, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert main(["plan", *arguments]) == code
    assert ("other-work-tree" in capsys.readouterr().err) is bool(code)


def test_a_bare_repository_has_a_remote_but_no_work_tree(session: FakeSession, repo: Path, tmp_path: Path) -> None:
    Git(tmp_path).run("clone", "--quiet", "--bare", str(repo), "bare.git")
    Git(tmp_path / "bare.git").run("remote", "set-url", "origin", "git@gitlab.example.com:acme/bare.git")
    assert main(["plan", "--repo", str(tmp_path / "bare.git")]) == 0
    target = session.called("open")[0]
    assert (target.work_tree, target.project) == (None, "acme/bare")
