"""A headless Chromium, driven by its own protocol; what a page's terminal shows is read from what the server sends."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pyte

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
PATIENCE = 60.0
"""Seconds after which a text that has not come will not come."""


class Tab:
    """One page, what it asked for, and the terminal in it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._orders: list[asyncio.Future[None]] = []
        self.asked: list[str] = []
        """Every address that the page asked for."""
        self._screen = pyte.Screen(132, 43)
        self._stream = pyte.ByteStream(self._screen)
        self._news = asyncio.Condition()

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(self._screen.display)

    async def open(self, url: str) -> None:
        """Open a page."""
        for method in ("Network.enable", "Page.enable"):
            await self._call(method)
        await self._call("Emulation.setFocusEmulationEnabled", enabled=True)
        await self._call("Page.navigate", url=url)

    async def press_enter(self) -> None:
        """Press Enter in the page's terminal."""
        await self._call("Runtime.evaluate", expression="document.querySelector('.xterm-helper-textarea').focus()")
        key: dict[str, Any] = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await self._call("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
        await self._call("Input.dispatchKeyEvent", type="keyUp", **key)

    async def shows(self, text: str) -> None:
        """Wait until the terminal shows a text."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: text in self.text), PATIENCE)
            except TimeoutError:
                raise AssertionError(f"{text!r} did not come; the terminal shows:\n{self.text}") from None

    async def listen(self) -> None:
        """Take in what the browser tells, until it goes."""
        async for message in self._socket:
            said = json.loads(message.data)
            told = said.get("params", {})
            if "id" in said:
                assert "error" not in said, said
                self._orders[said["id"]].set_result(None)
            match said.get("method"):
                case "Network.requestWillBeSent":
                    self.asked.append(told["request"]["url"])
                case "Network.webSocketCreated":
                    self.asked.append(told["url"])
                case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                    self._stream.feed(base64.b64decode(told["response"]["payloadData"]))
                    async with self._news:
                        self._news.notify_all()

    async def _call(self, method: str, **params: Any) -> None:
        """Give an order and wait until it was carried out."""
        number = len(self._orders)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._orders.append(done)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        await asyncio.wait_for(done, PATIENCE)


@contextlib.asynccontextmanager
async def browser(program: str, folder: Path) -> AsyncIterator[Tab]:
    """Start the browser with a profile of its own and yield its one page."""
    chromium = subprocess.Popen(  # noqa: ASYNC220  # a test has nothing else to do meanwhile
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert chromium.stderr is not None
        told = next(line for line in chromium.stderr if "DevTools listening on" in line)
        found = re.search(r"ws://([^/]+)/", told)
        assert found, told
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{found[1]}/json/list") as response:
                page = next(tab for tab in await response.json() if tab["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                listening = asyncio.create_task(tab.listen())
                yield tab
                listening.cancel()
    finally:
        chromium.terminate()
        chromium.communicate(timeout=30)
