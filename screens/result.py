"""The last page: what exists now, what was proved, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens import ending
from screens.applying import Applied
from screens.content import MUTED, line
from screens.ending import Said, Tone
from screens.help import Help
from screens.page import Page
from screens.widgets.told import Told
from screens.widgets.top_bar import Trail
from wizard.change import Plan

_STYLES: dict[Tone, str] = {"good": "$text-success", "bad": "$text-error", "plain": "", "muted": MUTED}


class ResultScreen(Page[bool]):
    """Tells how the apply ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape,q", "dismiss(True)", "Finish", key_display="↵", id="page.back"),
    ]

    def __init__(self, trail: Trail, plan: Plan, applied: Applied, image_prefix: str | None) -> None:
        """Tell of this apply."""
        super().__init__(trail)
        self._plan = plan
        self._applied = applied
        self._image_prefix = image_prefix

    def body(self) -> ComposeResult:
        """The headline, then one part after the other."""
        good = self._applied.finished.exit == 0
        mark, style = ("✓", "bold $text-success") if good else ("✗", "bold $text-error")
        with VerticalScroll(id="telling"):
            yield Static(line(f"{mark} {ending.headline(self._applied)}", style), classes="title")
            for title, told in self._parts():
                yield Static(title, classes="part", markup=False)
                yield from told

    def help(self) -> Help:
        """Return what can be done afterwards."""
        text = "`registry-wizard undo` takes back what the last apply on this project did, change by change."
        return Help("Result", text, topic="undo")

    def _parts(self) -> Iterator[tuple[str, list[Told]]]:
        parts: tuple[tuple[str, Iterable[Said]], ...] = (
            ("What exists now", ending.made(self._plan, self._applied)),
            ("What was checked", ending.proved(self._applied)),
            ("Where it is", ending.places(self._plan, self._image_prefix)),
            ("What to do next", ending.next_steps(self._plan, self._applied)),
        )
        for title, told in parts:
            drawn = [_drawn(said) for said in told if said.text]
            if drawn:
                yield title, drawn


def _drawn(said: Said) -> Told:
    style = _STYLES[said.tone]
    return Told(line(said.lead or " ", style), line(said.text, "" if said.lead else style))
