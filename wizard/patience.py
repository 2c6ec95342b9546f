"""Patience with a server that asks for it, or does not answer: a pause that is told and can be cut short."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime
from threading import Event as Stop
from typing import TypeVar

from wizard.errors import Exit, WizardError
from wizard.events import Event, Waiting
from wizard.gateways.gitlab import PassingError

LONGEST = 300.0
"""Seconds; who is asked to wait longer is told so, and comes back later."""
_TRIES = 4

T = TypeVar("T")
Clock = Callable[[], datetime]


class StoppedError(WizardError):
    """Somebody asked to stop; what was done by then stands."""

    exit = Exit.INTERRUPTED


def patiently(attempt: Callable[[], T], stop: Stop, clock: Clock) -> Generator[Event, None, T]:
    """Attempt until it is answered; `attempt` looks at the world before it acts, so that no write is repeated blindly.

    The pauses are yielded as events. Raises StoppedError once `stop` is set, and the last PassingError when patience
    is at its end.
    """
    for number in range(1, _TRIES + 1):
        if stop.is_set():
            break
        try:
            return attempt()
        except PassingError as error:
            if number == _TRIES or error.seconds > LONGEST:
                raise
            seconds = max(error.seconds, 2.0 ** (number - 1))
            yield Waiting(at=clock(), seconds=seconds, reason=error.message)
            stop.wait(seconds)
    raise StoppedError("stopped", "stopped")
