"""SIGTERM and SIGHUP end the wizard the way a person would: terminal restored, nothing cut in the middle."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""In the terminal Ctrl+C is a key; SIGINT comes from elsewhere."""


@contextmanager
def handled(told: Callable[[], None]) -> Iterator[None]:
    """Call `told` on the running loop for each of these signals; those that are ignored on purpose stay so."""
    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    loop = asyncio.get_running_loop()
    taken = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.getsignal(number) for number in taken}
    for number in taken:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
