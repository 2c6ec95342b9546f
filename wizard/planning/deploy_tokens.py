"""Deploy tokens that a plan wants. Compared by name and scope; the secret of an existing one is never known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from wizard.change import KNOWN_AFTER_APPLY, UNKNOWN, Change, Check, Conflict, Notice
from wizard.changes.kind import MADE
from wizard.changes.project_settings import blocked_below
from wizard.decode import days_left
from wizard.state import DeployTokenState, Known, ProjectState, Role, State, Unknown

SOON = 30
"""Days; a token with less left is reported."""
SCOPE = "read_registry"


@dataclass(frozen=True, slots=True)
class TokenPlan:
    """What becomes of one token. `fresh`: its secret is known during apply."""

    change: Change
    notices: tuple[Notice, ...]
    fresh: bool

    @property
    def check(self) -> Check:
        """What proves it: a fresh one logs in, an old one is listed as active."""
        change = self.change
        if not self.fresh:
            return Check(change.id, "active-token", change.target, int(change.expects["project_id"]))
        return Check(
            change.id,
            "gitlab-grant",
            change.target,
            repository=change.target,
            username=f"{MADE}{change.id}#username",
            password=f"{MADE}{change.id}#token",
        )


@dataclass(frozen=True, slots=True)
class WantedToken:
    """A token as it should be: its name in a project, how long it lives, and why."""

    name: str
    project: ProjectState
    days: int
    purpose: str
    step: str
    stored: bool = True
    """Whether somebody holds the secret of one that exists (GitLab itself, or our variable)."""

    @property
    def id(self) -> str:
        """The id of its change."""
        return f"deploy-token:{self.project.path}/{self.name}"


def plan_token(wanted: WantedToken, tokens: Known[tuple[DeployTokenState, ...]], state: State) -> TokenPlan:
    """Plan a token: found again by name and scope; made where there is none that works and that somebody holds."""
    named = [] if isinstance(tokens, Unknown) else [token for token in tokens if token.name == wanted.name]
    active = [token for token in named if token.active(state.today)]
    usable = [token for token in active if SCOPE in token.scopes]
    before = state.remembered.unstored.get(wanted.id)
    orphans = state.remembered.orphans.get(wanted.id, ())
    lost = tuple(token.id for token in active if token.id in orphans or (before is not None and token.id not in before))
    held = [token for token in usable if token.id not in lost] if wanted.stored else []
    if held:
        newest = max(held, key=lambda token: token.expires_at or date.max)
        change = _revocation(wanted, newest, active, lost) if lost else _unchanged(wanted, newest)
        return TokenPlan(change, _expiry_notices(wanted, newest, state.today), fresh=False)
    change = _creation(wanted, tokens, active, lost, state.today)
    return TokenPlan(change, _creation_notices(wanted, active, lost), fresh=True)


def _unchanged(wanted: WantedToken, token: DeployTokenState) -> Change:
    shown = _shown(wanted.name, token.scopes, token.expires_at) | {"id": token.id, "username": token.username}
    until = f"until {token.expires_at}" if token.expires_at else "without an end"
    return Change(
        id=wanted.id,
        kind="deploy-token",
        action="unchanged",
        target=wanted.project.path,
        summary=f"deploy token {wanted.name}, {until}: {wanted.purpose}",
        before=shown,
        after=shown,
        expects={"project_id": wanted.project.id},
        step=wanted.step,
    )


def _revocation(
    wanted: WantedToken, held: DeployTokenState, active: list[DeployTokenState], lost: tuple[int, ...]
) -> Change:
    """Revoke what an apply of ours made and stored nowhere: another machine stored one of the name before us."""
    unchanged = _unchanged(wanted, held)
    return replace(
        unchanged,
        action="update",
        summary=f"{unchanged.summary}; revokes {len(lost)} of that name whose secret nobody holds",
        before={"name": wanted.name, "ids": [token.id for token in active]},
        after={"name": wanted.name, "ids": [token.id for token in active if token.id not in lost]},
        expects={**unchanged.expects, "ids": [token.id for token in active]},
        inputs={"revoke": list(lost)},
        blocked=blocked_below(Role.MAINTAINER, wanted.project),
    )


def _creation(
    wanted: WantedToken,
    tokens: Known[tuple[DeployTokenState, ...]],
    active: list[DeployTokenState],
    lost: tuple[int, ...],
    today: date,
) -> Change:
    expires_at = today + timedelta(days=wanted.days)
    unknown = isinstance(tokens, Unknown)
    taken = [token for token in active if token.id not in lost and wanted.stored]
    gone = f"; revokes {len(lost)} whose secret nobody holds" if lost else ""
    return Change(
        id=wanted.id,
        kind="deploy-token",
        action="update" if lost else "create",
        target=wanted.project.path,
        summary=f"deploy token {wanted.name} ({SCOPE}, until {expires_at}): {wanted.purpose}{gone}",
        before=UNKNOWN if unknown else {"ids": list(lost)} if lost else None,
        after={**_shown(wanted.name, (SCOPE,), expires_at), "username": KNOWN_AFTER_APPLY, "token": KNOWN_AFTER_APPLY},
        expects={"project_id": wanted.project.id, "ids": [token.id for token in active]},
        inputs={"revoke": list(lost)},
        blocked=blocked_below(Role.MAINTAINER, wanted.project),
        conflict=Conflict(
            "deploy-token-name-taken",
            f"an active deploy token of that name exists without the scope {SCOPE}; GitLab would hand out either",
            "Revoke or replace it in Settings > Repository > Deploy tokens.",
        )
        if taken
        else None,
        step=wanted.step,
    )


def _shown(name: str, scopes: tuple[str, ...], expires_at: date | None) -> dict[str, object]:
    return {"name": name, "scopes": list(scopes), "expires_at": expires_at.isoformat() if expires_at else None}


def _expiry_notices(wanted: WantedToken, token: DeployTokenState, today: date) -> tuple[Notice, ...]:
    left = days_left(token.expires_at, today)
    if left is None or left > SOON:
        return ()
    return (
        Notice(
            "expires-soon",
            f"the deploy token {wanted.name} of {wanted.project.path} works for {left} more days",
            "Revoke it in Settings > Repository > Deploy tokens and apply again: a new one is made and stored.",
        ),
    )


def _creation_notices(wanted: WantedToken, active: list[DeployTokenState], lost: tuple[int, ...]) -> tuple[Notice, ...]:
    older = [token.id for token in active if token.id not in lost]
    if wanted.stored or not older:
        return ()
    ids = ", ".join(str(token_id) for token_id in older)
    return (
        Notice(
            "older-token",
            f"{wanted.project.path} has another active deploy token {wanted.name} (id {ids}), its secret not stored",
            "A new one is made. Revoke the old one when nothing uses it.",
        ),
    )
