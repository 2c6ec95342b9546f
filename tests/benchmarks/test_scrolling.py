"""Five hundred changes under the cursor: how long from a key to what it paints on a real terminal."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.benchmarks.many_changes import COUNT
from tests.benchmarks.terminal import Terminal, running

pytestmark = pytest.mark.benchmark
ROOT = Path(__file__).parents[2]
PRESSES = 40
HELD = 150
REPEATS_IN_A_SECOND = 30
"""As a keyboard sends a key that is held."""
AIM = 50
"""Milliseconds."""
DOWN = b"\x1b[B"


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
def test_a_plan_of_five_hundred_changes_scrolls(
    size: tuple[int, int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(ROOT)
    with running(["-m", "tests.benchmarks.many_changes"], size) as terminal:
        terminal.until(b"overlay 0:")
        terminal.pass_over(0.5)
        pressed = [_press(terminal, number) for number in range(1, PRESSES + 1)]
        behind = _hold(terminal, PRESSES + HELD)
    moved, explained = (statistics.median(taken) for taken in zip(*pressed, strict=True))
    with capsys.disabled():
        print(f"\n\n  {COUNT} changes at {size[0]}x{size[1]}, from a key to its paint, median of {PRESSES}:")
        print(f"  the cursor moves {moved:5.1f} ms (aim: {AIM} ms), details {explained:5.1f} ms")
        print(f"  {HELD} keys, {REPEATS_IN_A_SECOND} in a second: details {behind:5.1f} ms after the last")


def _press(terminal: Terminal, number: int) -> tuple[float, float]:
    """Return the milliseconds from a key to the line that it leads to, and to the details of that."""
    line, details = b"overlay %d:", b"file:k8s/overlays/environment-%d/"
    started = time.perf_counter()
    terminal.press(DOWN)
    moved, explained = terminal.until(line % number, details % number)
    terminal.pass_over(0.1)
    return (moved - started) * 1000, (explained - started) * 1000


def _hold(terminal: Terminal, last: int) -> float:
    """Hold the key until the last line; return the milliseconds from then to its details."""
    for _ in range(HELD):
        terminal.pass_over(0)
        terminal.press(DOWN)
        pressed = time.perf_counter()
        time.sleep(1 / REPEATS_IN_A_SECOND)
    return (terminal.until(b"file:k8s/overlays/environment-%d/" % last)[0] - pressed) * 1000
