"""Delivery through the API: the plan's files as one commit on a branch, and the merge request for it.

Source: GitLab's commits and merge requests APIs. A commit is all or nothing; `last_commit_id` guards each updated file.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from wizard.change import Change
from wizard.changes.file import check_sources, content_of
from wizard.changes.kind import Hands, Left, Outcome, Seen, moved
from wizard.gateways.gitlab import Api, NotFoundError, RejectedError, encoded

TRAILER = "Registry-Wizard-Files"
"""Trailer of our commits; its value is a digest of the files, by which a commit is found again."""


class Commits:
    """Commits the files that are delivered with it."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Compare the branch's head with what the plan saw."""
        branch = _branch(change, hands.api)
        if branch is not None and trailer(change) in branch["commit"].get("message", ""):
            return Seen.AS_WANTED
        if (branch["commit"]["id"] if branch else None) != change.expects["head"]:
            raise moved(change, "the branch moved")
        check_sources(change, partial(_blob, change, hands.api))
        return Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Our commit is found again by its trailer; a file of it needs nothing of its own."""
        return {"previous": change.expects["head"]} if change.kind == "commit" else {}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Commit all files at once; `changes` are the files and, last, the commit itself."""
        *files, commit = changes
        body = {
            "branch": commit.inputs["branch"],
            "commit_message": f"{commit.inputs['message']}\n\n{trailer(commit)}\n",
            "actions": [_action(change) for change in files],
        }
        if commit.expects["head"] is None:
            body["start_branch"] = commit.inputs["start_branch"]
        try:
            answer = hands.api.send("post", f"/projects/{commit.expects['project_id']}/repository/commits", body)
        except RejectedError as error:
            if _is_conflict(error.message):
                raise moved(commit, f"the branch or a file changed ({error.message})") from error
            raise
        made = Outcome(
            "created" if commit.expects["head"] is None else "updated",
            {"head": answer["id"], "previous": commit.expects["head"]},
        )
        return [*(Outcome("created" if change.action == "create" else "updated") for change in files), made]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Delete the branch that we made, if nobody committed to it since."""
        if change.kind == "file":
            return None
        branch = _branch(change, hands.api)
        if branch is None:
            return None
        commit = branch["commit"]
        ours = commit["id"] == undo["head"] if "head" in undo else trailer(change) in commit.get("message", "")
        if not ours and "head" not in undo and commit["id"] == undo["previous"]:
            return None
        if undo["previous"] is not None:
            return Left(f"{change.id}: the branch was there before; revert our commit in it by hand", lost=True)
        if not ours:
            return Left(f"{change.id}: the branch holds other commits; revert ours by hand")
        path = f"/projects/{change.expects['project_id']}/repository/branches/{encoded(change.inputs['branch'])}"
        hands.api.send("delete", path)
        return None


class MergeRequests:
    """Opens the merge request."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Look for an open one from the same source to the same target."""
        return Seen.AS_WANTED if self._open(change, hands) else Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """None was open just before; ours is found again by its branches."""
        return {}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Open it; one that somebody opened a moment ago is what we want."""
        (change,) = changes
        path = f"/projects/{change.expects['project_id']}/merge_requests"
        try:
            answer = hands.api.send("post", path, {**change.inputs, "remove_source_branch": True})
        except RejectedError as error:
            if error.status == 409:
                return [Outcome("already")]
            raise
        return [Outcome("created", {"iid": answer["iid"], "web_url": answer.get("web_url")})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Close it; one that was merged is part of its target now."""
        at = f"/projects/{change.expects['project_id']}/merge_requests"
        numbers = [undo["iid"]] if "iid" in undo else [found["iid"] for found in self._open(change, hands)]
        for iid in numbers:
            state = hands.api.get(f"{at}/{iid}")["state"]
            if state == "merged":
                target = change.inputs["target_branch"]
                return Left(f"{change.id}: it was merged; revert !{iid} in {target} by hand", lost=True)
            if state == "opened":
                hands.api.send("put", f"{at}/{iid}", {"state_event": "close"})
        return None

    def _open(self, change: Change, hands: Hands) -> list[Any]:
        return hands.api.rows(
            f"/projects/{change.expects['project_id']}/merge_requests",
            state="opened",
            source_branch=change.inputs["source_branch"],
            target_branch=change.inputs["target_branch"],
        )


def trailer(change: Change) -> str:
    """Return the line by which our commit is found again."""
    return f"{TRAILER}: {change.inputs['files_digest']}"


def _branch(change: Change, api: Api) -> Mapping[str, Any] | None:
    path = f"/projects/{change.expects['project_id']}/repository/branches/{encoded(change.inputs['branch'])}"
    try:
        branch: Mapping[str, Any] = api.get(path)
    except NotFoundError:
        return None
    return branch


def _blob(change: Change, api: Api, path: str) -> str | None:
    """Return the blob id of a file where the commit will be made, None where there is none."""
    branch = change.inputs["branch" if change.expects["head"] else "start_branch"]
    try:
        found = api.get(f"/projects/{change.expects['project_id']}/repository/files/{encoded(path)}", ref=branch)
    except NotFoundError:
        return None
    return str(found["blob_id"])


def _action(change: Change) -> dict[str, Any]:
    action = {
        "action": change.action,
        "file_path": change.target,
        "content": base64.b64encode(content_of(change)).decode(),
        "encoding": "base64",
    }
    if change.expects.get("last_commit_id"):
        action["last_commit_id"] = change.expects["last_commit_id"]
    return action


def _is_conflict(message: str) -> bool:
    words = ("already exists", "doesn't exist", "has changed since you started editing")
    return any(word in message for word in words)
