"""Logging in by plain lines: with the token that was found, or one that is typed or given for a code."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Stop
from typing import TYPE_CHECKING

from wizard.asking import Asker, choose, confirm
from wizard.commands.opening import Prepared, Work, whereabouts
from wizard.errors import InterruptedRunError, UsageError, WizardError
from wizard.gateways.credentials import Token, usable
from wizard.question import Choice
from wizard.token_report import connection_facts, token_page, worth_another_try
from wizard.unanswered import left, told

if TYPE_CHECKING:
    from wizard.gateways.device_login import DeviceLogin
    from wizard.session import Connection

_TYPED, _BROWSER = "what you typed", "your log-in with the browser"


def sign_in(ready: Prepared, asker: Asker) -> Work:
    """Open a session with a token that GitLab accepts; say as whom, and what the token cannot do.

    WizardError where that fails and nobody is there to try something else.
    """
    token = ready.token
    while True:
        try:
            token = token or _log_in(ready, asker)
            asker.say(f"{whereabouts(ready.target, token)}.")
            work = ready.work(token, project_open=True)
            connection = work.session.connect()
        except WizardError as error:
            if isinstance(error, InterruptedRunError | UsageError):
                raise
            token = token if _again(error, asker) else None
            continue
        _tell(connection, asker)
        if token.source == _TYPED:
            _offer_to_keep(ready, token, asker)
        return work


def _log_in(ready: Prepared, asker: Asker) -> Token:
    """Ask for a log-in."""
    if ready.code_login is not None:
        ways = (
            Choice("browser", "log in with your browser", "Nothing to copy; it ends by itself after two hours."),
            Choice("token", "type a token"),
        )
        way = choose(asker, f"How do you log in to {ready.target.url}?", ways)
        if way is None:
            raise left()
        if way == "browser":
            return _by_browser(ready.code_login, asker)
    asker.say(f"A new token is made here: {token_page(ready.target.url)}")
    with told():
        typed = asker.unseen(f"A token for {ready.target.url} with the scope api (not shown)")
    return Token(usable(typed.reveal(), _TYPED), _TYPED)


def _by_browser(begin: Callable[[], DeviceLogin], asker: Asker) -> Token:
    login = begin()
    try:
        invitation = login.begin()
        minutes = max(1, round(invitation.seconds / 60))
        asker.say(f"1. Open this page on any device: {invitation.address}")
        asker.say(f"2. Type this code there: {invitation.code}")
        asker.say(f"3. Agree. Waiting for that, {minutes} min at most; Ctrl-C stops.")
        with told():
            token = login.finish(invitation, Stop())
    finally:
        login.close()
    if token is None:
        raise left()
    return Token(token, _BROWSER)


def _again(error: WizardError, asker: Asker) -> bool:
    """Tell what went wrong, and ask whether the same is tried again. The error itself, where nobody answers."""
    asker.say(f"That did not work: {error.message}\n{error.hint}".rstrip())
    again, other = Choice(True, "try again"), Choice(False, "log in in another way")
    choices = (again, other) if worth_another_try(error) else (other, again)
    try:
        same: bool | None = choose(asker, "What now?", choices)
    except UsageError:
        raise error from None
    if same is None:
        raise left()
    return same


def _tell(connection: Connection, asker: Asker) -> None:
    for name, fact in connection_facts(connection):
        asker.say(f"{name}: {fact}.")
    for warning in connection.warnings:
        asker.say(f"Warning: {warning.message}. {warning.hint}")


def _offer_to_keep(ready: Prepared, token: Token, asker: Asker) -> None:
    """Keep the token only on a yes; whatever becomes of it, the log-in stands."""
    keeper = ready.keeper
    if not keeper.can_keep() or not confirm(asker, "Keep the token in the keyring of this machine?"):
        return
    try:
        keeper.keep(token.secret)
    except WizardError as error:
        asker.say(f"It was not kept: {error.message}. {error.hint}")
    else:
        asker.say("It is kept, and will be found the next time.")
