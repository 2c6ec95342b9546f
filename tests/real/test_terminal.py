"""The program in a real terminal: whole runs on the demo by keys and in plain lines, and what signals leave behind."""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.programs import program
from tests.real.terminal import Terminal, terminal

pytestmark = [pytest.mark.real, pytest.mark.thorough]
WIZARD = (sys.executable, "-m", "wizard", "--demo")


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Terminal]:
    with terminal(program("tmux"), tmp_path) as found:
        yield found


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and a place for the demo's repository."""
    (tmp_path / "tmp").mkdir()
    return {"HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp"), "XDG_STATE_HOME": str(tmp_path / "state")}


def restored(window: Terminal) -> bool:
    """Whether the terminal is as it was: main screen, cursor, no mouse reports."""
    return [window.fact(name) for name in ("alternate_on", "cursor_flag", "mouse_any_flag")] == ["0", "1", "0"]


def test_a_whole_run_on_the_demo_by_enter_and_next(window: Terminal, environ: dict[str, str]) -> None:
    window.start(WIZARD, environ, width=80, height=24)
    window.shows("You are +mira")
    window.press("Enter")
    window.shows("Which project is set up")
    window.press("Enter")
    for page in range(3, 20):
        window.shows(rf"\b{page} of \d+")
        if re.search(rf"\b{page} of {page + 1}\b", window.text):  # the review, before the last page
            break
        window.press("C-n")
    window.shows("⏎ Apply")
    window.press("Enter")
    window.shows("Make [0-9]+ changes in")
    window.press("y")
    window.shows("second plan|Verified|verified|Done")
    window.until(lambda: "Stop" not in window.text, "all is done")
    window.press("Enter")
    assert window.ended() == 0
    assert restored(window)
    said = window.whole_text
    assert "The demo's repository lies in" in said
    assert "glpat-" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_it_with_the_terminal_as_it_was_and_nothing_left(
    window: Terminal, environ: dict[str, str], number: signal.Signals
) -> None:
    window.start(WIZARD, environ, width=80, height=24)
    window.shows("You are +mira")
    os.kill(window.pid, number)
    assert window.ended() == 130
    assert restored(window)
    assert "nothing was changed" in window.text
    assert list(Path(environ["TMPDIR"]).glob("registry-wizard-demo-*")) == []


def test_a_window_that_becomes_tiny_and_large_again_keeps_its_page(window: Terminal, environ: dict[str, str]) -> None:
    window.start(WIZARD, environ, width=80, height=24)
    window.shows("You are +mira")
    for width, height in ((20, 6), (200, 50), (80, 24)):
        window.resize(width, height)
    window.shows("You are +mira")
    window.press("C-q")
    window.shows("Leave the wizard")
    window.press("y")
    assert window.ended() == 130
    assert restored(window)


def test_a_whole_run_in_plain_lines_for_a_screen_reader(window: Terminal, environ: dict[str, str]) -> None:
    window.start((*WIZARD, "--plain"), {**environ, "ACCESSIBLE": "1", "NO_COLOR": "1"}, width=100, height=40)
    for number in range(1, 100):
        window.until(functools.partial(_asked, window, number), "the next question")
        if "Apply these changes?" in "\n".join(window.text.rstrip().split("\n")[-3:]):
            break
        window.press("Enter")
    window.press("y", "Enter")
    assert window.ended() == 0
    said = window.whole_text
    assert "second plan: no change" in said
    assert "The demo's repository lies in" in said
    assert "glpat-" not in said


def _asked(window: Terminal, number: int) -> bool:
    """Whether so many questions were asked by now."""
    asked = re.findall(r"^(?:Number|Numbers with commas between|Answer|Yes or no)\b.*:", window.whole_text, re.M)
    return len(asked) >= number
