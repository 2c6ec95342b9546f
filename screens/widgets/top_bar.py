"""The two lines on top of every page: what this is, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.content import MUTED, line


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a page stands among all pages."""

    project: str = ""
    page: int = 0
    pages: int = 0
    """0: how many there are is not known yet."""


class ProgressRule(Static):
    """A line whose bright part says how far the wizard has come."""

    def __init__(self, trail: Trail) -> None:
        """Draw the trail."""
        super().__init__()
        self._trail = trail

    def render(self) -> Content:
        """Draw the done part heavier, so that it shows without colour."""
        done = self.size.width * self._trail.page // self._trail.pages if self._trail.pages else 0
        return Content.assemble(("━" * done, "$accent"), ("─" * (self.size.width - done), "$foreground 20%"))


class TopBar(Vertical):
    """Name, project and page."""

    def __init__(self, trail: Trail) -> None:
        """Show the trail."""
        super().__init__()
        self._trail = trail

    def compose(self) -> ComposeResult:
        """Name and project left, the page right, the rule below."""
        page = f"{self._trail.page} of {self._trail.pages}" if self._trail.pages else ""
        name = Content.assemble(("Registry Wizard", "bold $accent"), "   ", line(self._trail.project, MUTED))
        with Horizontal():
            yield Static(name, classes="name")
            yield Static(page, classes="page")
        yield ProgressRule(self._trail)
