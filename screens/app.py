"""The wizard in the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.screen import Screen
from textual.widgets import Static

from screens.failure import crash_report
from screens.lasting import lasting_terminal
from screens.opening import Opening, load
from screens.palette import Palette, actions
from screens.preferring import has_preferences, preferred
from screens.signals import handled
from screens.styles import SHEETS
from screens.widgets.keys import Keys
from screens.widgets.top_bar import TopBar, Trail
from wizard.errors import WizardError

if TYPE_CHECKING:
    from threading import Event as Stop

    from screens.applying import ApplyScreen
    from screens.beginning import Beginning, Outcome
    from screens.journey import Journey
    from wizard.commands.opening import Prepared

# ruff: noqa: PLC0415 - the first frame is painted before any page is imported: that takes longer than all else

WIDE = 100
"""Columns from which details stand beside the list."""


class WizardApp(App["Outcome"]):
    """Page after page, until everything is made or the user leaves."""

    TITLE = "Registry Wizard"
    CSS_PATH = list(SHEETS)  # noqa: RUF012  # as the base class declares it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  # as the base class declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", priority=True, id="app.quit"),
        Binding("ctrl+c", "leave", "Quit", show=False, priority=True, id="app.interrupt"),
    ]

    _journey: Journey
    """Not there while the wizard is opening."""
    _leaving: Stop

    def __init__(self, beginning: Beginning | None = None, *, opening: Opening | None = None) -> None:
        """Begin with this, or with what comes of `opening`."""
        super().__init__()
        self._opening = opening
        if opening is not None and has_preferences():
            load()  # the file may name any key of any page, and the first frame has its theme
            preferred(self)
        if beginning is not None:
            self._begin(beginning)

    def _begin(self, beginning: Beginning) -> None:
        from screens.journey import journey

        self._journey, self._leaving = journey(self, beginning), beginning.leaving
        self._opening = None
        preferred(self)

    def get_css_variables(self) -> dict[str, str]:
        """Let scrollbars take part in the theme without a colour of their own."""
        variables = super().get_css_variables()
        calm = {"scrollbar": "panel", "scrollbar-hover": "secondary", "scrollbar-active": "accent"}
        ground = dict.fromkeys(("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active",
                                "scrollbar-corner-color"), "background")  # fmt: skip
        return {**variables, **{name: variables[source] for name, source in {**calm, **ground}.items()}}

    def compose(self) -> ComposeResult:
        """The frame that shows between two pages, so that nothing flashes."""
        yield TopBar(Trail())
        if self._opening is not None:
            yield Static("Looking at this repository …", id="opening")
        yield Keys()

    def on_mount(self) -> None:
        """Set out."""
        self._travel()

    @work(description="journey")
    async def _travel(self) -> None:
        with handled(self.interrupt):
            if self._opening is None or await self._open(self._opening):
                self._end(await self._journey.travel())

    async def _open(self, opening: Opening) -> bool:
        """Paint the first frame, then work out what to begin with; False where there is nothing to begin with."""
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()
        beginning = await asyncio.to_thread(opening.work)
        try:
            if beginning is not None:
                self._begin(beginning)
        except WizardError as error:
            opening.error = error
        if opening.error is not None:
            self.exit()
            return False
        await self.query_one("#opening").remove()
        return True

    def _end(self, outcome: Outcome) -> None:
        """Close, and hand back whether the answers lie there for the next start."""
        self.exit(replace(outcome, kept=self._journey.keeping.kept))

    async def on_event(self, event: Event) -> None:
        """Drop keys that come before their page is there: it could not tell yet what they would do."""
        if isinstance(event, Key) and not self.screen.is_mounted:
            active = self.screen.active_bindings.get(event.key)
            if active is None or not active.binding.priority:
                return
        await super().on_event(event)

    def on_questionnaire_focused(self) -> None:
        """Keep what was answered so far: nothing announces a kill."""
        self.call_after_refresh(self._journey.keep, self.screen)  # the answer is taken in when its question is left

    def exit(self, *given: Any, **named: Any) -> None:
        """End, and wait for no server."""
        if self._opening is None:
            self._leaving.set()
        super().exit(*given, **named)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the page, themes and keys; no screenshot, which would leave a file."""
        yield from actions(screen)
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Keys"):
                yield command

    def action_command_palette(self) -> None:
        """Open the palette over the page."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    @property
    def _applying(self) -> ApplyScreen | None:
        from screens.applying import ApplyScreen

        return next((screen for screen in self.screen_stack if isinstance(screen, ApplyScreen)), None)

    def interrupt(self) -> None:
        """Answer a signal: stop after the change under way, or end at once where nothing is being changed."""
        from screens.beginning import interrupted

        if self._opening is not None:
            self.exit(interrupted())
            return
        applying = self._applying
        if applying is None:
            self._journey.keep(self.screen)
            self._end(self._journey.carrying.outcome or interrupted(self._journey.draft))
        else:
            self._journey.carrying.hurried = True
            applying.stop()

    def action_leave(self) -> None:
        """Ask whether to leave, or to stop while changes are made; asked twice means yes."""
        from screens.beginning import left
        from screens.confirm import LeaveScreen
        from screens.result import ResultScreen

        if self._opening is not None:
            self.exit(left())
            return
        if isinstance(self.screen, LeaveScreen):
            self.screen.dismiss(True)
            return
        applying, outcome = self._applying, self._journey.carrying.outcome
        if outcome is not None and isinstance(self.screen, ResultScreen):
            self._end(outcome)
        elif applying is None:
            self._journey.keep(self.screen)
            kept = "\nYour answers are kept for the next start." if self._journey.keeping.kept else ""
            text = f"{'What was made stands.' if outcome else 'Nothing has been changed.'}{kept}"
            self.push_screen(LeaveScreen("Leave the wizard?", text, yes="Yes, leave", no="No, stay"), self._leave)
        elif not applying.stopping:
            text = "The change under way comes to its end first. What was made by then stands."
            self.push_screen(LeaveScreen("Stop here?", text, yes="Yes, stop", no="No, go on"), self._stop)

    def _fatal_error(self) -> None:
        """End on a crash without a value: Textual's own traceback prints every variable, and one may be a secret."""
        self.panic(crash_report(self._exception))

    async def action_quit(self) -> None:
        """Ask first, whatever led here."""
        self.action_leave()

    def _leave(self, yes: bool | None) -> None:
        from screens.beginning import left

        if yes:
            self._end(self._journey.carrying.outcome or left(self._journey.draft))

    def _stop(self, yes: bool | None) -> None:
        if yes and self._applying is not None:
            self._applying.stop()


def run(prepare: Callable[[], Prepared]) -> Outcome:
    """Run the wizard in this terminal and say how it ended; `prepare`, in a thread, works out what it begins with.

    The caller makes sure that there is a terminal: Textual does not check. A crash ends as a failure. What `prepare`
    raises is raised once the terminal is as it was; nothing of it goes on then.
    """
    opening = Opening(prepare)
    with lasting_terminal():
        outcome = WizardApp(opening=opening).run()
    if outcome is None and opening.error is not None:
        raise opening.error
    from screens.beginning import failed

    return outcome or failed(opening.beginning)
