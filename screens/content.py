"""Text as it is drawn: never markup, never a terminal escape."""

from __future__ import annotations

from textual.content import Content

from wizard.text import visible, visible_lines

MUTED = "$foreground 60%"


def line(text: str, style: str = "") -> Content:
    """Return text from anywhere as one harmless line."""
    return Content.styled(visible(text), style) if style else Content(visible(text))


def lines(text: str, style: str = "") -> Content:
    """Return text from anywhere with its line ends kept."""
    return Content.styled(visible_lines(text), style) if style else Content(visible_lines(text))


def padded(text: str, width: int) -> Content:
    """Return one line that takes `width` cells, cut with an ellipsis where it is longer."""
    return Content(visible(text)).truncate(width, ellipsis=True, pad=True)
