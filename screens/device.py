"""Log-in by a code: the address to open and the code to type there; the page goes on when that was done."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Stop
from typing import TYPE_CHECKING, ClassVar

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
from screens.widgets.told import Told
from screens.widgets.top_bar import Trail
from screens.widgets.trouble import Trouble
from wizard.errors import WizardError
from wizard.secret import Secret

if TYPE_CHECKING:
    from screens.beginning import CodeLogin
    from wizard.gateways.device_login import Invitation

_ABOUT = (
    "GitLab gives this program a token of its own for two hours, with the scope `api`. Open the page on any device on "
    "which you are logged in to GitLab; nothing is opened by itself. The code is of no use to anybody else once you "
    "have typed it."
)


class DeviceScreen(Page[Secret]):
    """Shows address and code, and closes with the token; None: somebody went back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "retry", "New code", id="device.retry")]

    class Invited(Message):
        """GitLab gave a code."""

        def __init__(self, invitation: Invitation) -> None:
            """Carry it."""
            super().__init__()
            self.invitation = invitation

    class Done(Message):
        """Somebody logged in."""

        def __init__(self, token: Secret) -> None:
            """Carry the token."""
            super().__init__()
            self.token = token

    class Failed(Message):
        """There is no token to come."""

        def __init__(self, error: WizardError) -> None:
            """Carry why."""
            super().__init__()
            self.error = error

    def __init__(self, trail: Trail, begin: Callable[[], CodeLogin]) -> None:
        """Log in by what `begin` makes."""
        super().__init__(trail)
        self._begin = begin
        self._stop = Stop()
        self._busy = False

    def body(self) -> ComposeResult:
        """What to do in the browser."""
        with Vertical(id="device"):
            yield Static("Log in with your browser", classes="title")
            yield Static(_ABOUT, classes="intro", markup=False)
            yield Told(line("1. Open"), line(""), id="address")
            yield Told(line("2. Type"), line(""), id="code")
            yield Told(line("3. Agree"), line("This page goes on by itself."))
            with Vertical(id="doing"):
                yield Static("Asking GitLab for a code", classes="what")
                yield LoadingIndicator()
            yield Trouble()

    def help(self) -> Help:
        """Return what happens here."""
        return Help("Log in with your browser", _ABOUT)

    def on_mount(self) -> None:
        """Ask for a code."""
        self.action_retry()

    def on_unmount(self) -> None:
        """Let the thread end with the page."""
        self._stop.set()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another code when this one is of no use any more."""
        return super().check_action(action, parameters) if action != "retry" else not self._busy

    def action_retry(self) -> None:
        """Ask for a new code."""
        self._show(None)
        self.query_one(".what", Static).update("Asking GitLab for a code")
        self._log_in()

    def _show(self, error: WizardError | None) -> None:
        self._busy = error is None
        self.query_one("#doing").display = self._busy
        self.query_one(Trouble).tell(error)
        self.refresh_bindings()

    @work(thread=True, exit_on_error=False, group="device", description="log in by a code")
    def _log_in(self) -> None:
        try:
            login = self._begin()
            invitation = login.begin()
            self.post_message(self.Invited(invitation))
            token = login.finish(invitation, self._stop)
        except Exception as error:  # whatever it is, the page must say so
            self.post_message(self.Failed(told(error)))
        else:
            if token is not None:
                self.post_message(self.Done(token))

    @on(Invited)
    def _invited(self, event: Invited) -> None:
        self.query_one("#address", Told).tell(line("1. Open"), line(event.invitation.address, "bold"))
        self.query_one("#code", Told).tell(line("2. Type"), line(event.invitation.code, "bold"))
        minutes = max(1, round(event.invitation.seconds / 60))
        self.query_one(".what", Static).update(f"Waiting for you. The code is good for {minutes} min.")

    @on(Done)
    def _done(self, event: Done) -> None:
        self.dismiss(event.token)

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._show(event.error)
