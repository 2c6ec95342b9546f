"""How long the program takes to start, beside the least that anything could take. Prints numbers, asserts none."""

from __future__ import annotations

import os
import pty
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from wizard.sandbox.server import Sandbox

pytestmark = pytest.mark.benchmark

ROOT = Path(__file__).parents[2]
RUNS = 5
BARE_TYPER = "import typer\napp = typer.Typer()\n@app.command()\ndef main() -> None: ...\napp()\n"
BARE_TEXTUAL = (
    "from textual.app import App\nfrom textual.widgets import Label\n"
    "class Bare(App):\n    def compose(self): yield Label('ready-to-paint')\nBare().run()\n"
)


def seconds_of(arguments: Sequence[str], cwd: Path = ROOT) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, check=False)
    assert done.returncode in {0, 2}, done.stderr.decode()
    return time.perf_counter() - started


def seconds_to_paint(arguments: Sequence[str], text: bytes) -> float:
    """Return the time until `text` stands on the terminal of a process, which is then ended."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # the program under test
    seen = b""
    try:
        while text not in seen:
            ready, _, _ = select.select([terminal], [], [], 30)
            assert ready, f"nothing painted: {seen[-300:]!r}"
            seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def median(measure: Callable[[], float]) -> float:
    measure()
    return statistics.median(measure() for _ in range(RUNS))


def test_start_up(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(ROOT / "assets/worlds/demo.yml") as box:
        rows = {
            "bare Python": median(lambda: seconds_of(["-c", "pass"])),
            "bare typer": median(lambda: seconds_of(["-c", BARE_TYPER])),
            "--version": median(lambda: seconds_of(["-m", "wizard", "--version"])),
            "--help": median(lambda: seconds_of(["-m", "wizard", "--help"])),
            "plan --demo": median(lambda: seconds_of(["-m", "wizard", "plan", "--demo"])),
            "bare Textual, first paint": median(lambda: seconds_to_paint(["-c", BARE_TEXTUAL], b"ready-to-paint")),
            "wizard --demo, first paint": median(lambda: seconds_to_paint(["-m", "wizard", "--demo"], b"Registry")),
        }
        assert box.url
    with capsys.disabled():
        print("\n\n  start-up, median of", RUNS, "runs")
        for name, value in rows.items():
            print(f"  {name:30} {value * 1000:7.0f} ms")
