"""Ctrl-C, SIGTERM and SIGHUP mean the same: stop. Never a traceback, and never in the middle of a change."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Handler = Callable[[int, FrameType | None], None]


@contextmanager
def as_interrupt() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into the KeyboardInterrupt that Ctrl-C is."""
    with _handled_by(_interrupt):
        yield


@contextmanager
def asked_to_stop(told: Callable[[], None]) -> Iterator[threading.Event]:
    """Yield an event that the first signal sets; a second one interrupts at once. `told` runs after the first."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            _interrupt(number, frame)
        stop.set()
        told()

    with _handled_by(handle):
        yield stop


@contextmanager
def telling(told: Callable[[], None]) -> Iterator[None]:
    """Have every signal call `told`, in the middle of whatever runs, and interrupt nothing."""

    def handle(_: int, __: FrameType | None) -> None:
        told()

    with _handled_by(handle):
        yield


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    previous: dict[signal.Signals, Any] = {}
    for number in _STOPS:
        # nohup and background shells have signals ignored on purpose
        if signal.getsignal(number) is not signal.SIG_IGN:
            previous[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handled in previous.items():
            signal.signal(number, handled)
