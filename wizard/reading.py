"""Reads that go out side by side, each with a little patience."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event as Stop
from typing import Any, TypeVar

from wizard.errors import WizardError
from wizard.gateways.gitlab import ApiError, DeniedError, NotFoundError, PassingError
from wizard.patience import LONGEST
from wizard.state import Known, Unknown

T = TypeVar("T")
Reads = Mapping[str, Callable[[], Any]]
Todo = SimpleQueue[tuple[Future[Any], Callable[[], Any]]]

_TRIES = 3
_SIDE_BY_SIDE = 12
_GLANCE = 0.2
"""Seconds between two looks at whether to stop."""


def silent(_seconds: float, _reason: str) -> None:
    """Nobody wants to know of a pause."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Runs reads in threads; `waiting` is told of each pause, `stop` ends all of them."""

    waiting: Callable[[float, str], None] = silent
    stop: Stop = field(default_factory=Stop)

    def together(self, reads: Reads) -> dict[str, Any]:
        """Do all reads at once. The first failure, in the order of the reads, is raised when all have ended.

        An interrupt, or `stop`, ends it at once: a server may keep silent for long, and nobody waits for the threads.
        """
        todo: Todo = SimpleQueue()
        futures: dict[str, Future[Any]] = {name: Future() for name in reads}
        for name, read in reads.items():
            todo.put((futures[name], read))
        for _ in range(min(_SIDE_BY_SIDE, len(reads))):
            threading.Thread(target=self._work, args=(todo,), daemon=True).start()
        try:
            pending = set(futures.values())
            while pending:
                _, pending = wait(pending, timeout=_GLANCE)
                if pending and self.stop.is_set():
                    raise WizardError("stopped", "stopped")
        except BaseException:
            self.stop.set()
            raise
        return {name: future.result() for name, future in futures.items()}

    def _work(self, todo: Todo) -> None:
        with contextlib.suppress(Empty):
            while True:
                future, read = todo.get_nowait()
                try:
                    future.set_result(self._patiently(read))
                except BaseException as error:  # whatever it is, whoever asked is told
                    future.set_exception(error)

    def _patiently(self, read: Callable[[], T]) -> T:
        for attempt in range(1, _TRIES + 1):
            if self.stop.is_set():
                break
            try:
                return read()
            except PassingError as error:
                if attempt == _TRIES or error.seconds > LONGEST:
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
