"""One page in an app of its own, and what it was closed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from screens.styles import SHEETS
from screens.widgets.questionnaire import Questionnaire


class Harness(App[None]):
    """Shows one page. `results` holds what it was closed with."""

    CSS_PATH = list(SHEETS)  # noqa: RUF012  # as the base class declares it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  # as the base class declares it

    def __init__(self, page: Callable[[], Screen[Any]]) -> None:
        super().__init__()
        self._page = page
        self.results: list[Any] = []
        self.left = 0

    def on_mount(self) -> None:
        self.push_screen(self._page(), self.results.append)

    def action_leave(self) -> None:
        self.left += 1


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until threads and messages have come to rest."""
    await pilot.pause()
    for _ in range(500):
        if not any(_busy(worker) for worker in pilot.app.workers):
            break
        await pilot.pause(0.01)
    await pilot.pause()


def _busy(worker: Worker[Any]) -> bool:
    """Whether a worker will come to its end without a key being pressed."""
    return worker.is_running and worker.description not in ("journey", "confirm")


def text_of(app: App[Any]) -> str:
    """Return what the screen on top says, line by line."""
    height = app.size.height
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips[:height])


def flowed(app: App[Any]) -> str:
    """Return what the screen on top says, as if its lines had no end and its boxes no edges."""
    return " ".join(text_of(app).translate(_EDGES).split())


_EDGES = dict.fromkeys(map(ord, "│▌"), " ")


def said(app: App[Any], selector: str) -> str:
    """Return the text of one widget."""
    return str(app.screen.query_one(selector, Static).content)


def asking(app: App[Any]) -> Questionnaire:
    """Return the questions of the page on top."""
    return app.screen.query_one(Questionnaire)
