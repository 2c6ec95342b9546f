"""The plan as a value: ordered, frozen changes that are previewed, applied and undone as they stand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal[
    "registry",
    "variable",
    "deploy-token",
    "job-token-scope",
    "job-token-allowlist",
    "cleanup-policy",
    "protection-rule",
    "file",
    "commit",
    "merge-request",
]
Action = Literal["create", "update", "delete", "unchanged"]
ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "unchanged")

UNKNOWN: Mapping[str, Any] = {"unknown": True}
"""`before` of a change whose present state may not be read with this role."""
KNOWN_AFTER_APPLY = "(known after apply)"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A change that this token's owner may not make: the role it needs, and the project where."""

    needs: str
    on: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a change will not be made as things stand, and what to do about it."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs (or not) between what is there and what is wanted.

    `before` and `after` use GitLab's field names and hold no secret. `expects` says what must still be there just
    before acting (ids, flags, blob ids); `inputs` holds what acting needs: references to secrets, whole file contents.
    """

    id: str
    kind: Kind
    action: Action
    target: str
    summary: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    diff: str | None = None
    needs: tuple[str, ...] = ()
    expects: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    blocked: Blocked | None = None
    conflict: Conflict | None = None
    step: str = ""
    """The key of the question (or the section of the answers) that caused it."""

    @property
    def pending(self) -> bool:
        """Whether applying would write something."""
        return self.action != "unchanged"

    @property
    def held(self) -> bool:
        """Whether something stands in the way of applying it."""
        return self.pending and bool(self.blocked or self.conflict)

    def document(self) -> dict[str, Any]:
        """Return the change as it is printed (`interfaces`: format 1)."""
        document: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "action": self.action,
            "target": self.target,
            "summary": self.summary,
            "before": self.before,
            "after": self.after,
            "diff": self.diff,
            "needs": list(self.needs),
            "expects": dict(self.expects),
            "inputs": dict(self.inputs),
            "step": self.step,
        }
        if self.blocked:
            document["blocked"] = {"needs": self.blocked.needs, "on": self.blocked.on}
        if self.conflict:
            document["conflict"] = asdict(self.conflict)
        return document


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before applying; `code` is stable."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to prove once the changes stand: that a credential is granted exactly what it is for.

    `form`: `gitlab-grant` asks GitLab's token endpoint, `registry-grant` another registry's, `active-token` and
    `allowlist` look at what GitLab lists. `username` and `password` are inputs as those of a change; both empty: the
    caller's own token.
    """

    id: str
    form: Literal["gitlab-grant", "registry-grant", "active-token", "allowlist"]
    place: str
    """The registry's host, or the full path of the GitLab project."""
    project_id: int = 0
    repository: str = ""
    actions: str = "pull"
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change for one project, in the order in which they are made."""

    project: str
    project_id: int
    url: str
    changes: tuple[Change, ...] = ()
    warnings: tuple[Notice, ...] = ()
    checks: tuple[Check, ...] = ()
    secrets: tuple[str, ...] = ()
    """References of the local secrets that applying reads, in the order of the plan."""

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that would write something."""
        return tuple(change for change in self.changes if change.pending)

    @property
    def blocked(self) -> tuple[Change, ...]:
        """The pending changes that the role is too low for."""
        return tuple(change for change in self.pending if change.blocked)

    @property
    def counts(self) -> dict[str, int]:
        """How many changes each action has."""
        return {action: sum(change.action == action for change in self.changes) for action in ACTIONS}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the project's id, the URL and the changes as printed."""
        printed = [self.project_id, self.url, [change.document() for change in self.changes]]
        return hashlib.sha256(json.dumps(printed, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
