"""OAuth 2.0 device authorization as GitLab grants it (the gem `doorkeeper-device_authorization_grant`, RFC 8628)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard.sandbox.schema import Scope, Token, User
from wizard.sandbox.world import World

CODE_LIFETIME = timedelta(minutes=5)
POLLING_INTERVAL = timedelta(seconds=5)
TOKEN_LIFETIME = timedelta(hours=2)
_USER_CODE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True, kw_only=True)
class DeviceGrant:
    """One request of a device for access, from its start until it is redeemed."""

    client_id: str
    device_code: str
    user_code: str
    scopes: list[Scope]
    expires_at: datetime
    user: User | None = None
    """Who approved it."""
    denied: bool = False
    polled_at: datetime | None = None

    @property
    def decided(self) -> bool:
        """Whether the person in the browser has answered."""
        return self.denied or self.user is not None


@dataclass(frozen=True, slots=True)
class Issued:
    """An access token with the refresh token that replaces it once."""

    user: User
    token: Token
    refresh_token: str
    client_id: str
    created_at: datetime


class DeviceGrants:
    """All grants of one world, and the refresh tokens that came of them."""

    def __init__(self, world: World) -> None:
        """Start with none."""
        self._world = world
        self._grants: dict[str, DeviceGrant] = {}
        self._refreshable: dict[str, Issued] = {}

    def begin(self, client_id: str, scopes: list[Scope]) -> DeviceGrant:
        """Open a grant that waits for a person."""
        now = self._world.now()
        self._grants = {code: grant for code, grant in self._grants.items() if grant.expires_at > now}
        grant = DeviceGrant(
            client_id=client_id,
            device_code=secrets.token_urlsafe(32),
            user_code="".join(secrets.choice(_USER_CODE) for _ in range(8)),
            scopes=scopes,
            expires_at=now + CODE_LIFETIME,
        )
        self._grants[grant.device_code] = grant
        return grant

    def waiting(self, user_code: str) -> DeviceGrant | None:
        """Find the grant that a person means by the code on the device; a code can be used once."""
        now = self._world.now()
        found = (grant for grant in self._grants.values() if grant.user_code == user_code.upper())
        return next((grant for grant in found if not grant.decided and grant.expires_at > now), None)

    def redeem(self, client_id: str, device_code: str) -> Issued | str:
        """Answer a poll: the token, or the OAuth error that says why there is none (yet)."""
        grant = self._grants.get(device_code)
        if grant is None or grant.client_id != client_id:
            return "invalid_grant"
        now = self._world.now()
        if grant.expires_at <= now:
            del self._grants[device_code]
            return "expired_token"
        if grant.polled_at is not None and grant.polled_at > now - POLLING_INTERVAL:
            return "slow_down"
        grant.polled_at = now
        if grant.denied:
            return "access_denied"
        if grant.user is None:
            return "authorization_pending"
        del self._grants[device_code]
        return self._issue(grant.user, client_id, grant.scopes)

    def refresh(self, client_id: str, refresh_token: str) -> Issued | str:
        """Replace an access token; a refresh token works once, and the old access token ends with it."""
        old = self._refreshable.get(refresh_token)
        if old is None or old.client_id != client_id or old.user.blocked:
            return "invalid_grant"
        self._end(old)
        return self._issue(old.user, client_id, old.token.scopes)

    def revoke(self, client_id: str, secret: str) -> None:
        """End an access token, named by itself or by its refresh token; an unknown one is no error (RFC 7009)."""
        for issued in list(self._refreshable.values()):
            if issued.client_id == client_id and secret in (issued.token.value, issued.refresh_token):
                self._end(issued)

    def _end(self, issued: Issued) -> None:
        issued.token.revoked = True
        del self._refreshable[issued.refresh_token]

    def _issue(self, user: User, client_id: str, scopes: list[Scope]) -> Issued:
        now = self._world.now()
        token = Token(
            value=secrets.token_hex(32),
            name=client_id,
            kind="oauth",
            scopes=list(scopes),
            expires_at=now + TOKEN_LIFETIME,
        )
        self._world.add_access_token(user, token)
        issued = Issued(user, token, secrets.token_hex(32), client_id, now)
        self._refreshable[issued.refresh_token] = issued
        return issued
