"""A program in a terminal of its own: keys go in, and what it paints is waited for."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LONGEST = 30
"""Seconds without a painted byte that are taken for a failure."""


@dataclass(slots=True)
class Terminal:
    """The other end of a running program's terminal."""

    descriptor: int
    seen: bytes = b""

    def press(self, keys: bytes) -> None:
        os.write(self.descriptor, keys)

    def until(self, *texts: bytes) -> list[float]:
        """Return the moments at which these texts were painted, since what was passed over last."""
        moments: dict[bytes, float] = {}
        while len(moments) < len(texts):
            ready, _, _ = select.select([self.descriptor], [], [], _LONGEST)
            assert ready, f"{set(texts) - set(moments)} was not painted: {self.seen[-300:]!r}"
            self.seen += os.read(self.descriptor, 65536)
            moments.update({text: time.perf_counter() for text in texts if text in self.seen and text not in moments})
        return [moments[text] for text in texts]

    def pass_over(self, seconds: float) -> None:
        """Forget what is painted until nothing was for so long."""
        while select.select([self.descriptor], [], [], seconds)[0]:
            os.read(self.descriptor, 65536)
        self.seen = b""


@contextlib.contextmanager
def running(arguments: Sequence[str], size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """Start Python with these arguments in a terminal of `size` columns and lines; it is killed in the end."""
    child, descriptor = pty.fork()
    if child == 0:  # pragma: no cover
        os.environ.update(TERM="xterm-256color", COLUMNS=str(size[0]), LINES=str(size[1]))
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # the program under test
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    try:
        yield Terminal(descriptor)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(descriptor)
