"""A page for work that takes a while: what is going on, and what to do where it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import LoadingIndicator, Static

from screens.content import line
from screens.failure import told
from screens.help import Help
from screens.page import Page
from screens.widgets.top_bar import Trail
from screens.widgets.trouble import Trouble
from wizard.errors import WizardError

T = TypeVar("T")


class WorkScreen(Page[T], Generic[T]):
    """Does blocking work in a thread and closes with what it returned.

    Leaving the page does not stop the work, whose result is then dropped: it only reads.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "retry", "Try again", key_display="↵", id="work.retry"),
    ]

    class Done(Message):
        """The work came to its end."""

        def __init__(self, result: object) -> None:
            """Carry what it returned."""
            super().__init__()
            self.result = result

    class Failed(Message):
        """The work could not be done."""

        def __init__(self, error: WizardError) -> None:
            """Carry why."""
            super().__init__()
            self.error = error

    def __init__(self, trail: Trail, doing: str, job: Callable[[], T]) -> None:
        """Do the `job` and say what it is `doing`."""
        super().__init__(trail)
        self._doing = doing
        self._job = job
        self._busy = True

    def body(self) -> ComposeResult:
        """What is going on, or what went wrong."""
        with Vertical(id="doing"):
            yield Static(line(self._doing), classes="what")
            yield LoadingIndicator()
        yield Trouble()

    def help(self) -> Help:
        """Return what this wait is for."""
        return Help(self._doing, "Nothing is changed while this page is shown: it only reads.")

    def on_mount(self) -> None:
        """Begin."""
        self._begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another try only after a failure."""
        return super().check_action(action, parameters) if action != "retry" else not self._busy

    def action_retry(self) -> None:
        """Try once more."""
        self._begin()

    def _begin(self) -> None:
        self._show(None)
        self._run()

    def _show(self, error: WizardError | None) -> None:
        self._busy = error is None
        self.query_one("#doing").display = self._busy
        self.query_one(Trouble).tell(error)
        self.refresh_bindings()

    @work(thread=True, exit_on_error=False, group="work", description="work")
    def _run(self) -> None:
        try:
            result = self._job()
        except Exception as error:  # whatever it is, the page must say so
            self.post_message(self.Failed(told(error)))
        else:
            self.post_message(self.Done(result))

    @on(Done)
    def _done(self, event: Done) -> None:
        self.dismiss(event.result)  # type: ignore[arg-type]  # what the job returned

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._show(event.error)
