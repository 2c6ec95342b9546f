"""The changes while they are made. This page cannot be left before they have come to an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event as Stop
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import ProgressBar, Static

from screens.content import MUTED, line
from screens.failure import told
from screens.help import Help
from screens.page import Page
from screens.widgets.change_state import ChangeState, lasting
from screens.widgets.top_bar import Trail
from wizard.change import Plan
from wizard.errors import Exit, WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, Verified, Waiting

_INTRO = (
    "Each change is looked at once more just before it is made: where something moved since the plan, it stops. "
    "Stopping waits for the change under way; what was made by then stands, and `registry-wizard undo` takes it back."
)


@dataclass(frozen=True, slots=True)
class Applied:
    """Everything that was told while applying."""

    events: tuple[Event, ...]
    finished: Finished
    error: WizardError | None = None
    """What ended it without an event of its own."""


class ApplyScreen(Page[Applied]):
    """Makes the changes in a thread, and shows each."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.leave", "Stop", id="page.back")]

    class Happened(Message):
        """The core told an event."""

        def __init__(self, event: Event) -> None:
            """Carry it."""
            super().__init__()
            self.event = event

    class Ended(Message):
        """The events came to their end, or broke off with an error."""

        def __init__(self, error: WizardError | None) -> None:
            """Carry the error, if there was one."""
            super().__init__()
            self.error = error

    def __init__(
        self,
        trail: Trail,
        plan: Plan,
        begin: Callable[[Stop], Iterator[Event]],
        clock: Callable[[], float] = time.monotonic,
        *,
        undo: bool = False,
    ) -> None:
        """Carry `plan` out by the events of `begin`; `clock` counts seconds. `undo`: it takes changes back."""
        super().__init__(trail)
        self._undo = undo
        self._plan = plan
        self._begin = begin
        self._clock = clock
        self._started_at = clock()
        self._under_way: tuple[ChangeState, float] | None = None
        """The change that is being made, and since when."""
        self._note = ""
        self._events: list[Event] = []
        self._stop = Stop()

    def body(self) -> ComposeResult:
        """How far it is, then one line for each change."""
        with Vertical(id="heading"):
            yield Static("Taking the changes back" if self._undo else "Making the changes", classes="title")
            yield ProgressBar(total=len(self._plan.pending), show_eta=False, show_percentage=False)
            yield Static(classes="status")
        with VerticalScroll(id="changes"):
            for change in self._plan.pending:
                yield ChangeState(change)

    def help(self) -> Help:
        """Return what stopping does."""
        return Help("Taking back" if self._undo else "Applying", _INTRO, topic="undo")

    def on_mount(self) -> None:
        """Begin."""
        self._tick()
        self.set_interval(1, self._tick)  # once a second, whoever wants no motion sees no more than a number change
        self._run()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop after the change under way."""
        self._stop.set()
        self._tick()

    @work(thread=True, exit_on_error=False, group="apply", description="apply")
    def _run(self) -> None:
        error = None
        try:
            for event in self._begin(self._stop):
                self.post_message(self.Happened(event))
        except Exception as raised:  # whatever it is: what was changed by then must be said
            error = told(raised)
        finally:
            self.post_message(self.Ended(error))

    def _tick(self) -> None:
        """Say how long all of it takes so far, and the change under way."""
        now = self._clock()
        done = sum(isinstance(event, ChangeDone) for event in self._events)
        stopping = "stopping after the change under way" if self.stopping else ""
        parts = (f"{done} of {len(self._plan.pending)}", lasting(now - self._started_at), stopping, self._note)
        self.query_one(".status", Static).update(line(" · ".join(part for part in parts if part), MUTED))
        if self._under_way:
            state, since = self._under_way
            state.elapsed(now - since)

    def _state(self, change_id: str) -> ChangeState | None:
        return next((state for state in self.query(ChangeState) if state.change.id == change_id), None)

    @on(Happened)
    def _happened(self, message: Happened) -> None:
        event, self._note = message.event, ""
        self._events.append(event)
        match event:
            case ChangeStarted(id=name) | ChangeDone(id=name) | ChangeFailed(id=name):
                self._follow(name, event)
            case Waiting(seconds=seconds, reason=reason):
                self._note = f"waiting {seconds:g} s: {reason}"
            case Verified(id=name, ok=ok):
                self._note = f"checked {name}: {'ok' if ok else 'not ok'}"
        self._tick()

    def _follow(self, name: str, event: ChangeStarted | ChangeDone | ChangeFailed) -> None:
        state = self._state(name)
        self._under_way = (state, self._clock()) if state and isinstance(event, ChangeStarted) else None
        if state:
            state.follow(event)
            self.query_one("#changes").scroll_to_widget(state, animate=False)
        self.query_one(ProgressBar).advance(isinstance(event, ChangeDone))

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        self.dismiss(Applied(tuple(self._events), self._finished(message.error), message.error))

    def _finished(self, error: WizardError | None) -> Finished:
        """Return the last event; where it never came, say what is known to have been made."""
        for event in self._events:
            if isinstance(event, Finished):
                return event
        began = any(isinstance(event, ChangeStarted) for event in self._events)
        done = tuple(event.id for event in self._events if isinstance(event, ChangeDone))
        left = tuple(change.id for change in self._plan.pending if change.id not in done)
        code = Exit.PARTIAL if began else error.exit if error else Exit.FAILED
        return Finished(at=datetime.now(UTC), status="failed", exit=int(code), done=done, left=left)
