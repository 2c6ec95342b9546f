"""The first page: connects to GitLab, says as whom and with what, and asks for a log-in where none serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import LoadingIndicator, OptionList, Static

from screens.content import MUTED, line
from screens.device import DeviceScreen
from screens.failure import told
from screens.help import Help
from screens.page import Page
from screens.widgets.rows import Row, Rows
from screens.widgets.sign_in import SignIn
from screens.widgets.top_bar import Trail
from screens.widgets.trouble import Trouble
from wizard.errors import WizardError
from wizard.gateways.credentials import KEYRING
from wizard.secret import Secret
from wizard.token_report import connection_facts, worth_another_try

if TYPE_CHECKING:
    from screens.beginning import Backend, Beginning
    from wizard.session import Connection

_INTRO = (
    "This wizard sets a GitLab project up for private container images. It asks a few questions, shows every change "
    "it would make, and makes them only after you say yes. Until then nothing is written anywhere."
)
_TOKENS = "It is sent to this GitLab and to nobody else, and never shown or written down, unless you want it kept."
_ON = Row("on", "Go on")
_KEEP = Row("keep", "Go on, and keep the token in the keyring of this machine")
_OTHER = Row("other", "Log in as somebody else")
_FORGET = Row("forget", "Log in as somebody else, and take this token out of the keyring")
State = Literal["connecting", "asking", "connected"]


@dataclass(frozen=True, slots=True)
class LogIn:
    """With what somebody logs in; by default with the token that was found."""

    token: Secret | None = None
    words: str = ""
    """Where it came from; empty for the one that was found."""
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """A session that is open, and what is at its other end."""

    backend: Backend
    connection: Connection
    log_in: LogIn = LogIn()
    can_keep: bool = False
    """Whether the token was typed, and this machine has a keyring for it."""
    can_forget: bool = False
    """Whether the token was kept in the keyring of this machine."""


class ConnectScreen(Page[Connected]):
    """Connects, with the token that was found, typed, or given for a code."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.leave", "Leave", id="page.back"),
        Binding("ctrl+r", "retry", "Try again", id="connect.retry"),
    ]

    class Done(Message):
        """GitLab answered."""

        def __init__(self, connected: Connected) -> None:
            """Carry the session."""
            super().__init__()
            self.connected = connected

    class Kept(Message):
        """The keyring holds the token."""

    class Forgotten(Message):
        """The keyring holds the token no more."""

    class Failed(Message):
        """GitLab or the keyring could not be reached, or refused."""

        def __init__(self, error: WizardError) -> None:
            """Carry why."""
            super().__init__()
            self.error = error

    def __init__(self, trail: Trail, beginning: Beginning, connected: Connected | None = None) -> None:
        """Connect to the GitLab of `beginning`, unless that was done already."""
        super().__init__(trail)
        self._beginning = beginning
        self._connected = connected
        self._log_in = connected.log_in if connected else LogIn()
        self._state: State = "connecting"
        self._without = "none found"

    def body(self) -> ComposeResult:
        """What this is, where it connects to and as whom, and what to do next."""
        with Vertical(id="welcome"):
            yield Static(_INTRO, classes="intro", markup=False)
            yield Static(classes="facts")
            yield Static(classes="notes")
            yield Trouble()
            yield SignIn(self._beginning.url, by_code=self._beginning.code_login is not None)
            with Vertical(id="doing"):
                yield Static(line(f"Connecting to {self._beginning.url}"), classes="what")
                yield LoadingIndicator()
            yield Rows("one", id="onward")

    def help(self) -> Help:
        """Return what is asked for here."""
        return Help("Connecting to GitLab", _INTRO, "Your GitLab token", _TOKENS, topic="access-token")

    def on_mount(self) -> None:
        """Connect at once where a token was found."""
        if self._connected is not None:
            self._welcome(self._connected)
        elif self._beginning.token_source:
            self._begin()
        else:
            self._show("asking")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another try when there is a token to try."""
        if action != "retry":
            return super().check_action(action, parameters)
        return self._state == "asking" and bool(self._log_in.token or self._beginning.token_source)

    def action_retry(self) -> None:
        """Try again with the same token."""
        self._begin()

    def _begin(self) -> None:
        self._connected = None
        self._show("connecting")
        self._connect()

    def _show(self, state: State, error: WizardError | None = None) -> None:
        """Show what belongs to this state, and tell what went wrong on the way to it."""
        self._state = state
        self.set_class(error is not None, "-trouble")
        sign_in, onward = self.query_one(SignIn), self.query_one("#onward", Rows)
        sign_in.display = state == "asking"
        onward.display = state == "connected"
        self.query_one("#doing").display = state == "connecting"
        self.query_one(Trouble).tell(error)
        self.query_one(".facts", Static).update(_table(self._facts()))
        notes = [line(f"! {note}") for note in self._notes()]
        self.query_one(".notes", Static).update(Content("\n").join(notes))
        self.query_one(".notes", Static).display = bool(notes)
        if state == "asking":
            once_more = bool(error and worth_another_try(error) and self.check_action("retry", ()))
            sign_in.begin(again=once_more)
        elif state == "connected":
            onward.focus()
        self.refresh_bindings()

    def _welcome(self, connected: Connected) -> None:
        """Say as whom, and offer to go on."""
        self._connected = connected
        keep, forget = [_KEEP] * connected.can_keep, [_FORGET] * connected.can_forget
        self.query_one("#onward", Rows).fill((_ON, *keep, _OTHER, *forget), 0)
        self._show("connected")

    def _facts(self) -> dict[str, str]:
        known = dict(connection_facts(self._connected.connection)) if self._connected else {}
        source = self._log_in.words or self._beginning.token_source
        token = {"Token": f"from {source}" if source else self._without}
        project = {"Project": self._beginning.project or "to be chosen"}
        return {"GitLab": self._beginning.url, **known, **token, **project}

    def _notes(self) -> list[str]:
        warnings = self._connected.connection.warnings if self._connected else ()
        return [*self._beginning.notes, *(f"{warning.message}. {warning.hint}" for warning in warnings)]

    @work(thread=True, exit_on_error=False, exclusive=True, group="connect", description="connect")
    def _connect(self) -> None:
        # the keyring of the machine that serves a page is not the visitor's
        log_in, keeper = self._log_in, None if self.app.is_web else self._beginning.keeper
        try:
            backend = self._beginning.connect(log_in.token)
            connection = backend.connect()
            can_keep = log_in.typed and keeper is not None and keeper.can_keep()
            can_forget = log_in.token is None and keeper is not None and self._beginning.token_source == KEYRING
        except Exception as error:  # whatever it is, the page must say so
            self.post_message(self.Failed(told(error)))
        else:
            self.post_message(self.Done(Connected(backend, connection, log_in, can_keep, can_forget)))

    @work(thread=True, exit_on_error=False, exclusive=True, group="connect", description="keyring")
    def _ask_keyring(self, work: Callable[[], None], done: Message) -> None:
        try:
            work()
        except Exception as error:  # as above
            self.post_message(self.Failed(told(error)))
        else:
            self.post_message(done)

    @on(Done)
    def _done(self, event: Done) -> None:
        self._welcome(event.connected)

    @on(Kept)
    def _kept(self) -> None:
        self.dismiss(self._connected)

    @on(Forgotten)
    def _forgotten(self) -> None:
        self._beginning = replace(self._beginning, token_source="")
        self._connected, self._without = None, "taken out of the keyring"
        self._show("asking")

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._show("connected" if self._connected else "asking", event.error)

    @on(SignIn.Again)
    def _again(self) -> None:
        self._begin()

    @on(SignIn.Typed)
    def _typed(self, event: SignIn.Typed) -> None:
        self._log_in = LogIn(event.token, "what you typed", typed=True)
        self._begin()

    @on(SignIn.BrowserWanted)
    def _by_browser(self) -> None:
        def logged_in(token: Secret | None) -> None:
            if token is not None:
                self._log_in = LogIn(token, "your log-in with the browser")
                self._begin()

        if self._beginning.code_login is not None:
            self.app.push_screen(DeviceScreen(self.trail, self._beginning.code_login), logged_in)

    @on(OptionList.OptionSelected, "#onward")
    def _onward(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        token, keeper = self._log_in.token, self._beginning.keeper
        match self.query_one("#onward", Rows).rows[event.option_index]:
            case row if row is _KEEP and keeper and token:
                self._ask_keyring(lambda: keeper.keep(token), self.Kept())
            case row if row is _FORGET and keeper:
                self._ask_keyring(keeper.forget, self.Forgotten())
            case row if row is _OTHER:
                self._connected = None
                self._show("asking")
            case _:
                self.dismiss(self._connected)


def _table(facts: Mapping[str, str]) -> Content:
    """Return one line for each fact, names on the left."""
    return Content("\n").join(Content.assemble((f"{name:<9}", MUTED), line(value)) for name, value in facts.items())
