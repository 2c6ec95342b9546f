"""The keyring of the operating system, asked only when it is needed and never for long.

A backend that keeps secrets readable, or keeps nothing, is refused by name: keyring picks them by itself where nothing
better is installed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from wizard.errors import WizardError
from wizard.secret import Secret

T = TypeVar("T")
LIMIT = 3.0
"""Seconds for one question; a locked keyring may wait for somebody for ever."""
UNLOCKING = 60.0
"""Seconds to keep something: somebody asked for it, and may have to unlock the keyring first."""
_REFUSED = ("keyring.backends.null", "keyrings.alt.file.Plaintext", "keyrings.alt.Gnome", "keyrings.alt.multi")


def look_up(service: str, user: str, *, limit: float = LIMIT) -> Secret | None:
    """Return what the keyring holds, None where it holds nothing.

    WizardError where there is no keyring to ask, it is locked, takes too long, or may not be trusted.
    """
    return _within(limit, lambda: _ask(service, user), "read")


def can_keep(*, limit: float = LIMIT) -> bool:
    """Whether there is a keyring that may be trusted with a secret."""
    try:
        return bool(_within(limit, _trusted, "read"))
    except WizardError:
        return False


def keep(service: str, user: str, secret: Secret, *, limit: float = UNLOCKING) -> None:
    """Keep a secret, over what was kept under this name. WizardError, as for `look_up`, where it is not kept."""
    _within(limit, lambda: _keep(service, user, secret), "written")


def forget(service: str, user: str, *, limit: float = UNLOCKING) -> None:
    """Take what is kept under this name out, wherever it lies. WizardError, as for `look_up`, where that fails."""
    _within(limit, lambda: _forget(service, user), "written")


def _within(limit: float, work: Callable[[], T], done: str) -> T:
    """Do the work in a thread of its own, which is left behind where it takes too long."""
    answers: queue.Queue[tuple[T | None, Exception | None]] = queue.Queue()

    def answer() -> None:
        try:
            answers.put((work(), None))
        except Exception as error:  # a backend may raise anything: D-Bus, imports, its own errors
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True).start()
    try:
        value, error = answers.get(timeout=limit)
    except queue.Empty:
        raise WizardError("keyring", f"the keyring did not answer within {limit:g} s", "Unlock it first.") from None
    if isinstance(error, WizardError):
        raise error
    if error is not None:
        kind = type(error).__name__
        raise WizardError("keyring", f"the keyring cannot be {done}: {kind}", "Unlock it, or set it up.") from None
    return value  # type: ignore[return-value]  # without an error it is what the work returned


def _ask(service: str, user: str) -> Secret | None:
    found = (backend.get_password(service, user) for backend in _trusted())
    password = next((password for password in found if password), None)
    return Secret(password) if password else None


def _keep(service: str, user: str, secret: Secret) -> None:
    backend = _trusted()[0]
    backend.set_password(service, user, secret.reveal())
    if Secret(backend.get_password(service, user) or "") != secret:
        raise WizardError("keyring", f"the keyring {_name(backend)} did not keep it", "Use another source.")


def _forget(service: str, user: str) -> None:
    for backend in _trusted():
        if backend.get_password(service, user) is not None:
            backend.delete_password(service, user)


def _trusted() -> list[Any]:
    """Return the backends that keep a secret to themselves. WizardError where there is none."""
    import keyring  # noqa: PLC0415  # finding a backend costs more than most commands need

    chosen = keyring.get_keyring()
    backends: list[Any] = list(getattr(chosen, "backends", [chosen]))
    present = [backend for backend in backends if not _name(backend).startswith("keyring.backends.fail")]
    if not present:
        raise WizardError("no-keyring", "this machine has no keyring", "Use env: or file:, or set a keyring up.")
    trusted = [backend for backend in present if not _name(backend).startswith(_REFUSED)]
    if not trusted:
        raise WizardError(
            "keyring-refused",
            f"the keyring {_name(present[0])} keeps secrets in the clear, or not at all",
            "Set up the keyring of your desktop, or use another source.",
        )
    return trusted


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
