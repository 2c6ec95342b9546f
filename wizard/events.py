"""What happens during an apply or an undo, as values that every front end shows in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

Result = Literal["created", "updated", "deleted", "already"]
Status = Literal["done", "nothing", "partial", "refused", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened `at` a moment (UTC)."""

    name: ClassVar[str] = ""
    at: datetime

    def document(self) -> dict[str, Any]:
        """Return the event as one line of `apply --format json`."""
        return {"format": 1, "event": self.name, **asdict(self), "at": self.at.isoformat(timespec="milliseconds")}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStarted(Event):
    """Applying begins."""

    name: ClassVar[str] = "plan"
    counts: Mapping[str, int]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStarted(Event):
    """A change is about to be checked and made."""

    name: ClassVar[str] = "change-started"
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDone(Event):
    """A change stands; `already`: it stood before we acted."""

    name: ClassVar[str] = "change-done"
    id: str
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFailed(Event):
    """A change could not be made; nothing after it was tried."""

    name: ClassVar[str] = "change-failed"
    id: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """The server asked for patience, or did not answer; the change is looked at again afterwards."""

    name: ClassVar[str] = "waiting"
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Event):
    """A check of the result; `id` is the change or the check it belongs to."""

    name: ClassVar[str] = "verified"
    id: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Event):
    """Always last: how it ended, with the exit code, what was done and what is left."""

    name: ClassVar[str] = "result"
    status: Status
    exit: int
    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
