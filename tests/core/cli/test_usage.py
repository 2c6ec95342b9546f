"""Options, help and wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.fake_session import (
    ANSWERS,
    FakeSession,
    write_answers,
)
from wizard.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nonsense"], "No such option"),
        (["explode"], "No such command"),
        (["plan", "--format", "xml"], "--format"),
        (["plan", "extra"], "unexpected extra argument"),
        (["plan", "--out"], "--out"),
        (["answers"], "Missing command"),
        (["answers", "check"], "Missing argument"),
        (["sandbox", "--port", "99999"], "--port"),
        (["sandbox", "--demo", "--world", "x.yml"], "--world"),
        (["--plain", "plan"], "--plain"),
        (["plan", "--demo", "--repo", "."], "--repo"),
        (["--demo", "plan", "--url", "https://x"], "--url"),
        (["--demo", "apply", "--token-file", "x"], "--token-file"),
        (["--token-stdin", "doctor", "--demo"], "--token-stdin"),
        (["undo", "--demo", "--ca-file", "x"], "--ca-file"),
        (["apply", "plan.json", "--set", "version=1"], "--set"),
        (["apply", "plan.json", "--demo"], "--demo"),
        (["--answers", "x", "apply", "plan.json"], "--answers"),
        (["apply", "plan.json", "--rotate", "A", "--allow-dirty"], "--allow-dirty, --rotate"),
        (["apply", "none.json"], "none.json"),
        (["plan", "--repo", "nowhere"], "nowhere"),
        (["plan", "--answers", "none.yml"], "none.yml"),
        (["plan", "--ca-file", "none.pem"], "none.pem"),
        (["plan", "--set", "registry.tagret=gitlab"], "did you mean 'target'"),
        (["plan", "--url", "gitlab.example.com"], "--url"),
        (["plan", "--url", ""], "--url"),
        (["plan", "--project", "app"], "--project"),
        (["apply"], "--yes"),
        ([], "terminal"),
    ],
)
def test_wrong_usage_ends_with_64_and_says_what(
    session: FakeSession, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(arguments) == 64
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.out == ""
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("arguments", [["--token", "glpat-x", "plan"], ["plan", "--token=glpat-x"]])
def test_a_token_on_the_command_line_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 64
    said = capsys.readouterr().err
    assert "--token-stdin" in said
    assert "glpat-x" not in said


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plan", "--help"], ["answers", "--help"], ["answers", "check", "--help"]]
)
def test_help_goes_to_stdout(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Usage: registry-wizard")
    assert "--set KEY=VALUE" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80


@pytest.mark.parametrize("arguments", [["--version"], ["plan", "--version"], ["--verbose", "--version"]])
def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("registry-wizard 0.")


def test_common_options_stand_before_and_after_the_command_and_the_later_wins(session: FakeSession) -> None:
    assert main([
        "--url", "https://one.example.com", "--project", "acme/one", "--set", "project=acme/x",
        "plan",
        "--url", "https://two.example.com", "--set", "delivery.mode=branch",
    ]) == 0  # fmt: skip
    target, _, _ = session.called("open")
    answers, _, _ = session.called("plan")
    assert (target.url, target.project) == ("https://two.example.com", "acme/one")
    assert (answers.project, answers.delivery.mode) == ("acme/x", "branch")


def test_a_later_set_wins_over_an_earlier_one(session: FakeSession) -> None:
    assert main(["--set", "delivery.branch=one", "plan", "--set", "delivery.branch=two"]) == 0
    assert session.called("plan")[0].delivery.branch == "two"


def test_options_stand_between_answers_and_its_command(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_answers(repo)
    assert main(["answers", "--set", "build.engine=nonsense", "check", ANSWERS]) == 64
    assert "build.engine" in capsys.readouterr().err
