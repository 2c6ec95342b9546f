"""Checks: that what was set up does what it is for. An apply ends with them; `doctor` runs them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from wizard.change import Change, Check, Plan
from wizard.changes.kind import Hands
from wizard.errors import WizardError
from wizard.events import Verified
from wizard.gateways.registry import Grant, Login, Registries
from wizard.secret import Secret

_OWN_USER = "oauth2"
"""GitLab takes any user name with a personal token, and this one with an OAuth token."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """Runs checks. `token` is the caller's own."""

    url: str
    token: Secret
    hands: Hands
    registries: Registries
    clock: Callable[[], datetime]

    def prove(self, checks: Iterable[Check]) -> Iterator[Verified]:
        """Run each check; one that cannot be run says why."""
        for check in checks:
            try:
                ok, message = self._run(check)
            except WizardError as error:
                ok = error.code in {"secret-unavailable", "made-elsewhere"}
                message = f"not checked: {error.message}" if ok else f"{error.message}"
            yield Verified(at=self.clock(), id=check.id, ok=ok, message=message)

    def standing(self, plan: Plan) -> Iterator[Verified]:
        """Say of every planned change whether it stands already."""
        for change in plan.changes:
            yield Verified(at=self.clock(), id=change.id, ok=not change.pending, message=_standing(change))

    def _run(self, check: Check) -> tuple[bool, str]:
        if check.form == "active-token":
            return self._active_token(check)
        if check.form == "allowlist":
            return self._allowlist(check)
        login = self._login(check)
        if check.form == "gitlab-grant":
            return _told(check, self.registries.gitlab_grant(self.url, check.repository, login, check.actions))
        return _told(check, self.registries.grant(check.place, check.repository, login, check.actions))

    def _login(self, check: Check) -> Login:
        if not check.password:
            return Login(_OWN_USER, self.token)
        return Login(self.hands.value(check.username).reveal(), self.hands.value(check.password))

    def _active_token(self, check: Check) -> tuple[bool, str]:
        name = check.id.rpartition("/")[2]
        tokens = self.hands.api.rows(f"/projects/{check.project_id}/deploy_tokens", active=True)
        found = any(token["name"] == name for token in tokens)
        return found, f"the deploy token {name} of {check.place} is {'active' if found else 'missing or expired'}"

    def _allowlist(self, check: Check) -> tuple[bool, str]:
        at = f"/projects/{check.project_id}/job_token_scope"
        projects = [row["path_with_namespace"] for row in self.hands.api.rows(f"{at}/allowlist")]
        groups = [row["web_url"].rpartition("/groups/")[2] for row in self.hands.api.rows(f"{at}/groups_allowlist")]
        found = check.repository in (*projects, *groups)
        return found, f"{check.repository} is {'' if found else 'not '}on the allowlist of {check.place}"


def _told(check: Check, grant: Grant) -> tuple[bool, str]:
    wanted = check.actions.split(",") if check.repository else []
    missing = [action for action in wanted if action not in grant.actions]
    where = check.repository or check.place
    who = "the credential" if check.password else "your own token"
    if not missing and not grant.refusal:
        return True, f"{who} is granted {', '.join(wanted) or 'a log-in'} on {where}"
    reason = f" ({grant.refusal})" if grant.refusal else ""
    return False, f"{who} is not granted {', '.join(missing) or 'a log-in'} on {where}{reason}"


def _standing(change: Change) -> str:
    return change.summary if not change.pending else f"not as answered, would {change.action}: {change.summary}"
