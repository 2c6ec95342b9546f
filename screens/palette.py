"""What the command palette offers: every action that a key of the open page has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import OptionList

from screens.closing import Closing

_NOT_ALONE = frozenset({"app.command_palette", "command_palette"})
"""The palette is open already."""


class Palette(Closing[None], CommandPalette):
    """Textual's palette ends the program on Page Up and Page Down while its list has no line on the terminal."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer pages only where there are any."""
        if action == "command_list" and not self.query_one(OptionList).scrollable_content_region:
            return False
        return super().check_action(action, parameters)


def actions(screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield each action once, under the name that its key has in the footer, with that key."""
    seen: set[str] = set(_NOT_ALONE)
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and binding.id and active.enabled and binding.action not in seen:
            seen.add(binding.action)
            run = partial(_run, screen, binding.action, active.node)
            yield SystemCommand(binding.description, f"Key: {screen.app.get_key_display(binding)}", run)


async def _run(screen: Screen[object], action: str, node: DOMNode) -> None:
    """Do what a key of the page does, unless the page has ended meanwhile."""
    if screen.is_attached and node.is_attached:
        await screen.app.run_action(action, node)
