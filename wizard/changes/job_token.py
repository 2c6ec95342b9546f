"""Who may come into a project with a CI_JOB_TOKEN: the switch and the allowlist of the project that is accessed.

Source: GitLab's job token scope API. Its POST and DELETE routes take numeric ids only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.change import Change
from wizard.changes.kind import Hands, Left, Outcome, Seen, moved
from wizard.errors import WizardError
from wizard.gateways.gitlab import RejectedError


def _path(change: Change, rest: str = "") -> str:
    return f"/projects/{change.expects['project_id']}/job_token_scope{rest}"


class Switch:
    """The source project's job-token scope, which is only ever switched on."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Read the switch; GitLab names it `inbound_enabled` when read."""
        on = hands.api.get(_path(change))["inbound_enabled"]
        return Seen.AS_WANTED if on else Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """It is off, or there would be nothing to do."""
        return {"enabled": False}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Switch it on; GitLab names it `enabled` when written, and answers nothing."""
        (change,) = changes
        hands.api.send("patch", _path(change), {"enabled": True})
        if self.observe(change, hands) is not Seen.AS_WANTED:
            raise WizardError("not-kept", f"{change.id}: GitLab accepted the change and did not make it", "Run again.")
        return [Outcome("updated", {"enabled": False})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Switch it off again, unless the instance enforces it."""
        try:
            hands.api.send("patch", _path(change), {"enabled": undo["enabled"]})
        except RejectedError as error:
            return Left(f"{change.id}: {error.message}")
        return None


class Allowlist:
    """Our project's entry on a source's allowlist, by numeric id."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Look for the entry."""
        there = change.inputs["target_project_id"] in {
            entry["id"] for entry in hands.api.rows(_path(change, "/allowlist"))
        }
        return Seen.AS_WANTED if there == (change.action != "delete") else Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """The entry is its id: nothing else is needed."""
        return {}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Add or remove the entry; one that somebody added a moment ago is what we want."""
        (change,) = changes
        target = change.inputs["target_project_id"]
        if change.action == "delete":
            hands.api.send("delete", _path(change, f"/allowlist/{target}"))
            return [Outcome("deleted", {})]
        try:
            _ = hands.api.send("post", _path(change, "/allowlist"), {"target_project_id": target})["target_project_id"]
        except RejectedError as error:
            if "already in the job token allowlist" in error.message:
                return [Outcome("already", {})]
            if "exceeds the allowable number" in error.message:
                raise moved(change, "the allowlist became full") from error
            raise
        return [Outcome("created", {})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Remove an entry that we added, or add one that we removed (`undo` holds nothing: the entry is its id)."""
        target = change.inputs["target_project_id"]
        there = self.observe(change, hands) is (Seen.AS_WANTED if change.action != "delete" else Seen.AS_EXPECTED)
        if change.action == "delete" and not there:
            hands.api.send("post", _path(change, "/allowlist"), {"target_project_id": target})
        if change.action != "delete" and there:
            hands.api.send("delete", _path(change, f"/allowlist/{target}"))
        return None
