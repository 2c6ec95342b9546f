"""Kinds of changes that do what a test says, for an apply or an undo without any GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from wizard.apply import Applying
from wizard.change import Change, Plan
from wizard.changes.kind import Hands, Left, Outcome, Seen
from wizard.events import Event
from wizard.gateways.gitlab import Api
from wizard.journal import Journal
from wizard.undo import Undoing, last_run, plan_undo

URL = "https://gitlab.example.com"
Does = Callable[[], Any]


def ticking() -> Callable[[], datetime]:
    """A clock that moves one second at each look."""
    seconds = iter(range(3600))
    return lambda: datetime.fromtimestamp(1_795_000_000 + next(seconds), UTC)


@dataclass
class Counter:
    """What stands for GitLab: it counts writes."""

    writes: int = 0


@dataclass
class Scripted:
    """A kind whose observations and acts come from a script, by change id; what is not named goes well."""

    seen: dict[str, list[Any]] = field(default_factory=dict)
    acts: dict[str, list[Any]] = field(default_factory=dict)
    reverts: dict[str, list[Any]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def observe(self, change: Change, hands: Hands) -> Seen:  # noqa: ARG002  # as every kind
        self.log.append(f"observe {change.id}")
        return cast("Seen", _next(self.seen, change.id, Seen.AS_EXPECTED))

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:  # noqa: ARG002  # as every kind
        return {"foreseen": change.id}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        self.log.extend(f"perform {change.id}" for change in changes)
        return [_outcome(change, hands, _next(self.acts, change.id, None)) for change in changes]

    def revert(
        self,
        change: Change,
        undo: Mapping[str, Any],
        hands: Hands,  # noqa: ARG002  # as every kind
    ) -> Left | None:
        self.log.append(f"revert {change.id} {dict(undo)}")
        said = _next(self.reverts, change.id, None)
        return Left(said) if isinstance(said, str) else cast("Left | None", said)


def _next(script: dict[str, list[Any]], name: str, default: Any) -> Any:
    said = script[name].pop(0) if script.get(name) else default
    if isinstance(said, Exception):
        raise said
    return said() if callable(said) else said


def _outcome(change: Change, hands: Hands, said: Any) -> Outcome:
    cast("Any", hands.api).writes += 1
    if isinstance(said, Outcome):
        return said
    return Outcome({"create": "created", "update": "updated", "delete": "deleted"}[change.action], {"of": change.id})  # type: ignore[arg-type]  # a Result, by action


def a_change(name: str, action: str = "create", **fields: Any) -> Change:
    """A change with the id `variable:NAME@*`; `A` stands for it in `needs`."""
    needs = tuple(f"variable:{other}@*" for other in fields.pop("needs", ()))
    document = {"kind": "variable", "action": action, "target": "acme/app", "summary": f"set {name}", **fields}
    return Change(id=f"variable:{name}@*", needs=needs, **document)


def a_plan(*changes: Change) -> Plan:
    """A plan of these changes."""
    return Plan("acme/app", 10, URL, changes)


@dataclass
class Machine:
    """One machine with a journal, applying with scripted kinds."""

    folder: Path
    kind: Scripted = field(default_factory=Scripted)
    api: Counter = field(default_factory=Counter)

    @property
    def journal(self) -> Journal:
        return Journal(URL, 10, self.folder)

    def hands(self) -> Hands:
        return Hands(cast("Api", self.api))

    def applying(self, **given: Any) -> Applying:
        return Applying(self.hands(), self.journal, ticking(), **given)

    def undo(self, **given: Any) -> Iterator[Event]:
        """Take the last apply back."""
        run = last_run(self.journal)
        return Undoing(self.hands(), self.journal, ticking(), **given).run(run, plan_undo(run, a_plan()))


def told(events: Sequence[Event]) -> list[str]:
    """Each event in a few words: `change-done A created`."""
    words = []
    for event in events:
        document = event.document()
        name = str(document.get("id", "")).removeprefix("variable:").removesuffix("@*")
        rest = [str(document[key]) for key in ("result", "code", "seconds", "status", "exit") if key in document]
        words.append(" ".join(part for part in (event.name, name, *rest) if part))
    return words
