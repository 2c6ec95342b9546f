"""`serve`: the wizard in a real browser, and who may not use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.real.browser import browser
from tests.real.programs import program

pytestmark = [pytest.mark.real, pytest.mark.thorough]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a served demo."""
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    served = subprocess.Popen(
        [sys.executable, "-m", "wizard", "serve", "--demo", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ,
    )  # fmt: skip
    try:
        assert served.stdout is not None
        yield served.stdout.readline().strip()
    finally:
        served.send_signal(signal.SIGTERM)
        out, err = served.communicate(timeout=60)
    assert out == ""  # the address was the whole result
    assert "no log-in of its own" in err
    assert served.returncode == 130


async def test_the_demo_is_driven_in_a_browser_and_nothing_else_is_asked(address: str, tmp_path: Path) -> None:
    async with browser(program("chromium"), tmp_path / "profile") as tab:
        await tab.open(address)
        await tab.shows("You are  mira")
        await tab.press_enter()
        await tab.shows("Which project is set up?")
        await tab.press_enter()
        await tab.shows("Where do the images go?")
        ours = (f"{address}/", address.replace("http:", "ws:") + "/ws")
        assert tab.asked
        assert [asked for asked in tab.asked if not asked.startswith(ours)] == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/", {"Host": "wizard.example"}, 403),
        ("/", {"Host": "127.0.0.1.wizard.example"}, 403),
        ("/ws", {}, 403),
        ("/ws", {"Origin": "https://wizard.example"}, 403),
        ("/ws", {"Origin": "null"}, 403),
    ],
)
def test_another_site_cannot_use_the_wizard(address: str, path: str, headers: dict[str, str], status: int) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip
    sent = {**(upgrade if path == "/ws" else {}), **headers}
    found = requests.get(f"{address}{path}", headers=sent, timeout=10)
    assert found.status_code == status
    assert "X-Frame-Options" in found.headers or status == 403
