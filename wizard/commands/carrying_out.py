"""Runs the events of an apply or an undo to their end, whatever ends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event as Stop
from typing import Literal

from wizard.commands.signals import asked_to_stop
from wizard.errors import Exit, WizardError
from wizard.events import ChangeDone, ChangeStarted, Event, Finished, Status, Verified, Waiting
from wizard.output import events_text
from wizard.output.console import Console

Format = Literal["text", "json"]
_BEFORE: dict[Exit, Status] = {Exit.INTERRUPTED: "interrupted", Exit.USAGE: "refused"}


@dataclass(slots=True)
class Carrying:
    """One run of events, told as they come."""

    console: Console
    form: Format
    started: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed_checks: int = 0
    finished: Finished | None = None

    def out(self, events: Callable[[Stop], Iterator[Event]]) -> int:
        """Tell every event and return the exit code. The first signal lets the change under way come to its end."""
        try:
            with asked_to_stop(self._stopping) as stop:
                for event in events(stop):
                    self._tell(event)
        except KeyboardInterrupt:
            return self._cut_short("interrupted", Exit.INTERRUPTED)
        except WizardError as error:
            self.console.failure(error)
            return self._cut_short("failed", error.exit)
        except Exception as error:  # whatever it is: what was changed by then must be said
            self.console.crash(error)
            return self._cut_short("failed", Exit.FAILED)
        if self.failed_checks:
            self.console.note(f"{self.failed_checks} checks failed: what was set up may not work yet; see doctor")
        code = self.finished.exit if self.finished else self._cut_short("failed", Exit.FAILED)
        self.console.lost = False  # what was done stands, whether or not it could be told on stdout
        return code

    def ended(self, error: WizardError) -> None:
        """Tell the end of a run that failed before its first event."""
        if self.form == "json":
            status = _BEFORE.get(error.exit, "failed")
            self._tell(Finished(at=datetime.now(UTC), status=status, exit=int(error.exit)))

    def _tell(self, event: Event) -> None:
        match event:
            case ChangeStarted(id=name):
                self.started.append(name)
            case ChangeDone(id=name, result=result) if result != "already":
                self.done.append(name)
            case Verified(ok=False):
                self.failed_checks += 1
            case Finished():
                self.finished = event
        if self.form == "text":
            events_text.tell(event, self.console)
            return
        self.console.result(events_text.as_json(event))
        if isinstance(event, Waiting):
            events_text.tell(event, self.console)

    def _cut_short(self, status: Status, code: Exit) -> int:
        """Tell the end that the events did not come to. A change that had begun may have been made."""
        exit_code = Exit.PARTIAL if self.started else code
        left = tuple(name for name in self.started if name not in self.done)
        if self.finished is None:
            self._tell(
                Finished(at=datetime.now(UTC), status=status, exit=int(exit_code), done=tuple(self.done), left=left)
            )
        return int(exit_code)

    def _stopping(self) -> None:
        self.console.note("stopping after the change under way; once more stops at once")
