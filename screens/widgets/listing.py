"""A list of options that bears keys also in a window too small for it, or before it was drawn."""

from __future__ import annotations

from textual.widgets import OptionList


class Listing(OptionList):
    """Textual's list ends the program on Page Up and Page Down where it has no line on the terminal."""

    def action_page_up(self) -> None:
        """Move a page up, where there are pages."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual left it bare

    def action_page_down(self) -> None:
        """Move a page down, where there are pages."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]  # as above
