"""The journal: what an apply intended and what came of it, line by line, so that the next run knows where it stands.

It lies in the platform's state folder, per URL and project id, readable by its owner only, and holds no secret.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wizard.change import Action, Change, Plan
from wizard.changes.kind import BEFORE_UNKNOWN, Outcome
from wizard.errors import WizardError
from wizard.events import Result
from wizard.state import Remembered

_FORMAT = 1
_FIELDS: Mapping[str, Mapping[str, type]] = {
    "begin": {"changes": list},
    "intend": {"id": str},
    "refused": {"id": str},
    "done": {"id": str, "result": str, "undo": dict},
    "undone": {"id": str},
    "left": {"id": str, "lost": bool},
    "end": {"status": str},
}
"""What a line of each kind must hold; any other line is none of ours, or was cut off."""
_CHANGE_FIELDS: Mapping[str, type] = {
    "id": str,
    "kind": str,
    "action": str,
    "inputs": dict,
    "expects": dict,
    "needs": list,
}
"""What each change of a beginning must hold."""
_UNCERTAIN = ""
"""The reference of a value that may or may not have been written."""
_ENDED = ("done", "partial")
"""How an apply ends that did all it was asked for."""
WOULD_BE: Mapping[Action, Result] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "unchanged": "already",
}
"""What comes of a change when it is made."""


def state_folder() -> Path:
    """Return the platform's folder for the program's state (XDG_STATE_HOME on Linux)."""
    import platformdirs  # noqa: PLC0415  # only commands that touch a project need it

    return platformdirs.user_state_path("registry-wizard", appauthor=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A change that was made: the change as it was planned, and what taking it back needs."""

    change: Mapping[str, Any]
    result: str
    undo: Mapping[str, Any]
    sure: bool = True
    """False: it was about to be made, and its outcome was never learnt."""


@dataclass(slots=True)
class Run:
    """One apply, as far as it came."""

    number: int = 0
    """Its place in the journal, from 0."""
    fingerprint: str = ""
    """Of its plan."""
    changes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    intended: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Changes that may have been made, with what taking them back would need as far as it was known before."""
    done: dict[str, Entry] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    left: dict[str, bool] = field(default_factory=dict)
    """Changes that an undo could not take back; True: nor can a later one."""
    status: str | None = None

    @property
    def open(self) -> tuple[str, ...]:
        """The changes that are not known to be made, in order; none once it came to its end, or was taken back."""
        if self.status in _ENDED or self.undone:
            return ()
        return tuple(name for name in self.changes if name not in self.done)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """The changes that were about to be made, and may have been."""
        made = {*self.done, *self.undone}
        return tuple(name for name in self.intended if name in self.changes and name not in made)

    @property
    def standing(self) -> tuple[Entry, ...]:
        """What was made, or may have been, and can still be taken back; newest first."""
        doubtful = {name: _doubtful(self.changes[name], self.intended[name]) for name in self.uncertain}
        every = {**self.done, **doubtful}
        return tuple(
            entry
            for name, entry in reversed(every.items())
            if entry.change and entry.result != "already" and name not in self.undone and not self.left.get(name)
        )

    @property
    def untried(self) -> bool:
        """Whether something of it stands that no undo has tried to take back."""
        return any(entry.change["id"] not in self.left for entry in self.standing)


class Journal:
    """The journal of one project."""

    def __init__(self, url: str, project_id: int, folder: Path | None = None) -> None:
        """Name the place; nothing is created before the first line."""
        host = (urlsplit(url).hostname or "gitlab").replace(":", "-")
        digest = hashlib.sha256(url.encode()).hexdigest()[:8]
        self.path = (folder or state_folder()) / f"{host}-{digest}" / str(project_id) / "journal.jsonl"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the project for one apply; a second one on this machine is refused. A kill releases it."""
        try:
            self._make_folder()
            lock = (self.path.parent / "lock").open("w")
        except OSError as error:
            raise self._unwritable(error) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise WizardError(
                    "in-use", "another apply on this project is running", "Wait for it to end, then run again."
                ) from None
            yield

    def begin(self, plan: Plan, at: datetime) -> int:
        """Write that an apply begins, with its changes (file contents are left out: git and GitLab hold them).

        Returns its place in the journal.
        """
        number = len(self.runs())
        self._write(at, do="begin", fingerprint=plan.fingerprint, changes=[_kept(change) for change in plan.pending])
        return number

    def intend(self, change: Change, at: datetime, undo: Mapping[str, Any] | None = None) -> None:
        """Write that a change is about to be made, and what taking it back would need as far as it is known."""
        self._write(at, do="intend", id=change.id, undo=dict(undo or {}))

    def refused(self, change_id: str, at: datetime) -> None:
        """Write that a change which was about to be made was surely not made."""
        self._write(at, do="refused", id=change_id)

    def done(self, change: Change, outcome: Outcome, at: datetime) -> None:
        """Write what came of a change."""
        self._write(at, do="done", id=change.id, result=outcome.result, undo=dict(outcome.undo))

    def undone(self, change_id: str, at: datetime, run: int | None = None) -> None:
        """Write that a change was taken back; without `run` that of the latest apply where it stands."""
        self._write(at, do="undone", id=change_id, run=run)

    def left(self, change_id: str, at: datetime, run: int, *, lost: bool) -> None:
        """Write that an undo had to leave a change as it is; `lost`: what was before is known to nobody."""
        self._write(at, do="left", id=change_id, run=run, lost=lost)

    def end(self, status: str, at: datetime) -> None:
        """Write how the apply ended."""
        self._write(at, do="end", status=status)

    def runs(self) -> list[Run]:
        """Read every apply, oldest first. A last line that a kill cut off is left out.

        WizardError where the journal cannot be read, or was written by a newer version: what that one made is then not
        known, and nothing may be planned upon it.
        """
        runs: list[Run] = []
        for record in self._records():
            if record["do"] == "begin":
                changes = {change["id"]: change for change in record["changes"]}
                runs.append(Run(len(runs), str(record.get("fingerprint", "")), changes))
            elif record["do"] in {"undone", "left"}:
                _take_back(runs, record)
            elif runs:
                _tell(runs[-1], record)
        return runs

    def remembered(self) -> Remembered:
        """Return what the planner needs of all earlier applies."""
        references: dict[str, str] = {}
        blobs: dict[str, str] = {}
        unstored: dict[str, tuple[int, ...]] = {}
        orphans: dict[str, tuple[int, ...]] = {}
        unfinished: tuple[str, ...] = ()
        for run in self.runs():
            for change_id, entry in run.done.items():
                if change_id in run.undone:
                    continue
                if entry.result == "deleted":
                    references.pop(change_id, None)
                elif isinstance(value := entry.change.get("inputs", {}).get("value"), str):
                    references[change_id] = value
                if blob := entry.undo.get("blob"):
                    blobs[change_id] = blob
            references |= {name: _UNCERTAIN for name in run.uncertain if _rewrites(run.changes.get(name, {}))}
            unfinished = run.open
            _follow_tokens(run, unstored, orphans)
        return Remembered(references=references, unstored=unstored, orphans=orphans, unfinished=unfinished, blobs=blobs)

    def _records(self) -> Iterator[Mapping[str, Any]]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise WizardError("journal", f"the journal {self.path} cannot be read: {error.strerror}") from None
        for line in text.split("\n"):
            with contextlib.suppress(ValueError):  # cut off, or a number of more digits than Python reads
                record = json.loads(line)
                if isinstance(record, dict) and _is_newer(record.get("format")):
                    raise self._newer()
                if isinstance(record, dict) and _is_ours(record):
                    yield record

    def _newer(self) -> WizardError:
        return WizardError(
            "journal",
            f"the journal {self.path} was written by a newer version of this program",
            "What that version made is not known here. Use that version, or a newer one.",
        )

    def _write(self, at: datetime, **record: Any) -> None:
        try:
            self._make_folder()
            line = json.dumps({"format": _FORMAT, "at": at.isoformat(), **record})
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab") as stream:
                os.fchmod(descriptor, 0o600)
                length = os.fstat(descriptor).st_size
                cut_off = length > 0 and os.pread(descriptor, 1, length - 1) != b"\n"
                stream.write(b"\n" * cut_off + line.encode() + b"\n")
                stream.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> WizardError:
        return WizardError(
            "journal",
            f"the journal {self.path} cannot be written: {error.strerror}",
            "Without it a crash could orphan a credential. Make its folder writable, or set XDG_STATE_HOME.",
        )

    def _make_folder(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _is_newer(format_: object) -> bool:
    return isinstance(format_, int) and format_ > _FORMAT


def _is_ours(record: Mapping[str, Any]) -> bool:
    fields = _FIELDS.get(str(record.get("do")))
    if fields is None or not _holds(record, fields):
        return False
    if not isinstance(record.get("run"), int | None) or not isinstance(record.get("undo", {}), dict):
        return False
    return all(isinstance(change, dict) and _holds(change, _CHANGE_FIELDS) for change in record.get("changes", ()))


def _holds(record: Mapping[str, Any], fields: Mapping[str, type]) -> bool:
    return all(isinstance(record.get(name), form) for name, form in fields.items())


def _kept(change: Change) -> dict[str, Any]:
    document = change.document()
    document["inputs"] = {name: value for name, value in document["inputs"].items() if name != "content"}
    document["diff"] = None
    return document


def _tell(run: Run, record: Mapping[str, Any]) -> None:
    match record["do"]:
        case "intend":
            run.intended.setdefault(record["id"], record.get("undo", BEFORE_UNKNOWN))
        case "refused":
            run.intended.pop(record["id"], None)
        case "done":
            run.done[record["id"]] = Entry(run.changes.get(record["id"], {}), record["result"], record["undo"])
        case "end":
            run.status = record["status"]


def _doubtful(change: Mapping[str, Any], undo: Mapping[str, Any]) -> Entry:
    return Entry(change, WOULD_BE[change["action"]], undo, sure=False)


def _take_back(runs: list[Run], record: Mapping[str, Any]) -> None:
    """Mark a change as taken back, or left, in the apply that is named, else in the latest where it stands."""
    change_id, number = record["id"], record.get("run")
    for run in reversed(runs) if number is None else runs[number : number + 1]:
        if (change_id in run.done or change_id in run.intended) and change_id not in run.undone:
            if record["do"] == "left":
                run.left[change_id] = bool(record["lost"])
            else:
                run.undone.add(change_id)
            return


def _rewrites(change: Mapping[str, Any]) -> bool:
    """Whether a change gives a new value to a variable that was there before."""
    return change.get("kind") == "variable" and change.get("action") == "update"


def _follow_tokens(run: Run, unstored: dict[str, tuple[int, ...]], orphans: dict[str, tuple[int, ...]]) -> None:
    """Track deploy tokens that were made, or may have been, and whose secret was never stored in a variable."""
    for change_id in run.intended:
        change = run.changes.get(change_id, {})
        if change.get("kind") != "deploy-token" or change.get("action") == "delete":
            continue
        keepers = [other["id"] for other in run.changes.values() if change_id in other.get("needs", ())]
        made = run.done[change_id].undo.get("token_id") if change_id in run.done else None
        if keepers and all(keeper in run.done and keeper not in run.undone for keeper in keepers):
            unstored.pop(change_id, None)
            orphans.pop(change_id, None)
        elif keepers and change_id not in run.undone and made is not None:
            orphans[change_id] = (*orphans.get(change_id, ()), made)
        elif keepers and change_id not in run.undone:
            unstored.setdefault(change_id, tuple(change.get("expects", {}).get("ids", ())))
