"""The preview of the open question, on a page of its own: where it does not fit beside the questions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from screens.closing import Dialog
from screens.widgets.keys import Keys
from screens.widgets.preview_pane import PreviewPane
from wizard.preview import Preview


class Reading(PreviewPane, can_focus=True):
    """A preview that the keys scroll."""


class PreviewScreen(Dialog[None]):
    """One preview over the page that it belongs to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,q,enter", "dismiss(None)", "Close", key_display="esc", id="preview.close"),
    ]

    def __init__(self, preview: Preview) -> None:
        """Show this preview."""
        super().__init__()
        self._preview = preview

    def compose(self) -> ComposeResult:
        """The preview in a frame."""
        with Vertical(id="frame"):
            yield Reading(self._preview)
        yield Keys()
