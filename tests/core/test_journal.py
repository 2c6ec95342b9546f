"""The journal: what it remembers, what it survives, who may read it."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.core.states import CASES, load, planned
from wizard.change import Change, Plan
from wizard.changes.kind import Outcome
from wizard.errors import WizardError
from wizard.journal import Journal
from wizard.undo import last_run

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://gitlab.example.com"
TOKEN_ID = "deploy-token:tools/ci/pull-acme-team-app"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(URL, 10, tmp_path)


def a_change(name: str, **fields: object) -> Change:
    document = {"kind": "variable", "action": "create", "target": "acme/team/app", "summary": name, **fields}
    return Change(id=f"variable:{name}@*", **document)  # type: ignore[arg-type]  # fields of Change, by name


def a_plan(*changes: Change) -> Plan:
    return Plan("acme/team/app", 10, URL, changes)


def applied(journal: Journal, *changes: Change, result: str = "created", status: str | None = "done") -> None:
    """Write an apply that made every change."""
    journal.begin(a_plan(*changes), AT)
    for change in changes:
        journal.intend(change, AT)
        journal.done(change, Outcome(result, {"flags": None}), AT)  # type: ignore[arg-type]  # a Result by name
    if status:
        journal.end(status, AT)


def ids(found: Sequence[str]) -> list[str]:
    return [name.removeprefix("variable:").removesuffix("@*") for name in found]


def test_nothing_is_created_before_the_first_line(journal: Journal, tmp_path: Path) -> None:
    assert journal.runs() == []
    assert journal.remembered().references == {}
    assert list(tmp_path.iterdir()) == []


def test_an_apply_is_read_back_as_it_was_written(journal: Journal) -> None:
    applied(journal, a_change("A"), a_change("B"))
    (run,) = journal.runs()
    assert ids(list(run.intended)) == ids(list(run.done)) == ["A", "B"]
    assert run.status == "done"
    assert run.done["variable:A@*"].change["summary"] == "A"


def test_it_is_kept_per_gitlab_and_project(tmp_path: Path) -> None:
    places = {
        Journal(URL, 10, tmp_path).path,
        Journal(URL, 11, tmp_path).path,
        Journal("https://gitlab.example.com/gitlab", 10, tmp_path).path,
        Journal("https://gitlab.example.com:8443", 10, tmp_path).path,
    }
    assert len(places) == 4


def test_it_lies_in_the_platforms_state_folder_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Journal(URL, 10).path.is_relative_to(tmp_path / "registry-wizard")


def test_only_its_owner_may_read_it(journal: Journal) -> None:
    applied(journal, a_change("A"))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_a_journal_that_was_opened_up_is_closed_again(journal: Journal) -> None:
    applied(journal, a_change("A"))
    journal.path.chmod(0o644)
    applied(journal, a_change("B"))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_file_contents_and_diffs_are_left_out(journal: Journal) -> None:
    change = a_change("A", diff="--- a\n+++ b\n+text", inputs={"content": "dGV4dA==", "via": "work-tree"})
    applied(journal, change)
    assert "dGV4dA==" not in journal.path.read_text()
    assert journal.runs()[0].changes[change.id]["inputs"] == {"via": "work-tree"}
    assert journal.runs()[0].changes[change.id]["diff"] is None


@pytest.mark.parametrize("name", ["docker_auth", "variables", "pull_deploy_token", "registry"])
def test_no_secret_of_any_plan_ever_stands_in_it(journal: Journal, name: str) -> None:
    for case in load(CASES / f"{name}.yml").values():
        if "error" in case:
            continue
        state = case.get("state", {})
        there = state.get("variables", [])
        secrets = set(state.get("secrets", {}).values())
        secrets |= {found.get("value") for found in there if isinstance(found, dict) and found.get("masked")}
        applied(journal, *planned(case).changes)
        text = journal.path.read_text()
        assert [secret for secret in secrets if secret and secret in text] == []


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_last_line_that_a_kill_cut_off_is_left_out(journal: Journal, cut: int) -> None:
    applied(journal, a_change("A"), a_change("B"), status=None)
    journal.path.write_bytes(journal.path.read_bytes()[:-cut])
    (run,) = journal.runs()
    assert ids(list(run.done)) == ["A"] if cut > 1 else ids(list(run.done)) == ["A", "B"]


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_after_a_cut_off_line_the_next_apply_is_complete(journal: Journal, cut: int) -> None:
    applied(journal, a_change("A"), status=None)
    journal.path.write_bytes(journal.path.read_bytes()[:-cut])
    applied(journal, a_change("B"))
    assert [ids(list(run.changes)) for run in journal.runs()] == [["A"], ["B"]]
    assert ids(list(journal.runs()[-1].done)) == ["B"]


def test_a_text_with_line_separators_of_unicode_stays_one_record(journal: Journal) -> None:
    applied(journal, a_change("A", summary="one\u2028two\u2029three\x85four\x0bfive\x1csix"))
    (run,) = journal.runs()
    assert run.changes["variable:A@*"]["summary"] == "one\u2028two\u2029three\x85four\x0bfive\x1csix"
    assert ids(list(run.done)) == ["A"]


@pytest.mark.parametrize("line", [b"5", b"[]", b'{"do": "dance"}', b'{"format": 1}', b"\xff\xfe", b'{"do": "done"}'])
def test_a_line_that_is_none_of_ours_is_passed_over(journal: Journal, line: bytes) -> None:
    applied(journal, a_change("A"))
    with journal.path.open("ab") as stream:
        stream.write(line + b"\n")
    applied(journal, a_change("B"))
    assert [ids(list(run.done)) for run in journal.runs()] == [["A"], ["B"]]


@pytest.mark.parametrize(
    "line",
    [
        {"do": "begin", "changes": "A"},
        {"do": "begin", "changes": {"id": "A"}},
        {"do": "begin", "changes": ["A"]},
        {"do": "begin", "changes": [{"id": 5}]},
        {"do": "begin", "changes": [{"id": "A", "kind": "variable", "action": "create", "inputs": None}]},
        {"do": "intend", "id": ["A"]},
        {"do": "intend", "id": "variable:A@*", "undo": "before"},
        {"do": "done", "id": "variable:A@*", "result": {}, "undo": {}},
        {"do": "done", "id": "variable:A@*", "result": "created", "undo": []},
        {"do": "left", "id": "variable:A@*", "lost": "yes"},
        {"do": "undone", "id": "variable:A@*", "run": "0"},
        {"do": ["end"], "status": "done"},
        {"do": "end", "status": None},
    ],
)
def test_a_line_whose_fields_are_none_of_ours_is_passed_over(journal: Journal, line: dict[str, object]) -> None:
    applied(journal, a_change("A"))
    with journal.path.open("a") as stream:
        stream.write(f"{json.dumps({'format': 1, **line})}\n")
    applied(journal, a_change("B"))
    assert [(ids(list(run.done)), run.status) for run in journal.runs()] == [(["A"], "done"), (["B"], "done")]
    assert journal.remembered().unfinished == ()


def test_a_number_that_python_does_not_read_is_no_crash(journal: Journal) -> None:
    applied(journal, a_change("A"))
    with journal.path.open("a") as stream:
        stream.write('{"format": 1, "do": "end", "status": ' + "9" * 5000 + "}\n")
    assert [run.status for run in journal.runs()] == ["done"]


def test_a_journal_of_a_newer_version_is_refused_and_not_guessed_at(journal: Journal) -> None:
    applied(journal, a_change("A"))
    with journal.path.open("a") as stream:
        stream.write('{"format": 2, "do": "revoke", "ids": ["x"]}\n')
    before = journal.path.read_bytes()
    with pytest.raises(WizardError) as raised:
        journal.remembered()
    assert raised.value.code == "journal"
    assert "newer version" in raised.value.message
    assert journal.path.read_bytes() == before


def test_a_second_apply_on_the_same_project_is_refused(journal: Journal, tmp_path: Path) -> None:
    with journal.alone():
        with pytest.raises(WizardError) as raised, Journal(URL, 10, tmp_path).alone():
            pass
        with Journal(URL, 11, tmp_path).alone():
            pass
    assert raised.value.code == "in-use"
    with Journal(URL, 10, tmp_path).alone():
        pass


def test_a_folder_that_cannot_be_made_is_told_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    journal = Journal(URL, 10, tmp_path / "taken")
    with pytest.raises(WizardError) as locked, journal.alone():
        pass
    with pytest.raises(WizardError) as written:
        journal.begin(a_plan(), AT)
    assert locked.value.code == written.value.code == "journal"
    assert "XDG_STATE_HOME" in locked.value.hint


def test_the_reference_that_a_value_was_last_written_from_is_remembered(journal: Journal) -> None:
    applied(journal, a_change("A", inputs={"value": "env:OLD"}))
    applied(journal, a_change("A", inputs={"value": "env:NEW"}), result="updated")
    assert journal.remembered().references == {"variable:A@*": "env:NEW"}


def test_what_was_taken_back_is_not_remembered(journal: Journal) -> None:
    applied(journal, a_change("A", inputs={"value": "env:A"}), a_change("B", inputs={"value": "env:B"}))
    journal.undone("variable:A@*", AT)
    assert journal.remembered().references == {"variable:B@*": "env:B"}


def test_what_was_begun_and_not_finished_is_remembered_until_an_apply_ends_well(journal: Journal) -> None:
    first, second = a_change("A"), a_change("B")
    journal.begin(a_plan(first, second), AT)
    journal.intend(first, AT)
    journal.done(first, Outcome("created"), AT)
    journal.intend(second, AT)
    assert ids(journal.remembered().unfinished) == ["B"]
    applied(journal, second)
    assert journal.remembered().unfinished == ()


def a_token(known: Sequence[int] = ()) -> tuple[Change, Change]:
    token = Change(TOKEN_ID, "deploy-token", "create", "tools/ci", "token", expects={"ids": list(known)})
    return token, a_change("PULL_TOOLS_CI_TOKEN", needs=(TOKEN_ID,), inputs={"value": f"change:{TOKEN_ID}#token"})


def test_a_token_whose_secret_was_never_stored_is_remembered_with_those_before_it(journal: Journal) -> None:
    token, keeper = a_token([5])
    journal.begin(a_plan(token, keeper), AT)
    journal.intend(token, AT)
    assert journal.remembered().unstored == {TOKEN_ID: (5,)}
    journal.done(token, Outcome("created", {"token_id": 6}), AT)
    journal.intend(keeper, AT)
    assert (journal.remembered().unstored, journal.remembered().orphans) == ({}, {TOKEN_ID: (6,)})


def test_the_first_of_several_failed_attempts_says_which_tokens_are_not_ours(journal: Journal) -> None:
    for known in ([5], [5, 6]):
        token, keeper = a_token(known)
        journal.begin(a_plan(token, keeper), AT)
        journal.intend(token, AT)
    assert journal.remembered().unstored == {TOKEN_ID: (5,)}


def test_a_token_whose_secret_is_stored_is_nobodys_loss(journal: Journal) -> None:
    token, keeper = a_token()
    journal.begin(a_plan(token, keeper), AT)
    journal.intend(token, AT)
    applied(journal, *a_token([6]))
    assert (journal.remembered().unstored, journal.remembered().orphans) == ({}, {})


def test_an_undone_apply_belongs_to_the_run_that_it_took_back(journal: Journal) -> None:
    """Two applies, undone one after the other: the second undo takes back the first apply, a third one nothing."""
    applied(journal, a_change("A"))
    applied(journal, a_change("B"))
    for name in ("B", "A"):
        run = last_run(journal)
        assert run is not None
        assert ids(list(run.done)) == [name]
        journal.undone(f"variable:{name}@*", AT)
    assert last_run(journal) is None


def test_an_apply_that_did_nothing_does_not_hide_the_one_before_it(journal: Journal) -> None:
    applied(journal, a_change("A"))
    journal.begin(a_plan(a_change("B")), AT)
    journal.end("failed", AT)
    journal.undone("variable:A@*", AT)
    assert last_run(journal) is None
    assert journal.remembered().references == {}


def test_the_same_change_in_two_applies_is_taken_back_twice(journal: Journal) -> None:
    applied(journal, a_change("A"))
    applied(journal, a_change("A", action="update"), result="updated")
    journal.undone("variable:A@*", AT)
    run = last_run(journal)
    assert run is not None
    assert run.done["variable:A@*"].result == "created"
