"""The keys at the foot of a page."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer


class Keys(Footer):
    """Textual's footer, which mounts its keys anew only where they differ from those that are shown.

    A screen tells its footer on every move of the focus that the keys may have changed: ten times while a page opens.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._due = False
        self._shown: list[Any] = []

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Look once, after the next refresh, however often the keys may have changed before it."""
        if not self._due:
            super().bindings_changed(screen)
            self._due = screen.app.app_focus and self.is_attached and screen is self.screen

    def compose(self) -> ComposeResult:
        """Show the keys, and keep which."""
        self._shown = self._current()
        yield from super().compose()

    async def recompose(self) -> None:
        """Show the keys anew where they have changed."""
        self._due = False
        if self.is_attached and self._current() != self._shown:
            await super().recompose()

    def _current(self) -> list[Any]:
        if not self._bindings_ready:
            return []
        return [
            (self.app.get_key_display(active.binding), active.binding, active.enabled, active.tooltip)
            for active in self.screen.active_bindings.values()
            if active.binding.show
        ]
