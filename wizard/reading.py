"""Reads that go out side by side, each with a little patience."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event as Stop
from typing import Any, TypeVar

from wizard.errors import WizardError
from wizard.gateways.gitlab import ApiError, DeniedError, NotFoundError, PassingError
from wizard.patience import LONGEST
from wizard.state import Known, Unknown

T = TypeVar("T")
Reads = Mapping[str, Callable[[], Any]]

_TRIES = 3
_SIDE_BY_SIDE = 12


def _silent(_seconds: float, _reason: str) -> None:
    """Nobody wants to know of a pause."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Runs reads in threads; `waiting` is told of each pause, `stop` ends all of them."""

    waiting: Callable[[float, str], None] = _silent
    stop: Stop = field(default_factory=Stop)

    def together(self, reads: Reads) -> dict[str, Any]:
        """Do all reads at once. The first failure, in the order of the reads, is raised when all have ended."""
        if not reads:
            return {}
        with ThreadPoolExecutor(max_workers=min(_SIDE_BY_SIDE, len(reads))) as pool:
            futures = {name: pool.submit(self._patiently, read) for name, read in reads.items()}
        return {name: future.result() for name, future in futures.items()}

    def _patiently(self, read: Callable[[], T]) -> T:
        for attempt in range(1, _TRIES + 1):
            try:
                return read()
            except PassingError as error:
                if attempt == _TRIES or error.seconds > LONGEST or self.stop.is_set():
                    raise
                seconds = max(error.seconds, float(attempt)) if error.status else float(attempt) / 2
                self.waiting(seconds, error.message)
                self.stop.wait(seconds)
        raise WizardError("stopped", "stopped")


def allowed(read: Callable[[], T]) -> Callable[[], Known[T]]:
    """Turn a refusal by role into Unknown: what may not be read is not absent."""

    def attempt() -> Known[T]:
        try:
            return read()
        except (DeniedError, NotFoundError) as error:
            if isinstance(error, DeniedError) and error.status == 401:
                raise
            return Unknown(error.message)

    return attempt


def present(read: Callable[[], T]) -> Callable[[], T | None]:
    """Turn a 404 into None."""

    def attempt() -> T | None:
        try:
            return read()
        except NotFoundError:
            return None

    return attempt


def accepted(read: Callable[[], T]) -> Callable[[], Known[T]]:
    """Turn any refusal into Unknown, for an endpoint that does not serve every kind of token."""

    def attempt() -> Known[T]:
        try:
            return read()
        except PassingError:
            raise
        except ApiError as error:
            if error.status == 401:
                raise
            return Unknown(error.message)

    return attempt
