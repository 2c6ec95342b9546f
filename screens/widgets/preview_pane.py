"""What an answer comes to, beside the questions or on a page of its own."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widgets import Static

from screens.content import line
from screens.drawing import drawn
from wizard.preview import Preview


class PreviewPane(VerticalScroll, can_focus=False):
    """A preview, drawn anew where its room changes; gone while there is nothing to show."""

    def __init__(self, preview: Preview | None = None, *, id: str | None = None) -> None:
        """Show this, or nothing yet."""
        super().__init__(id=id)
        self._preview = preview
        self._width = 0

    def compose(self) -> ComposeResult:
        """Title and body."""
        yield Static(classes="title")
        yield Static(classes="body")

    def on_mount(self) -> None:
        """Show what there is."""
        self._draw()

    def show(self, preview: Preview | None) -> None:
        """Show another preview, from its beginning; the same one stays where it was scrolled to."""
        if preview != self._preview:
            if preview is None or self._preview is None or preview.title != self._preview.title:
                self.scroll_home(animate=False)
            self._preview = preview
            self._draw()

    def on_resize(self, event: Resize) -> None:
        """Break the lines anew."""
        if event.size.width != self._width:
            self._draw()

    def _draw(self) -> None:
        self.display = self._preview is not None
        if self._preview is None:
            return
        self._width = self.scrollable_content_region.width
        self.query_one(".title", Static).update(line(self._preview.title))
        self.query_one(".body", Static).update(drawn(self._preview, max(self._width, 30)))
