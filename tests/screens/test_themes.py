"""Whatever theme somebody prefers: what is under the cursor is told apart by more than its weight, and can be read."""

from __future__ import annotations

from typing import Any

import pytest
from rich.style import Style
from textual.app import App

from tests.screens.harness import settle
from tests.screens.test_snapshots import at

pytestmark = pytest.mark.thorough

THEMES = ("textual-dark", "textual-light", "solarized-light", "ansi-dark", "ansi-light", "high-contrast")
"""The usual ones, and each that draws something in a way of its own."""


def styles(app: App[Any], text: str) -> set[tuple[Any, ...]]:
    """Return how a text on the screen is drawn."""
    for strip in app.screen._compositor.render_strips():
        if text in strip.text:
            at = strip.text.index(text)
            return {_drawn(segment.style or Style()) for segment in strip.crop(at, at + len(text))}
    raise AssertionError(text)


def invisible(app: App[Any]) -> list[str]:
    """Return the texts that are drawn in the colour of their ground."""
    return [
        segment.text
        for strip in app.screen._compositor.render_strips()
        for segment in strip
        if segment.style and segment.text.isascii() and segment.text.strip()
        if segment.style.color and segment.style.color == segment.style.bgcolor and not segment.style.color.is_default
    ]


def _drawn(style: Style) -> tuple[Any, ...]:
    ground = style.bgcolor.get_truecolor() if style.bgcolor and not style.bgcolor.is_default else None
    return ground, bool(style.underline), bool(style.reverse)


@pytest.mark.parametrize(
    ("page", "under", "beside"),
    [
        ("step:registry", "GitLab's own registry", "another registry"),
        ("plan", "job token of every project", "container registry"),
    ],
    ids=["question", "plan"],
)
async def test_the_line_under_the_cursor_is_told_apart(page: str, under: str, beside: str) -> None:
    app = at(page, {})
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        alike, unread = [], set[str]()
        for theme in THEMES:
            app.theme = theme
            await settle(pilot)
            if styles(app, under) == styles(app, beside):
                alike.append(theme)
            for _ in range(4):
                await pilot.press("down")
                unread |= {f"{theme}: {text}" for text in invisible(app)}
            await pilot.press("home")
        assert (alike, unread) == ([], set())
