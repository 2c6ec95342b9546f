"""A plan as JSON: printed, saved, read back; what was edited is refused."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.core.sample_plans import PLAN
from wizard.errors import UsageError, WizardError
from wizard.output.plan_document import document, dump, load, load_plan, save

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Edit = Callable[[dict[str, Any]], object]


def test_the_document_has_the_promised_keys() -> None:
    printed = document(PLAN, NOW)
    assert printed["format"] == 1
    assert printed["created"] == "2026-11-23T12:00:00Z"
    assert printed["counts"] == {"create": 2, "update": 2, "delete": 1, "unchanged": 1}
    assert printed["fingerprint"] == PLAN.fingerprint
    assert printed["warnings"] == [
        {"code": "role-too-low", "message": "1 change needs the role maintainer", "hint": "Ask somebody"}
    ]
    promised = {"id", "kind", "action", "target", "summary", "before", "after", "diff", "needs", "expects", "inputs"}
    assert all(promised <= change.keys() for change in printed["changes"])
    assert printed["changes"][2]["blocked"] == {"needs": "maintainer", "on": "acme/base"}


def test_a_saved_plan_is_read_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    save(PLAN, NOW, file)
    assert load(file) == PLAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_saving_again_replaces_the_file_and_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")
    file.chmod(0o644)
    save(PLAN, NOW, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_plan_that_asks_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        save(replace(PLAN, secrets=("ask",)), NOW, tmp_path / "plan.json")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WizardError) as caught:
        save(PLAN, NOW, tmp_path / "none" / "plan.json")
    assert caught.value.code == "cannot-write"


def test_the_json_cannot_act_on_the_terminal() -> None:
    assert dump(PLAN, NOW).isascii()
    assert "\x1b" not in dump(PLAN, NOW)


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (lambda plan: plan.update(format=2), "plan-format", "format 2"),
        (lambda plan: plan.pop("format"), "plan-format", "None"),
        (lambda plan: plan.update(projekt=1), "plan-invalid", "did you mean 'project'"),
        (lambda plan: plan.pop("url"), "plan-invalid", "url"),
        (lambda plan: plan["changes"][0].update(idd=1), "plan-invalid", "did you mean 'id'"),
        (lambda plan: plan["changes"][0].update(action="destroy"), "plan-invalid", "changes.0.action"),
        (lambda plan: plan["changes"][0].update(kind="group"), "plan-invalid", "changes.0.kind"),
        (lambda plan: plan["changes"][2]["blocked"].update(nedes="x"), "plan-invalid", "did you mean 'needs'"),
        (lambda plan: plan.update(project_id="10"), "plan-invalid", "project_id"),
        (lambda plan: plan.update(project_id=11), "plan-edited", "changed after"),
        (lambda plan: plan.update(url="https://evil.example"), "plan-edited", "changed after"),
        (lambda plan: plan["changes"][3]["inputs"].update(value="env:OTHER"), "plan-edited", "changed after"),
        (lambda plan: plan["changes"].pop(), "plan-edited", "changed after"),
    ],
)
def test_a_plan_that_is_not_as_it_was_made_is_refused(edit: Edit, code: str, words: str) -> None:
    data = document(PLAN, NOW)
    edit(data)
    with pytest.raises(UsageError) as caught:
        load_plan(json.dumps(data, indent=2), "plan.json")
    assert caught.value.code == code
    assert words in caught.value.message
    assert "plan.json" in caught.value.message


def test_a_mistake_is_told_with_its_line() -> None:
    data = json.loads(json.dumps(document(PLAN, NOW)))
    data["changes"][1]["action"] = "destroy"
    text = json.dumps(data, indent=2)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "destroy" in row)
    with pytest.raises(UsageError, match=f"line {line}: changes.1.action"):
        load_plan(text)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"plan"', '{"format": 1,}'])
def test_what_is_no_plan_at_all_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        load_plan(text)


def test_a_file_that_is_not_there_or_no_text_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("none", "binary"):
        with pytest.raises(UsageError):
            load(tmp_path / name)
