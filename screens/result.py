"""The last page: what exists now, what was proved, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens import ending
from screens.content import MUTED, line, lines
from screens.ending import Result, Said, Tone
from screens.help import Help
from screens.page import Page
from screens.widgets.told import Told
from screens.widgets.top_bar import Trail

_STYLES: dict[Tone, str] = {"good": "$text-success", "bad": "$text-error", "plain": "bold", "muted": MUTED}
_HELP = (
    "`registry-wizard undo` takes back what the last apply on this project did, change by change; so does U here. "
    "After a failure R plans what is left anew. Leaving keeps what stands."
)
Choice = Literal["finish", "retry", "undo"]


class ResultScreen(Page[Choice]):
    """Tells how it ended, and offers what can be done about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape,q", "dismiss('finish')", "Finish", key_display="↵", id="page.back"),
        Binding("r", "retry", "Try again", id="result.retry"),
        Binding("u", "undo", "Take back", id="result.undo"),
    ]

    def __init__(self, trail: Trail, result: Result, images: str | None) -> None:
        """Tell of this result."""
        super().__init__(trail)
        self._result = result
        self._images = images

    def body(self) -> ComposeResult:
        """The headline, then one part after the other."""
        good = self._result.applied.finished.exit == 0
        mark, style = ("✓", "bold $text-success") if good else ("✗", "bold $text-error")
        with VerticalScroll(id="telling"):
            yield Static(line(f"{mark} {ending.headline(self._result)}", style), classes="title")
            for title, told in self._parts():
                yield Static(title, classes="part", markup=False)
                yield from told

    def help(self) -> Help:
        """Return what can be done afterwards."""
        return Help("Result", _HELP, topic="undo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another try and taking back only where there is something for them."""
        if action == "retry":
            return self._result.can_retry
        if action == "undo":
            return self._result.can_undo
        return super().check_action(action, parameters)

    def action_retry(self) -> None:
        """Plan what is left."""
        self.dismiss("retry")

    def action_undo(self) -> None:
        """Look at what would be taken back."""
        self.dismiss("undo")

    def _parts(self) -> Iterator[tuple[str, list[Told]]]:
        for title, told in ending.parts(self._result, self._images):
            drawn = [_drawn(said) for said in told if said.text]
            if drawn:
                yield title, drawn


def _drawn(said: Said) -> Told:
    style = _STYLES[said.tone]
    return Told(line(said.lead or " ", style), lines(said.text, "" if said.lead else style))
