"""A terminal whose every byte is kept: what a program writes to it, and what it shows then.

It shows whole frames only, as a terminal does that knows synchronized output (mode 2026), so what a test finds on it
belongs to one page. It is read only while something is awaited: a test waits for a text before it presses the next key.
Nothing is told from silence: a slow machine is silent, too.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

import pyte

PATIENCE = 90.0
"""Seconds after which what has not come will not come."""
_ASKED, _KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The question whether the terminal knows synchronized output, and its answer."""
_BEGIN, _END = b"\x1b[?2026h", b"\x1b[?2026l"
KEYS = {"enter": "\r", "escape": "\x1b", "down": "\x1b[B", "tab": "\t", "f1": "\x1bOP", "f2": "\x1bOQ", "next": "\x0e"}


class Window:
    """One program in one terminal."""

    def __init__(self, terminal: int, child: int, width: int, height: int) -> None:
        self._terminal, self._child, self._told = terminal, child, False
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._frame = b""
        """What was written and is not shown yet."""
        self.raw = b""
        """Everything that was written to it."""
        ioctl(terminal, TIOCSWINSZ, pack("HHHH", height, width, 0, 0))

    @property
    def text(self) -> str:
        """What it shows."""
        return "\n".join(self._screen.display)

    def press(self, key: str) -> None:
        """Press a key by its name, or type a text."""
        os.write(self._terminal, KEYS.get(key, key).encode())

    def shows(self, *patterns: str) -> str:
        """Wait until it shows one of several texts; return the first in order that it shows."""
        until = time.monotonic() + PATIENCE
        while True:
            found = [pattern for pattern in patterns if re.search(pattern, self.text)]
            if found:
                return found[0]
            assert self._read(until), f"none of {patterns} came; the terminal shows:\n{self.text}"

    def hides(self, pattern: str) -> None:
        """Wait until it shows a text no more."""
        until = time.monotonic() + PATIENCE
        while re.search(pattern, self.text):
            assert self._read(until), f"{pattern} stayed; the terminal shows:\n{self.text}"

    def ended(self) -> int:
        """Wait until the program has ended; return its exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(until):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])

    def kill(self) -> None:
        """Kill the program, as the system does that is short of memory."""
        os.kill(self._child, signal.SIGKILL)

    def _read(self, until: float) -> bool:
        """Take in what was written next; False where nothing comes any more."""
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, until - time.monotonic()))
        try:
            piece = os.read(self._terminal, 1 << 16) if ready else b""
        except OSError:  # the terminal is gone with its last process
            piece = b""
        self.raw += piece
        if _ASKED in self.raw[-len(piece) - len(_ASKED) :] and not self._told:
            os.write(self._terminal, _KNOWN)
            self._told = True
        self._frame += piece
        begun, ended = self._frame.rfind(_BEGIN), self._frame.rfind(_END)
        whole = len(self._frame) if begun <= ended else begun
        self._stream.feed(self._frame[:whole])
        self._frame = self._frame[whole:]
        return bool(piece)


@contextlib.contextmanager
def window(
    command: Sequence[str], environ: Mapping[str, str], folder: Path, width: int = 80, height: int = 24
) -> Iterator[Window]:
    """Run a command in a terminal of this size, and end it where it has not ended."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        settings = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
        os.execve(command[0], list(command), {**environ, **settings})  # noqa: S606  # no shell is wanted
    try:
        yield Window(terminal, child, width, height)
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(terminal)
