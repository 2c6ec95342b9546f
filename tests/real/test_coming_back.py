"""Leaving and coming back in a real terminal: what a kill or a closed window leaves, and what the next start offers."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.programs import program
from tests.real.terminal import Terminal

pytestmark = [pytest.mark.real, pytest.mark.thorough]
MARKER = "m4rker-Typed1"
HOST = "harbor.example.com"
OFFERED = "Go on where you left off"


@dataclass
class Served:
    """A simulated GitLab that outlives the wizard, and the start of the wizard on it."""

    command: tuple[str, ...]
    environ: dict[str, str]
    token: str
    state: Path

    @property
    def kept(self) -> str:
        """All that lies in the state folder."""
        return "\n".join(file.read_text() for file in self.state.rglob("*") if file.is_file())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve the demo's world."""
    environ = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    server = subprocess.Popen(
        [sys.executable, "-m", "wizard", "sandbox", "--demo"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environ},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        command = (sys.executable, "-m", "wizard", "--repo", ready["repo"], "--token-file", ready["token_file"])
        yield Served(command, environ, Path(ready["token_file"]).read_text().strip(), tmp_path / "state")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Opens one window after the other."""
    opened: list[Terminal] = []

    def another() -> Terminal:
        folder = tmp_path / f"window-{len(opened)}"
        folder.mkdir()
        opened.append(Terminal(program("tmux"), folder))
        return opened[-1]

    try:
        yield another
    finally:
        for window in opened:
            window.close()


def killed(window: Terminal) -> None:
    os.kill(window.pid, signal.SIGKILL)
    assert window.ended() == 128 + signal.SIGKILL


def closed(window: Terminal) -> None:
    """Close the window, and wait until its program has ended by the SIGHUP that this is."""
    program_there = os.pidfd_open(window.pid)
    window.hang_up()
    assert select.select([program_there], [], [], 90)[0]
    os.close(program_there)


@pytest.mark.parametrize("ends", [killed, closed])
def test_the_screens_offer_what_was_answered_until_the_end_came(
    served: Served, windows: Callable[[], Terminal], ends: Callable[[Terminal], None]
) -> None:
    window = windows()
    window.start(served.command, served.environ, width=80, height=24)
    _to_the_registry(window)
    window.press("Down", "Enter")
    window.shows("Its host, with a port")
    window.press(HOST, "Enter")
    window.shows("A user or, better, a robot account")
    window.press("robot", "Enter")
    window.shows("type it now, unseen")
    window.press("Down", "Down", "Down", "Enter")
    window.shows("● type it now")
    window.shows("⏎ Next page")
    window.press(MARKER)
    window.shows("this value will do")
    window.press("Enter")
    window.until(lambda: '"password": "ask"' in served.kept, "the way is kept")
    ends(window)
    kept = served.kept
    assert HOST in kept
    assert MARKER not in kept
    assert served.token not in kept
    again = windows()
    again.start(served.command, served.environ, width=80, height=24)
    _to_the_project(again)
    again.shows(OFFERED)
    again.shows(HOST)
    again.press("Enter")
    again.shows(rf"address of that registry\?\s+{HOST}")
    assert MARKER not in again.whole_text


def test_a_window_that_is_closed_while_changes_are_made_leaves_nothing_locked_and_the_next_apply_ends_it(
    served: Served, windows: Callable[[], Terminal]
) -> None:
    window = windows()
    window.start(served.command, served.environ, width=80, height=24)
    _to_the_registry(window)
    for page in range(3, 20):
        window.shows(rf"\b{page} of \d+")
        if re.search(rf"\b{page} of {page + 1}\b", window.text):
            break
        window.press("C-n")
    window.shows("⏎ Apply")
    window.press("Enter")
    window.shows("Make [0-9]+ changes in")
    window.press("y")
    window.until(lambda: '"intend"' in served.kept, "the first change has begun")
    closed(window)
    again = subprocess.run(
        [*served.command[:3], "apply", *served.command[3:], "--yes"],
        capture_output=True, text=True, env={**os.environ, **served.environ}, timeout=120, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert re.search(r"^(Done|Nothing to do)", again.stdout, re.M)


@pytest.mark.parametrize(("accessible", "ends"), [("1", killed), ("", closed)], ids=["numbered", "menus"])
def test_plain_lines_offer_them_too(
    served: Served, windows: Callable[[], Terminal], accessible: str, ends: Callable[[Terminal], None]
) -> None:
    environ = {**served.environ, "ACCESSIBLE": accessible}
    window = windows()
    window.start((*served.command, "--plain"), environ, width=100, height=40)
    window.shows("Which project is set up")
    window.press("Enter")
    window.shows("Where do the images go")
    window.press(*(("2",) if accessible else ("Down",)), "Enter")
    window.shows("What is the address of that registry")
    window.press(HOST, "Enter")
    window.shows("Under which path")
    ends(window)
    assert HOST in served.kept
    assert served.token not in served.kept
    again = windows()
    again.start((*served.command, "--plain"), environ, width=100, height=40)
    again.shows(OFFERED)
    again.press("Enter")
    again.shows("Which project is set up")
    again.press("Enter")
    again.shows("Where do the images go")
    again.press("Enter")
    again.shows(rf"\[{HOST}\]")
    closed(again)


def _to_the_project(window: Terminal) -> None:
    window.shows("● Go on")
    window.press("Enter")
    window.shows("your role")
    window.press("Enter")


def _to_the_registry(window: Terminal) -> None:
    _to_the_project(window)
    window.shows("Where do the images go")
