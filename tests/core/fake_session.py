"""A session without GitLab: it plans what it is told to, and remembers what it was asked."""

from __future__ import annotations

import os
import signal
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Stop
from typing import Any

from wizard.answers import Answers
from wizard.change import Change, Plan
from wizard.discover import Connection
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, Verified
from wizard.lint import Verdict
from wizard.planning.options import PlanOptions
from wizard.secret import Secret
from wizard.state import Identity, Instance
from wizard.target import Target

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CREATE = Change("variable:A@*", "variable", "create", "acme/app", "variable A", after={"key": "A"})
SECOND = Change("variable:B@*", "variable", "create", "acme/app", "variable B", after={"key": "B"})
UNCHANGED = Change("registry:acme/app", "registry", "unchanged", "acme/app", "registry: on")


def plan_of(*changes: Change, secrets: tuple[str, ...] = ()) -> Plan:
    return Plan("acme/app", 10, "https://gitlab.example.com", changes, secrets=secrets)


@dataclass
class FakeSession:
    """What every session of a test does; the instances share it."""

    planned: Plan = field(default_factory=lambda: plan_of(CREATE, SECOND, UNCHANGED))
    lint: Verdict | None = None
    undo: Plan = field(default_factory=plan_of)
    verdicts: tuple[bool, ...] = (True,)
    fails: Exception | None = None
    """Raised when discovering."""
    before: Callable[[], None] = lambda: None
    """Runs before anything is read."""
    between: Callable[[], None] = lambda: None
    """Runs while a change is under way."""
    refuses: list[Exception] = field(default_factory=list)
    """Raised when connecting, one after the other."""
    failures: int = 0
    """How many applies fail after their first change."""
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def module(self) -> types.ModuleType:
        module = types.ModuleType("wizard.session")
        module.Session = self.opened  # type: ignore[attr-defined]
        return module

    def opened(self, target: Target, token: Secret, **given: Any) -> _Opened:
        self.calls.append(("open", (target, token.reveal(), given)))
        return _Opened(self)

    def called(self, name: str) -> Any:
        """Return what the last call of that name was given."""
        return next(given for called, given in reversed(self.calls) if called == name)

    def count(self, name: str) -> int:
        return sum(called == name for called, _ in self.calls)


class _Opened:
    def __init__(self, fake: FakeSession) -> None:
        self.fake = fake

    def connect(self) -> Connection:
        if self.fake.refuses:
            raise self.fake.refuses.pop(0)
        return Connection(Instance("https://gitlab.example.com", (19, 5), "19.5.0-ee"), Identity(3, "maint"))

    def look_up(self, state: str, _: object) -> str:
        return state

    def discover(self, answers: Answers, secrets: Mapping[str, Secret]) -> str:
        self.fake.before()
        self.fake.calls.append(("discover", (answers, {name: value.reveal() for name, value in secrets.items()})))
        if self.fake.fails:
            raise self.fake.fails
        return "state"

    def plan(self, answers: Answers, _: str, options: PlanOptions, answers_text: str | None) -> Plan:
        self.fake.calls.append(("plan", (answers, options, answers_text)))
        return self.fake.planned

    def lint(self, _: Plan, __: str) -> Verdict | None:
        return self.fake.lint

    def apply(self, plan: Plan, secrets: Mapping[str, Secret], *, partial: bool, stop: Stop) -> Iterator[Event]:
        self.fake.calls.append(("apply", (plan, {name: value.reveal() for name, value in secrets.items()}, partial)))
        if any(change.held for change in plan.pending) and not partial:
            yield Finished(at=AT, status="refused", exit=1, left=tuple(change.id for change in plan.pending))
            return
        if self.fake.failures:
            self.fake.failures -= 1
            yield from _one_and_no_more(plan)
            return
        yield from self._all(plan, stop)

    def undo_plan(self, _: Answers) -> Plan:
        return self.fake.undo

    def undo(self, plan: Plan, *, stop: Stop) -> Iterator[Event]:
        self.fake.calls.append(("undo", plan))
        yield from self._all(plan, stop)

    def verify(self, _: Plan, __: Mapping[str, Secret]) -> Iterator[Verified]:
        for number, ok in enumerate(self.fake.verdicts):
            yield Verified(at=AT, id=f"check-{number}", ok=ok, message="checked")

    def close(self) -> None:
        self.fake.calls.append(("close", None))

    def _all(self, plan: Plan, stop: Stop) -> Iterator[Event]:
        done: list[str] = []
        for change in plan.pending:
            if stop.is_set():
                yield Finished(at=AT, status="interrupted", exit=3 if done else 130, done=tuple(done))
                return
            yield ChangeStarted(at=AT, id=change.id)
            self.fake.between()
            done.append(change.id)
            yield ChangeDone(at=AT, id=change.id, result="created")
        yield Finished(at=AT, status="done" if done else "nothing", exit=0, done=tuple(done))


def _one_and_no_more(plan: Plan) -> Iterator[Event]:
    first, second, *rest = plan.pending
    yield ChangeStarted(at=AT, id=first.id)
    yield ChangeDone(at=AT, id=first.id, result="created")
    yield ChangeStarted(at=AT, id=second.id)
    yield ChangeFailed(at=AT, id=second.id, code="rejected", message="GitLab: 400 value is invalid", hint="Look at it.")
    left = tuple(change.id for change in (second, *rest))
    yield Finished(at=AT, status="failed", exit=3, done=(first.id,), left=left)


def signalled(*numbers: signal.Signals) -> Callable[[], None]:
    """Return a function that sends these signals to this process, once."""
    left = list(numbers)

    def send() -> None:
        while left:
            os.kill(os.getpid(), left.pop(0))

    return send


ANSWERS = ".gitlab/registry-wizard.yml"


def write_answers(repo: Path, text: str = "version: 1\n") -> str:
    (repo / ".gitlab").mkdir(exist_ok=True)
    (repo / ANSWERS).write_text(text)
    return text
