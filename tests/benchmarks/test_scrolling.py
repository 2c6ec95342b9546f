"""Five hundred changes under the cursor: how long from a key to the painted page, the median of many presses."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.screens.fakes import DIFF, FakeBackend, plan_of
from tests.screens.harness import settle
from tests.screens.test_review import reviewing
from wizard.change import Change

pytestmark = pytest.mark.benchmark
PRESSES = 60
AIM = 50
"""Milliseconds."""


def _change(number: int) -> Change:
    path = f"k8s/overlays/environment-{number}/kustomization.yaml"
    return Change(f"file:{path}", "file", "create", path, f"{path}: the environment", diff=DIFF * 5, step="deploy")


async def test_a_plan_of_five_hundred_changes_scrolls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr("screens.preferring.config_file", lambda: tmp_path_factory.getbasetemp() / "none.yml")
    app = reviewing(FakeBackend(planned=plan_of(*(_change(number) for number in range(500)))))
    async with app.run_test() as pilot:
        await settle(pilot)
        taken = {key: [await _paint(pilot, key) for _ in range(PRESSES)] for key in ("f12", "down")}
    idle, moved = (statistics.median(taken[key]) for key in ("f12", "down"))
    with capsys.disabled():
        wait = f"of which the test's own wait {idle:.1f} ms"
        print(f"\n\n  500 changes: key to paint {moved:.1f} ms in the median, {wait} (aim: {AIM} ms)")
    assert len(taken["down"]) == PRESSES


async def _paint(pilot: Pilot[Any], key: str) -> float:
    """Return the milliseconds from a key to the painted page; of a key without a meaning it is what waiting takes."""
    started = time.perf_counter()
    await pilot.press(key)
    pilot.app.screen._compositor.render_strips()
    return (time.perf_counter() - started) * 1000
