"""How long the program takes to start, beside the least that anything could take. Prints numbers, asserts none."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.benchmarks.terminal import running
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
    with running(arguments) as terminal:
        return terminal.until(text)[0] - started


def median(measure: Callable[[], float]) -> float:
    measure()
    return statistics.median(measure() for _ in range(RUNS))


def test_start_up(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a demo that is killed leaves its folder
    monkeypatch.chdir(ROOT)
    with Sandbox(ROOT / "assets/worlds/demo.yml") as box:
        rows = {
            "bare Python": median(lambda: seconds_of(["-c", "pass"])),
            "bare typer": median(lambda: seconds_of(["-c", BARE_TYPER])),
            "--version": median(lambda: seconds_of(["-m", "wizard", "--version"])),
            "--help": median(lambda: seconds_of(["-m", "wizard", "--help"])),
            "plan --demo": median(lambda: seconds_of(["-m", "wizard", "plan", "--demo"])),
            "bare Textual, first paint": median(lambda: seconds_to_paint(["-c", BARE_TEXTUAL], b"ready-to-paint")),
            "wizard --demo, first paint": median(lambda: seconds_to_paint(["-m", "wizard", "--demo"], b"Registry")),
            "wizard --demo, connected": median(lambda: seconds_to_paint(["-m", "wizard", "--demo"], b"Go on")),
        }
        assert box.url
    with capsys.disabled():
        print("\n\n  start-up, median of", RUNS, "runs")
        for name, value in rows.items():
            print(f"  {name:30} {value * 1000:7.0f} ms")
