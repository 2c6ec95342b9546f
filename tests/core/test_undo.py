"""Undo: the last apply read backwards, and only what is still as it was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.live import NoWait
from tests.core.scripted import Machine, Scripted, a_change, a_plan, ticking, told
from wizard import apply as applying_module
from wizard import undo as module
from wizard.change import Blocked, Change, Conflict
from wizard.changes.kind import BEFORE_UNKNOWN, Left, Outcome, Seen
from wizard.errors import WizardError
from wizard.gateways.gitlab import DeniedError, PassingError
from wizard.undo import Undoing, change_of, last_run, plan_undo

A, B, C = a_change("A"), a_change("B", "update"), a_change("C", "delete")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    for place in (applying_module, module):
        monkeypatch.setattr(place, "kind_of", lambda _change: made.kind)
    return made


def applied(machine: Machine, *changes: Change) -> None:
    assert list(machine.applying(stop=NoWait()).run(a_plan(*changes)))[-1].name == "result"
    machine.kind.log.clear()


def test_the_newest_change_is_taken_back_first(machine: Machine) -> None:
    applied(machine, A, B, C)
    assert told(list(machine.undo())) == [
        "plan",
        "change-started C", "change-done C created",
        "change-started B", "change-done B updated",
        "change-started A", "change-done A deleted",
        "result done 0",
    ]  # fmt: skip
    assert machine.kind.log == [f"revert variable:{name}@* {{'of': 'variable:{name}@*'}}" for name in "CBA"]


def test_the_plan_shows_the_inverse_of_each_change(machine: Machine) -> None:
    before, after = {"key": "B", "value": "old"}, {"key": "B", "value": "new"}
    applied(machine, A, a_change("B", "update", before=before, after=after, diff="x", inputs={"value": "env:B"}), C)
    plan = plan_undo(last_run(machine.journal), a_plan())
    assert [(change.action, change.summary) for change in plan.changes] == [
        ("create", "take back: set C"), ("update", "take back: set B"), ("delete", "take back: set A"),
    ]  # fmt: skip
    shown = plan.changes[1]
    assert (shown.before, shown.after, shown.diff, dict(shown.inputs)) == (after, before, None, {})


def test_what_cannot_be_restored_is_said_before(machine: Machine) -> None:
    secret = {"key": "B", "value": "(sensitive)"}
    token = Change("deploy-token:p/t", "deploy-token", "delete", "p", "token")
    applied(machine, A, a_change("B", "update", before=secret), token)
    notices = plan_undo(last_run(machine.journal), a_plan()).warnings
    assert [notice.code for notice in notices] == ["not-restorable", "not-restorable"]
    assert [notice.message.partition(": ")[0] for notice in notices] == ["deploy-token:p/t", "variable:B@*"]


def test_what_stays_because_something_lost_needs_it_is_said_before(machine: Machine) -> None:
    token = Change("deploy-token:p/t", "deploy-token", "create", "p", "token")
    keeper = replace(a_change("B", "update", before={"key": "B", "value": "(sensitive)"}), needs=(token.id,))
    applied(machine, token, A, keeper)
    plan = plan_undo(last_run(machine.journal), a_plan())
    assert [notice.message.partition(": ")[0] for notice in plan.warnings] == ["variable:B@*", "deploy-token:p/t"]
    assert "variable:B@* stays as it is, and needs it" in plan.warnings[1].message


def test_a_plain_value_can_be_restored(machine: Machine) -> None:
    applied(machine, a_change("B", "update", before={"key": "B", "value": "old"}, after={"key": "B", "value": "new"}))
    assert plan_undo(last_run(machine.journal), a_plan()).warnings == ()


def test_what_stood_already_was_not_ours_and_stays(machine: Machine) -> None:
    machine.kind.seen["variable:A@*"] = [Seen.AS_WANTED]
    applied(machine, A, B)
    assert "change-started A" not in told(list(machine.undo()))


def test_nothing_applied_is_nothing_to_take_back(machine: Machine) -> None:
    assert told(list(machine.undo())) == ["plan", "result nothing 0"]


def test_a_second_undo_finds_nothing(machine: Machine) -> None:
    applied(machine, A)
    list(machine.undo())
    assert told(list(machine.undo())) == ["plan", "result nothing 0"]


def test_applies_are_taken_back_one_by_one(machine: Machine) -> None:
    applied(machine, A)
    applied(machine, B)
    assert told(list(machine.undo()))[1:3] == ["change-started B", "change-done B updated"]
    assert told(list(machine.undo()))[1:3] == ["change-started A", "change-done A deleted"]
    assert told(list(machine.undo()))[-1] == "result nothing 0"


def test_an_apply_that_stopped_partway_is_taken_back_as_far_as_it_came(machine: Machine) -> None:
    machine.kind.acts["variable:B@*"] = [DeniedError("forbidden", "no", status=403)]
    applied(machine, A, B)
    assert told(list(machine.undo()))[1:] == ["change-started A", "change-done A deleted", "result done 0"]


def test_what_was_changed_since_is_left_and_said_and_the_rest_goes_on(machine: Machine) -> None:
    applied(machine, A, B)
    machine.kind.reverts["variable:B@*"] = ["variable:B@* was changed since; left as it is"]
    events = list(machine.undo())
    assert told(events)[2:] == [
        "change-failed B not-restored", "change-started A", "change-done A deleted", "result partial 3",
    ]  # fmt: skip
    assert events[-1].document()["left"] == ("variable:B@*",)


def test_what_was_left_is_tried_again_and_ends_once_it_is_gone(machine: Machine) -> None:
    applied(machine, A, B)
    machine.kind.reverts["variable:B@*"] = ["was changed since"]
    list(machine.undo())
    assert told(list(machine.undo())) == ["plan", "change-started B", "change-done B updated", "result done 0"]


def test_what_is_lost_is_not_tried_again(machine: Machine) -> None:
    applied(machine, A, B)
    machine.kind.reverts["variable:B@*"] = [Left("its previous value is not known", lost=True)]
    assert told(list(machine.undo()))[-1] == "result partial 3"
    assert told(list(machine.undo())) == ["plan", "result nothing 0"]


def test_what_was_left_does_not_hide_the_apply_before_it(machine: Machine) -> None:
    applied(machine, A)
    applied(machine, B)
    machine.kind.reverts["variable:B@*"] = ["was changed since"]
    list(machine.undo())
    assert told(list(machine.undo()))[1:3] == ["change-started A", "change-done A deleted"]
    assert told(list(machine.undo()))[1:3] == ["change-started B", "change-done B updated"]


def test_what_something_that_stays_needs_stays_too(machine: Machine) -> None:
    applied(machine, A, a_change("B", needs=["A"]))
    machine.kind.reverts["variable:B@*"] = ["was changed since"]
    assert told(list(machine.undo()))[-3:] == ["change-started A", "change-failed A not-restored", "result partial 3"]


def test_a_change_whose_outcome_was_never_learnt_is_taken_back_by_what_was_foreseen(machine: Machine) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    machine.kind.acts["variable:B@*"] = [die]
    with pytest.raises(KeyboardInterrupt):
        applied(machine, A, B)
    machine.kind.log.clear()
    plan = plan_undo(last_run(machine.journal), a_plan())
    assert [change.summary for change in plan.changes] == ["take back, if it was made: set B", "take back: set A"]
    assert told(list(machine.undo()))[-1] == "result done 0"
    assert machine.kind.log == [
        "revert variable:B@* {'foreseen': 'variable:B@*'}", "revert variable:A@* {'of': 'variable:A@*'}",
    ]  # fmt: skip


def test_a_change_that_was_refused_is_nothing_to_take_back(machine: Machine) -> None:
    machine.kind.acts["variable:A@*"] = [DeniedError("forbidden", "no", status=403)]
    list(machine.applying(stop=NoWait()).run(a_plan(A)))
    assert last_run(machine.journal) is None


def test_what_could_not_be_read_before_is_named_and_stays(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Scripted, "foresee", lambda *_: BEFORE_UNKNOWN)
    machine.kind.acts["variable:A@*"] = [die]
    with pytest.raises(KeyboardInterrupt):
        applied(machine, A)
    assert [notice.code for notice in plan_undo(last_run(machine.journal), a_plan()).warnings] == ["not-restorable"]
    assert told(list(machine.undo()))[-1] == "result failed 1"


@pytest.mark.parametrize(("failing", "ending"), [("B", "result failed 1"), ("A", "result failed 3")])
def test_a_refusal_stops_it_there(machine: Machine, failing: str, ending: str) -> None:
    applied(machine, A, B)
    machine.api.writes = 0
    machine.kind.reverts[f"variable:{failing}@*"] = [DeniedError("forbidden", "no", status=403)]
    events = list(machine.undo())
    assert told(events)[-2:] == [f"change-failed {failing} forbidden", ending]
    assert f"variable:{failing}@*" in events[-1].document()["left"]


def test_when_nothing_could_be_restored_nothing_was_changed(machine: Machine) -> None:
    applied(machine, A)
    machine.api.writes = 0
    machine.kind.reverts["variable:A@*"] = ["was changed since"]
    assert told(list(machine.undo()))[-1] == "result failed 1"


def test_a_write_without_an_answer_may_have_been_made(machine: Machine) -> None:
    applied(machine, A)
    machine.api.writes = 0

    def lose() -> None:
        machine.api.writes += 1
        raise PassingError("unreachable", "Connection reset")

    machine.kind.reverts["variable:A@*"] = [lose] * 4
    stop = NoWait()
    assert told(list(machine.undo(stop=stop)))[-1] == "result failed 3"
    assert stop.waits == [2.0, 2.0, 4.0]


def test_a_server_that_asks_for_patience_gets_it(machine: Machine) -> None:
    applied(machine, A)
    machine.kind.reverts["variable:A@*"] = [PassingError("gitlab-busy", "HTTP 429", status=429, seconds=7.0)]
    assert told(list(machine.undo(stop=NoWait()))) == [
        "plan", "change-started A", "waiting 7.0", "change-done A deleted", "result done 0",
    ]  # fmt: skip


def test_it_can_be_stopped_between_two_changes(machine: Machine) -> None:
    applied(machine, A, B)
    stop = NoWait()
    machine.kind.reverts["variable:B@*"] = [stop.set]
    assert told(list(machine.undo(stop=stop)))[-1] == "result interrupted 3"
    early = NoWait()
    early.set()
    machine.api.writes = 0
    assert told(list(machine.undo(stop=early))) == ["plan", "change-started A", "result interrupted 130"]


def test_an_apply_that_came_in_between_is_noticed(machine: Machine) -> None:
    """What was shown is what is taken back: never another apply's changes."""
    applied(machine, A)
    shown = plan_undo(last_run(machine.journal), a_plan())
    applied(machine, B)
    undoing = Undoing(machine.hands(), machine.journal, ticking())
    with pytest.raises(WizardError) as raised:
        list(undoing.run(last_run(machine.journal), shown))
    assert raised.value.code == "moved"
    assert machine.kind.log == []


def test_a_change_reads_back_as_it_was_printed() -> None:
    change = a_change(
        "A",
        "update",
        before={"a": 1},
        after={"a": None},
        diff="d",
        needs=["B"],
        expects={"ids": [1]},
        inputs={"value": "env:A"},
        blocked=Blocked("maintainer", "p"),
        conflict=Conflict("c", "m", "h"),
        step="variables",
    )
    assert change_of(change.document()) == change
    assert change_of(a_change("B").document()) == a_change("B")


def test_the_undo_of_a_change_needs_what_its_act_told(machine: Machine) -> None:
    machine.kind.acts["variable:A@*"] = [Outcome("created", {"flags": None, "token_id": 7})]
    applied(machine, A)
    list(machine.undo())
    assert machine.kind.log == ["revert variable:A@* {'flags': None, 'token_id': 7}"]
