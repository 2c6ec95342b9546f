"""Answers that are kept between runs: found again, never with a secret, never in the way."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wizard.errors import WizardError
from wizard.kept_answers import Kept, KeptAnswers, without_secrets
from wizard.question import Draft

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://gitlab.example.com"
DRAFT = Draft({"build": {"engine": "buildah"}, "registry": None})


@pytest.fixture
def kept(tmp_path: Path) -> KeptAnswers:
    return KeptAnswers(URL, tmp_path)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_is_found_again_for_this_project_and_url_alone(kept: KeptAnswers, tmp_path: Path) -> None:
    assert kept.find("acme/app") is None
    kept.keep("acme/app", DRAFT, AT)
    assert kept.find("acme/app") == Kept(DRAFT, AT)
    assert kept.find("acme/api") is None
    assert KeptAnswers("https://gitlab.example.com/gitlab", tmp_path).find("acme/app") is None


def test_the_last_answers_replace_the_earlier_ones_and_can_be_forgotten(kept: KeptAnswers, tmp_path: Path) -> None:
    kept.keep("acme/app", Draft({}), AT)
    kept.keep("acme/app", DRAFT, AT)
    assert kept.find("acme/app") == Kept(DRAFT, AT)
    kept.forget("acme/app")
    kept.forget("acme/app")
    assert kept.find("acme/app") is None
    assert files(tmp_path) == []


def test_only_their_owner_can_read_them(kept: KeptAnswers, tmp_path: Path) -> None:
    kept.keep("acme/app", DRAFT, AT)
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ({"docker_auth": [{"host": "h", "password": "hunter2"}]}, {"docker_auth": [{"host": "h"}]}),
        ({"registry": {"external": {"password": "env:PW"}}}, {"registry": {"external": {"password": "env:PW"}}}),
        ({"variables": [{"key": "A", "value": "hunter2"}]}, {"variables": [{"key": "A"}]}),
        (
            {"variables": [{"key": "A", "value": "hunter2", "masked": True}]},
            {"variables": [{"key": "A", "masked": True}]},
        ),
        ({"variables": [{"key": "A", "value": "ask"}]}, {"variables": [{"key": "A", "value": "ask"}]}),
        (
            {"variables": [{"key": "A", "value": "info", "masked": False, "hidden": False}]},
            {"variables": [{"key": "A", "value": "info", "masked": False, "hidden": False}]},
        ),
        ({"variables": [{"key": "A", "value": "x", "masked": False, "hidden": True}]},
         {"variables": [{"key": "A", "masked": False, "hidden": True}]}),
    ],
)  # fmt: skip
def test_a_literal_where_a_reference_belongs_is_never_kept(answers: dict[str, Any], left: dict[str, Any]) -> None:
    assert without_secrets(answers) == left


def test_nothing_that_was_typed_by_mistake_reaches_the_disk(kept: KeptAnswers, tmp_path: Path) -> None:
    kept.keep("acme/app", Draft({"docker_auth": [{"host": "h", "password": "m4rker"}]}), AT)
    assert "m4rker" not in "".join(file.read_text() for file in files(tmp_path))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format": 2, "at": "2026-11-23T12:00:00+00:00", "answers": {}}', '{"format": 1}',
     '{"format": 1, "at": "yesterday", "answers": {}}', '{"format": 1, "at": "2026-11-23T12:00:00", "answers": {}}',
     '{"format": 1, "at": "2026-11-23T12:00:00+00:00", "answers": []}', "\xff"],
)  # fmt: skip
def test_what_cannot_be_read_is_as_good_as_nothing(kept: KeptAnswers, tmp_path: Path, text: str) -> None:
    kept.keep("acme/app", DRAFT, AT)
    (file,) = files(tmp_path)
    file.write_bytes(text.encode("latin-1"))
    assert kept.find("acme/app") is None


def test_a_place_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder belongs")
    with pytest.raises(WizardError, match=r"the answers cannot be kept in .*state"):
        KeptAnswers(URL, tmp_path / "state").keep("acme/app", DRAFT, AT)


def test_a_kill_in_the_middle_of_writing_leaves_the_last_answers(kept: KeptAnswers, tmp_path: Path) -> None:
    kept.keep("acme/app", DRAFT, AT)
    (file,) = files(tmp_path)
    left_over = file.with_name(f".{file.name}.1")
    left_over.write_text("{")
    assert kept.find("acme/app") == Kept(DRAFT, AT)
    assert json.loads(file.read_text())["format"] == 1
    kept.forget("acme/app")
    assert files(tmp_path) == []
