"""A deploy token. GitLab shows its secret once, cannot rotate it, and lets two share a name.

Source: GitLab's deploy tokens API.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wizard.change import KNOWN_AFTER_APPLY, Change
from wizard.changes.kind import Hands, Left, Outcome, Seen, moved
from wizard.errors import WizardError
from wizard.gateways.gitlab import Api, NotFoundError
from wizard.secret import Secret

SPECIAL_NAME = "gitlab-deploy-token"
"""GitLab exposes a token of exactly this name to jobs as CI_DEPLOY_USER and CI_DEPLOY_PASSWORD."""


_SOMEBODY = "somebody created a token of this name"


class DeployTokens:
    """Creates a token, after revoking those whose secret nobody holds; or only revokes them."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Check that no token of the name appeared since the plan; one that is already there is never made again."""
        present = {token["id"] for token in _named(change, hands.api)}
        known = set(change.expects["ids"])
        if not _makes_one(change):
            return Seen.AS_EXPECTED if present & set(change.inputs["revoke"]) else Seen.AS_WANTED
        if present - known and change.id not in hands.uncertain:
            raise moved(change, _SOMEBODY)
        return Seen.AS_WANTED if present - known and handed_to_jobs(change) else Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Ours is found again among those of its name: it was not there before."""
        return {"before": list(change.expects["ids"])} if _makes_one(change) else {}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Revoke what nobody can use, create, and keep the secret in memory for the changes that need it.

        Where another machine made one of the name in the same instant, and first, ours is revoked again.
        """
        (change,) = changes
        revoked = {*change.inputs.get("revoke", ()), *self._lost(change, hands)}
        for token_id in revoked:
            _revoke(change, token_id, hands.api)
        if not _makes_one(change):
            return [Outcome("deleted" if change.action == "delete" else "updated", {"revoked": sorted(revoked)})]
        after = change.after or {}
        body = {name: after[name] for name in ("name", "scopes", "expires_at") if after.get(name) is not None}
        token = hands.api.send("post", _path(change), body)
        hands.made[_own_id(change)] = Secret(str(token["id"]))
        if self._comes_second(change, token["id"], hands.api):
            _revoke(change, token["id"], hands.api)
            if handed_to_jobs(change):
                return [Outcome("already")]
            raise moved(change, _SOMEBODY)
        hands.made[f"{change.id}#username"] = Secret(token["username"])
        hands.made[f"{change.id}#token"] = Secret(token["token"])
        return [Outcome("updated" if change.action == "update" else "created", {"token_id": token["id"]})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Revoke the token that was created; a revoked one stays revoked."""
        if "token_id" in undo:
            _revoke(change, undo["token_id"], hands.api)
        elif "before" in undo:
            for token in _named(change, hands.api):
                if token["id"] not in undo["before"] and _as_planned(change, token):
                    _revoke(change, token["id"], hands.api)
        else:
            return Left(f"{change.id}: a revoked token cannot be brought back", lost=True)
        return None

    def _lost(self, change: Change, hands: Hands) -> set[int]:
        """Tokens that our own unanswered request may have made: nobody ever saw their secret."""
        if change.id not in hands.uncertain or not _makes_one(change):
            return set()
        if own := hands.made.get(_own_id(change)):
            return {int(own.reveal())}
        return {token["id"] for token in _named(change, hands.api)} - set(change.expects["ids"])

    def _comes_second(self, change: Change, token_id: int, api: Api) -> bool:
        """Whether a token of the name appeared since the plan, and before ours. Of two who make one, one gives way."""
        with contextlib.suppress(WizardError):  # what comes next in the plan notices most of it as well
            appeared = {token["id"] for token in _named(change, api)} - set(change.expects["ids"])
            return min(appeared, default=token_id) < token_id
        return False


def _makes_one(change: Change) -> bool:
    """Whether a token is made; else those that are named are revoked, and that is all."""
    return (change.after or {}).get("token") == KNOWN_AFTER_APPLY


def _own_id(change: Change) -> str:
    return f"{change.id}#id"


def _as_planned(change: Change, token: Mapping[str, Any]) -> bool:
    """Whether a token is like the one that we asked for: somebody else may have made one of the same name."""
    after = change.after or {}
    wanted = after.get("expires_at")
    return token["scopes"] == after.get("scopes") and expiry(token.get("expires_at")) == expiry(wanted)


def handed_to_jobs(change: Change) -> bool:
    """Whether GitLab itself gives the token's secret to jobs, so that nobody has to keep it."""
    return bool((change.after or {}).get("name") == SPECIAL_NAME)


def _path(change: Change, token_id: int | None = None) -> str:
    return f"/projects/{change.expects['project_id']}/deploy_tokens" + (f"/{token_id}" if token_id else "")


def _named(change: Change, api: Api) -> list[Mapping[str, Any]]:
    name = (change.after or change.before or {})["name"]
    return [token for token in api.rows(_path(change), active=True) if token["name"] == name]


def _revoke(change: Change, token_id: int, api: Api) -> None:
    try:
        api.send("delete", _path(change, token_id))
    except NotFoundError:
        return


def expiry(text: str | None) -> date | None:
    """Read `expires_at` in the forms that GitLab gives it; None: never."""
    return date.fromisoformat(text[:10]) if text else None
