"""Apply as events: order, what holds it back, what moved, patience, stopping, and the journal beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.live import NoWait
from tests.core.scripted import Machine, Scripted, a_change, a_plan, told
from wizard import apply as module
from wizard.apply import without
from wizard.change import Blocked, Change, Conflict
from wizard.changes.kind import Outcome, Seen, moved
from wizard.changes.kinds import together
from wizard.errors import WizardError
from wizard.events import ChangeFailed, Event
from wizard.gateways.gitlab import PassingError, RejectedError

A, B, C = a_change("A"), a_change("B", "update"), a_change("C", "delete")
REJECTED = RejectedError("rejected", "GitLab says no", "Do better.", status=400)
BUSY = PassingError("gitlab-busy", "HTTP 429", status=429, seconds=7.0, reached=False)
LOST = PassingError("unreachable", "Connection reset", reached=True)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(module, "kind_of", lambda _change: made.kind)
    return made


def applied(machine: Machine, *changes: Change, stop: NoWait | None = None, partial: bool = False) -> list[Event]:
    return list(machine.applying(stop=stop or NoWait()).run(a_plan(*changes), partial=partial))


def journalled(machine: Machine) -> list[str]:
    """The journal in words: `intend A`, `done A created`."""
    words = []
    for record in machine.journal._records():
        name = str(record.get("id", "")).removeprefix("variable:").removesuffix("@*")
        rest = [str(record[key]) for key in ("result", "status") if key in record]
        words.append(" ".join(part for part in (str(record["do"]), name, *rest) if part))
    return words


def test_changes_are_looked_at_and_made_in_the_order_of_the_plan(machine: Machine) -> None:
    events = applied(machine, A, B, C)
    assert told(events) == [
        "plan",
        "change-started A", "change-done A created",
        "change-started B", "change-done B updated",
        "change-started C", "change-done C deleted",
        "result done 0",
    ]  # fmt: skip
    assert machine.kind.log == [f"{what} variable:{name}@*" for name in "ABC" for what in ("observe", "perform")]
    assert journalled(machine) == [
        "begin", "intend A", "done A created", "intend B", "done B updated", "intend C", "done C deleted", "end done",
    ]  # fmt: skip


def test_the_intention_is_written_before_the_act_and_the_outcome_before_the_event(machine: Machine) -> None:
    seen_at_act: list[str] = []
    machine.kind.acts["variable:A@*"] = [lambda: seen_at_act.extend(journalled(machine))]
    for event in machine.applying(stop=NoWait()).run(a_plan(A)):
        if event.name == "change-done":
            assert journalled(machine)[-1] == "done A created"
    assert seen_at_act == ["begin", "intend A"]


def test_events_carry_the_time_counts_and_fingerprint_of_the_plan(machine: Machine) -> None:
    unchanged = a_change("Z", "unchanged")
    events = [event.document() for event in applied(machine, A, unchanged)]
    plan = a_plan(A, unchanged)
    assert events[0]["counts"] == {"create": 1, "update": 0, "delete": 0, "unchanged": 1}
    assert events[0]["fingerprint"] == plan.fingerprint
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert events[-1]["done"] == ("variable:A@*",)
    assert events[-1]["left"] == ()


def test_nothing_pending_writes_nothing_at_all(machine: Machine, tmp_path: Path) -> None:
    assert told(applied(machine, a_change("Z", "unchanged"))) == ["plan", "result nothing 0"]
    assert list(tmp_path.iterdir()) == []


def test_what_stands_already_is_said_and_not_made(machine: Machine) -> None:
    machine.kind.seen["variable:A@*"] = [Seen.AS_WANTED]
    assert told(applied(machine, A, B))[1:5] == [
        "change-started A", "change-done A already", "change-started B", "change-done B updated",
    ]  # fmt: skip
    assert "perform variable:A@*" not in machine.kind.log
    assert "intend A" not in journalled(machine)


@pytest.mark.parametrize(
    ("failing", "error", "ending", "code"),
    [
        ("A", REJECTED, "result failed 1", "rejected"),
        ("B", REJECTED, "result failed 3", "rejected"),
        ("A", moved(A, "it changed"), "result failed 4", "moved"),
        ("B", moved(B, "it changed"), "result failed 3", "moved"),
    ],
)
@pytest.mark.parametrize("when", ["seen", "acts"])
def test_a_failure_stops_there_and_says_what_is_left(
    machine: Machine, failing: str, error: WizardError, ending: str, code: str, when: str
) -> None:
    getattr(machine.kind, when)[f"variable:{failing}@*"] = [error]
    events = applied(machine, A, B, C)
    assert told(events)[-2:] == [f"change-failed {failing} {code}", ending]
    left = events[-1].document()["left"]
    assert left == tuple(change.id for change in (A, B, C) if change.id >= f"variable:{failing}")
    assert "observe variable:C@*" not in machine.kind.log
    assert journalled(machine)[-1] == "end failed"


def test_a_write_that_may_have_been_made_before_a_failure_counts_as_made(machine: Machine) -> None:
    def lose() -> None:
        machine.api.writes += 1
        raise LOST

    machine.kind.acts["variable:A@*"] = [lose] * 4
    assert told(applied(machine, A))[-1] == "result failed 3"


class TestPatience:
    def test_the_server_is_given_the_time_that_it_asks_for(self, machine: Machine) -> None:
        machine.kind.acts["variable:A@*"] = [BUSY]
        stop = NoWait()
        assert told(applied(machine, A, stop=stop)) == [
            "plan", "change-started A", "waiting 7.0", "change-done A created", "result done 0",
        ]  # fmt: skip
        assert stop.waits == [7.0]

    def test_pauses_grow_and_end(self, machine: Machine) -> None:
        machine.kind.seen["variable:A@*"] = [LOST] * 9
        stop = NoWait()
        events = applied(machine, A, B, stop=stop)
        assert stop.waits == [2.0, 2.0, 4.0]
        assert told(events)[-2:] == ["change-failed A unreachable", "result failed 1"]

    def test_after_the_pause_the_world_is_looked_at_before_acting_again(self, machine: Machine) -> None:
        machine.kind.acts["variable:A@*"] = [LOST]
        machine.kind.seen["variable:A@*"] = [Seen.AS_EXPECTED, Seen.AS_WANTED]
        assert "change-done A already" in told(applied(machine, A))
        assert machine.kind.log == ["observe variable:A@*", "perform variable:A@*", "observe variable:A@*"]

    @pytest.mark.parametrize(("writes", "uncertain"), [(0, set()), (1, {"variable:A@*"})])
    def test_only_a_write_that_may_have_been_made_leaves_doubt(
        self, machine: Machine, writes: int, uncertain: set[str]
    ) -> None:
        applying = machine.applying(stop=NoWait())

        def fail() -> None:
            machine.api.writes += writes
            raise BUSY

        machine.kind.acts["variable:A@*"] = [fail]
        list(applying.run(a_plan(A)))
        assert applying.hands.uncertain == uncertain


class TestStopping:
    def test_before_the_first_change_nothing_is_done(self, machine: Machine) -> None:
        stop = NoWait()
        stop.set()
        assert told(applied(machine, A, stop=stop)) == ["plan", "change-started A", "result interrupted 130"]
        assert machine.kind.log == []
        assert journalled(machine) == ["begin", "end interrupted"]

    def test_the_change_under_way_comes_to_its_end(self, machine: Machine) -> None:
        stop = NoWait()
        machine.kind.acts["variable:A@*"] = [stop.set]
        events = applied(machine, A, B, stop=stop)
        assert told(events)[-1] == "result interrupted 3"
        assert events[-1].document()["done"] == ("variable:A@*",)

    def test_a_pause_is_cut_short(self, machine: Machine) -> None:
        stop = NoWait(lambda _seconds: stop.set())
        machine.kind.acts["variable:A@*"] = [BUSY]
        assert told(applied(machine, A, stop=stop))[-1] == "result interrupted 130"


class TestHeldBack:
    blocked = a_change("B", blocked=Blocked("maintainer", "platform/base"))
    conflicting = a_change("B", conflict=Conflict("file-edited", "it was edited", "--overwrite B"))

    @pytest.mark.parametrize(("held", "code"), [(blocked, "role-too-low"), (conflicting, "file-edited")])
    def test_it_ends_before_any_write(self, machine: Machine, held: Change, code: str) -> None:
        events = applied(machine, A, held)
        assert told(events) == ["plan", f"change-failed B {code}", "result refused 1"]
        assert machine.kind.log == []
        assert journalled(machine) == []

    @pytest.mark.parametrize("held", [blocked, conflicting])
    def test_with_partial_the_rest_is_done(self, machine: Machine, held: Change) -> None:
        events = applied(machine, A, held, a_change("C", needs=["B"]), partial=True)
        assert told(events) == ["plan", "change-started A", "change-done A created", "result partial 3"]
        assert events[-1].document()["left"] == ("variable:B@*", "variable:C@*")

    def test_with_partial_and_nothing_else_to_do_it_is_refused(self, machine: Machine) -> None:
        assert told(applied(machine, self.blocked, partial=True))[-1] == "result refused 1"

    def test_a_blocked_change_that_stands_already_holds_nothing_back(self, machine: Machine) -> None:
        unchanged = a_change("B", "unchanged", blocked=Blocked("maintainer", "platform/base"))
        assert told(applied(machine, A, unchanged))[-1] == "result done 0"


def names(changes: tuple[Change, ...]) -> str:
    return "".join(change.id[len("variable:")] for change in changes)


def test_what_needs_something_held_is_left_out_directly_or_not() -> None:
    changes = [a_change("A"), a_change("B", needs=["A"]), a_change("C", needs=["B"]), a_change("D")]
    assert names(without(changes, {"variable:A@*"})) == "D"
    assert names(without(changes, {"variable:C@*"})) == "ABD"
    assert names(without(changes, set())) == "ABCD"


def test_a_deploy_token_is_not_made_when_nobody_could_keep_its_secret() -> None:
    """Its secret is shown once: without the variables that store it the token would be an orphan."""
    token = Change("deploy-token:p/t", "deploy-token", "create", "p", "token")
    user, secret, auth = (
        Change(f"variable:{name}@*", "variable", "create", "q", name, needs=(token.id,))
        for name in ("USER", "TOKEN", "AUTH")
    )
    for held in (user, secret, auth):
        assert without([token, user, secret, auth], {held.id}) == ()
    special = Change("deploy-token:p/gitlab-deploy-token", "deploy-token", "create", "p", "GitLab keeps it")
    assert without([special, a_change("A")], {"variable:A@*"}) == (special,)


def test_files_fall_with_the_commit_that_would_carry_them() -> None:
    inputs = {"via": "commit:setup"}
    first, second = (Change(f"file:{name}", "file", "create", name, name, inputs=inputs) for name in ("a", "b"))
    commit = Change("commit:setup", "commit", "create", "acme/app", "commit", inputs=inputs)
    assert without([A, first, second, commit], {commit.id}) == (A,)
    assert without([A, first, second, commit], {first.id}) == (A, second, commit)


def test_files_of_one_delivery_stand_or_fall_together(machine: Machine) -> None:
    first, second = (
        Change(f"file:{name}", "file", "create", name, name, inputs={"via": "work-tree"}) for name in ("a", "b")
    )
    assert [len(group) for group in together([A, first, second, B])] == [1, 2, 1]
    machine.kind.acts["file:a"] = [REJECTED]
    events = applied(machine, first, second)
    assert told(events)[-2:] == ["change-failed file:b rejected", "result failed 1"]
    assert not any(event.name == "change-done" for event in events)


def test_the_file_that_stands_in_the_way_of_all_is_the_one_that_failed(machine: Machine) -> None:
    first, second = (
        Change(f"file:{name}", "file", "create", name, name, inputs={"via": "work-tree"}) for name in ("a", "b")
    )
    machine.kind.seen["file:a"] = [WizardError("cannot-write", "a is not a file")]
    failed = [event for event in applied(machine, first, second) if isinstance(event, ChangeFailed)]
    assert [event.id for event in failed] == ["file:a"]


def test_only_the_files_that_are_not_there_yet_are_written(machine: Machine) -> None:
    first, second = (
        Change(f"file:{name}", "file", "create", name, name, inputs={"via": "work-tree"}) for name in ("a", "b")
    )
    machine.kind.seen["file:a"] = [Seen.AS_WANTED]
    assert told(applied(machine, first, second))[3:5] == ["change-done file:a already", "change-done file:b created"]
    assert [line for line in machine.kind.log if line.startswith("perform")] == ["perform file:b"]


def test_a_second_apply_on_the_project_is_refused_and_changes_nothing(machine: Machine) -> None:
    with machine.journal.alone():
        events = applied(machine, A)
    assert told(events) == ["plan", "change-failed A in-use", "result failed 1"]
    assert machine.kind.log == []


def test_the_lock_is_free_after_a_front_end_went_away_midway(machine: Machine) -> None:
    events = machine.applying(stop=NoWait()).run(a_plan(A, B))
    assert [next(events).name for _ in range(3)] == ["plan", "change-started", "change-done"]
    events.close()  # type: ignore[attr-defined]  # the iterator is a generator
    with machine.journal.alone():
        assert journalled(machine)[-1] == "done A created"


def test_a_journal_that_cannot_be_written_ends_it_before_the_act(machine: Machine, tmp_path: Path) -> None:
    machine.folder = tmp_path / "file"
    machine.folder.write_text("no folder")
    assert told(applied(machine, A)) == ["plan", "change-failed A journal", "result failed 1"]
    assert machine.kind.log == []


def test_a_journal_that_fills_up_after_an_act_says_that_something_was_changed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise WizardError("journal", "No space left on device")

    def silent(*_: Any) -> list[Outcome]:
        return [Outcome("created")]  # as files do: no write of GitLab's

    monkeypatch.setattr(type(machine.journal), "done", full)
    monkeypatch.setattr(Scripted, "perform", silent)
    assert told(applied(machine, A))[-2:] == ["change-failed A journal", "result failed 3"]
