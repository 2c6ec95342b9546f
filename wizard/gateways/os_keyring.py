"""The keyring of the operating system, asked only when it is needed and never for long.

A backend that keeps secrets readable, or keeps nothing, is refused by name: keyring picks them by itself where nothing
better is installed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from wizard.errors import WizardError
from wizard.secret import Secret

LIMIT = 3.0
"""Seconds for one question; a locked keyring may wait for somebody for ever."""
_REFUSED = ("keyring.backends.null", "keyrings.alt.file.Plaintext", "keyrings.alt.Gnome", "keyrings.alt.multi")


def look_up(service: str, user: str, *, limit: float = LIMIT) -> Secret | None:
    """Return what the keyring holds, None where it holds nothing.

    WizardError where there is no keyring to ask, it is locked, takes too long, or may not be trusted.
    """
    answers: queue.Queue[str | Exception | None] = queue.Queue()
    threading.Thread(target=_answer, args=(answers, lambda: _ask(service, user)), daemon=True).start()
    try:
        answer = answers.get(timeout=limit)
    except queue.Empty:
        raise WizardError("keyring", f"the keyring did not answer within {limit:g} s", "Unlock it first.") from None
    if isinstance(answer, WizardError):
        raise answer
    if isinstance(answer, Exception):
        raise WizardError("keyring", f"the keyring cannot be read: {type(answer).__name__}", "Unlock it, or set it up.")
    return Secret(answer) if answer else None


def _answer(answers: queue.Queue[str | Exception | None], ask: Callable[[], str | None]) -> None:
    try:
        answers.put(ask())
    except Exception as error:  # a backend may raise anything: D-Bus, imports, its own errors
        answers.put(error)


def _ask(service: str, user: str) -> str | None:
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
    found = (backend.get_password(service, user) for backend in trusted)
    return next((password for password in found if password), None)


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
