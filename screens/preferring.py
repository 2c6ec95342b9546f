"""What a person prefers, as the screens take it: the actions that have keys, the themes, one of high contrast."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import Widget

from wizard.preferences import Known, Preferences, config_file, preferences

HIGH_CONTRAST: Final = Theme(
    name="high-contrast",
    primary="cyan",
    secondary="yellow",
    accent="yellow",
    foreground="white",
    background="black",
    surface="black",
    panel="black",
    success="lime",
    warning="yellow",
    error="red",
    text_alpha=1.0,
    dark=True,
)


def has_preferences() -> bool:
    """Whether there is anything to take over; a file that cannot be read counts."""
    return bool(os.environ.get("TEXTUAL_THEME")) or os.path.lexists(config_file())


def preferred(app: App[Any]) -> Preferences:
    """Read the file and take over what it says; TEXTUAL_THEME goes before its theme. UsageError for a bad file."""
    app.register_theme(HIGH_CONTRAST)
    found = preferences(config_file(), Known(set(_ids(type(app))), set(app.available_themes)))
    theme = os.environ.get("TEXTUAL_THEME", "") or found.theme
    if theme in app.available_themes:
        app.theme = theme
    app.set_keymap({**found.keys})
    return found


def _ids(*roots: type[DOMNode]) -> Iterator[str]:
    """Yield the id of every action of ours that a key can be given to."""
    waiting: list[type[DOMNode]] = [*roots, Screen, Widget]
    while waiting:
        current = waiting.pop()
        waiting += current.__subclasses__()
        if current.__module__.startswith("screens."):
            yield from (one.id for one in current.__dict__.get("BINDINGS", ()) if isinstance(one, Binding) and one.id)
