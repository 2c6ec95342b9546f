"""A real terminal: a program in tmux, with keys pressed and its screen read as soon as something was written to it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PATIENCE = 90.0
"""Seconds after which what has not come will not come."""
_ENDED = r"ended with (\d+)"


class Terminal:
    """One window with one program in it."""

    def __init__(self, tmux: str, folder: Path) -> None:
        self._tmux = (tmux, "-S", str(folder / "socket"), "-f", os.devnull)
        self._written = folder / "written"
        os.mkfifo(self._written)
        self._news = os.open(self._written, os.O_RDWR | os.O_NONBLOCK)

    def start(self, command: Sequence[str], environ: Mapping[str, str], *, width: int, height: int) -> None:
        """Run a command in a window of this size; the window stays when it ends."""
        settings = {"LANG": "C.UTF-8", "TERM": "tmux-256color", "COLORTERM": "truecolor", **environ}
        words = ["env", *(f"{name}={value}" for name, value in settings.items()), *command]
        # it begins when the window is watched, so nothing of it is missed; and the window stays to be looked at
        line = f"read begin; {shlex.join(words)}; echo ended with $?; read end"
        self._call("new-session", "-d", "-x", str(width), "-y", str(height), "sh", "-c", line)
        self._call("pipe-pane", f"cat > {shlex.quote(str(self._written))}")
        self.press("Enter")

    def hang_up(self) -> None:
        """Close the window under its program."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)

    def close(self) -> None:
        """End it all."""
        self.hang_up()
        os.close(self._news)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        self._call("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._call("resize-window", "-x", str(width), "-y", str(height))

    @property
    def text(self) -> str:
        """What the window shows."""
        return self._call("capture-pane", "-p")

    @property
    def whole_text(self) -> str:
        """What the window shows and showed, as far as it scrolled."""
        return self._call("capture-pane", "-p", "-S", "-")

    @property
    def pid(self) -> int:
        """The program in the window."""
        shell = self.fact("pane_pid")
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], check=True, capture_output=True, text=True)
        return int(found.stdout.split()[0])

    def fact(self, name: str) -> str:
        """Return what tmux knows of the window: `alternate_on`, `mouse_any_flag`, ..."""
        return self._call("display-message", "-p", f"#{{{name}}}").strip()

    def shows(self, text: str) -> None:
        """Wait until the window shows a text."""
        self.until(lambda: re.search(text, self.text) is not None, f"shows {text!r}")

    def ended(self) -> int:
        """Wait until the program has ended; return its exit code."""
        self.shows(_ENDED)
        found = re.search(_ENDED, self.text)
        assert found
        return int(found[1])

    def until(self, seen: Callable[[], bool], what: str) -> None:
        """Look each time something was written."""
        deadline = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < deadline, f"not so: {what}; the window shows:\n{self.text}"
            if select.select([self._news], [], [], 0.5)[0]:
                os.read(self._news, 1 << 16)

    def _call(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def terminal(tmux: str, folder: Path) -> Iterator[Terminal]:
    """Have a terminal for a while."""
    found = Terminal(tmux, folder)
    try:
        yield found
    finally:
        found.close()
