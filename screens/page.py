"""What every page has: the bar on top, the footer, Back and Help."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Generic

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.closing import Closing, Result
from screens.help import Help, HelpScreen
from screens.widgets.keys import Keys
from screens.widgets.top_bar import TopBar, Trail


class Turn(Enum):
    """Where the user wants to go."""

    ON = "on"
    BACK = "back"


class Page(Closing[Result], Screen[Result], Generic[Result]):
    """One page of the wizard. Closing it with None means Back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="page.back"),
        Binding("f1", "explain", "Help", id="page.help"),
    ]

    def __init__(self, trail: Trail) -> None:
        """Stand at this place among the pages."""
        super().__init__()
        self.trail = trail

    def compose(self) -> ComposeResult:
        """The bar, the page's own widgets, the footer."""
        yield TopBar(self.trail)
        yield from self.body()
        yield Keys()

    def body(self) -> ComposeResult:
        """Yield the page's own widgets."""
        yield from ()

    def help(self) -> Help:
        """Return what F1 shows."""
        return Help(self.app.title, "")

    def action_back(self) -> None:
        """Go to the page before."""
        self.dismiss(None)

    def action_explain(self) -> None:
        """Open the help."""
        self.app.push_screen(HelpScreen(self.help()))
