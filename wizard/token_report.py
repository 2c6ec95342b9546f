"""What a token may do, and for how long, in the words of every front end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from wizard.change import Notice
from wizard.errors import WizardError
from wizard.state import Identity, Unknown

if TYPE_CHECKING:
    from wizard.discover import Connection

SOON = timedelta(days=14)
"""A token that ends within this time is told: somebody will need another one before long."""


def token_page(url: str) -> str:
    """Return the address of GitLab's form for a new personal access token, filled in as far as it can be."""
    return f"{url}/-/user_settings/personal_access_tokens?name=registry-wizard&scopes=api"


def refuse_expired(identity: Identity, today: date, url: str) -> None:
    """Raise WizardError for a token that has ended. GitLab refuses it from the first minute (UTC) of its last date."""
    if identity.expires_at is not None and identity.expires_at <= today:
        raise WizardError(
            "token-expired",
            f"the token of {identity.username} ended on {identity.expires_at:%Y-%m-%d}",
            f"Make a new one: {token_page(url)}",
        )


def token_warnings(identity: Identity, today: date, url: str) -> tuple[Notice, ...]:
    """Say what the token cannot do, with what still works, and that it ends soon."""
    return (*_scope_warnings(identity, url), *_expiry_warnings(identity, today, url))


def connection_facts(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return what is known of the server and the token, each with its name."""
    identity = connection.identity
    bot = ", a bot of a project or group token" if identity.bot else ""
    admin = ", an administrator" if identity.admin else ""
    return (
        ("GitLab", f"{connection.instance.version_text} at {connection.instance.url}"),
        ("You are", f"{identity.username}{bot}{admin}"),
        ("Scopes", _scopes(identity)),
        ("Valid", f"until {identity.expires_at:%Y-%m-%d}" if identity.expires_at else "GitLab names no end"),
    )


def _scopes(identity: Identity) -> str:
    if isinstance(identity.scopes, Unknown):
        return "not told by GitLab for this kind of token"
    return ", ".join(identity.scopes) or "none"


def _scope_warnings(identity: Identity, url: str) -> tuple[Notice, ...]:
    if isinstance(identity.scopes, Unknown) or "api" in identity.scopes:
        return ()
    return (
        Notice(
            "scope-too-low",
            f"the token has the scopes {_scopes(identity)}, not `api`: it is enough to look and to plan, not to apply",
            f"To apply, make a token with `api`: {token_page(url)}",
        ),
    )


def _expiry_warnings(identity: Identity, today: date, url: str) -> tuple[Notice, ...]:
    if identity.expires_at is None or identity.expires_at - today > SOON:
        return ()
    days = (identity.expires_at - today).days
    left = "1 more day" if days == 1 else f"{days} more days"
    return (
        Notice(
            "token-expires-soon",
            f"the token is valid for {left}, until {identity.expires_at:%Y-%m-%d}",
            f"It serves for now. The next one: {token_page(url)}",
        ),
    )


def worth_another_try(error: WizardError) -> bool:
    """Whether connecting may work the next time with the same token."""
    return error.code not in _NOT_THIS_TOKEN


_NOT_THIS_TOKEN = ("token-refused", "token-expired", "scope-too-low", "token-malformed", "no-token", "forbidden")
