"""`undo`, `doctor`, `answers`, and the program as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.fake_session import (
    CREATE,
    FakeSession,
    plan_of,
)
from wizard.__main__ import main


def test_undo_with_nothing_to_undo_is_done(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo"]) == 0
    assert "Nothing to do." in capsys.readouterr().out


def test_undo_shows_asks_and_takes_back(
    session: FakeSession, typing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    session.undo = plan_of(replace(CREATE, action="delete", before={"key": "A"}, after=None))
    assert main(["undo"]) == 64
    typing("n")
    assert main(["undo"]) == 130
    assert session.count("undo") == 0
    assert main(["undo", "--yes"]) == 0
    assert "- delete    variable:A@*" in capsys.readouterr().err


@pytest.mark.parametrize(("verdicts", "code"), [((True, True), 0), ((True, False), 1), ((), 0)])
def test_doctor_tells_whether_all_is_well(session: FakeSession, verdicts: tuple[bool, ...], code: int) -> None:
    session.verdicts = verdicts
    assert main(["doctor"]) == code


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "schema"]) == 0
    assert "properties" in json.loads(capsys.readouterr().out)


def test_the_example_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "example"]) == 0
    file = tmp_path / "answers.yml"
    file.write_text(capsys.readouterr().out)
    assert main(["answers", "check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: valid\n"


@pytest.mark.parametrize("content", [b"version: 2\nbiuld: {}\n", b"\xff", None])
def test_an_invalid_or_missing_file_ends_with_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "answers.yml"
    if content:
        file.write_bytes(content)
    assert main(["answers", "check", str(file)]) == 64
    assert str(file) in capsys.readouterr().err


def test_the_version_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "wizard", "--version"], capture_output=True, text=True, check=True
    )
    assert "registry-wizard" in done.stdout
    assert "typer" not in done.stderr
    assert "pydantic" not in done.stderr


def test_a_reader_that_closes_the_pipe_causes_no_error() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard answers schema | head -1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout == "{\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_result_that_cannot_be_written_is_a_failure() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard answers schema > /dev/full"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "the result cannot be written to stdout: No space left on device\n"


def test_closed_streams_cause_no_traceback() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard apply --token-stdin <&- >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {1, 64}
    assert "Traceback" not in done.stderr
