"""The first page: connects to GitLab, and asks for a token where none was found or the one found does not serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, LoadingIndicator, Static

from screens.content import MUTED, line
from screens.failure import told
from screens.forms.text import Line
from screens.help import Help
from screens.page import Page
from screens.widgets.top_bar import Trail
from screens.widgets.trouble import Trouble
from wizard.errors import WizardError
from wizard.secret import Secret

if TYPE_CHECKING:
    from screens.beginning import Backend, Beginning
    from wizard.session import Connection

_INTRO = (
    "This wizard sets a GitLab project up for private container images. It asks a few questions, shows every change "
    "it would make, and makes them only after you say yes. Until then nothing is written anywhere."
)
_ABOUT_TOKENS = (
    "A personal access token with the scope `api` (Maintainer of the project). It stays in the memory of this program. "
    "Make one in GitLab under Preferences > Access tokens."
)


@dataclass(frozen=True, slots=True)
class Connected:
    """A session that is open, and what is at its other end."""

    backend: Backend
    connection: Connection


class ConnectScreen(Page[Connected]):
    """Connects, with the token that was found or that is typed."""

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

    class Failed(Message):
        """GitLab could not be reached, or refused."""

        def __init__(self, error: WizardError) -> None:
            """Carry why."""
            super().__init__()
            self.error = error

    def __init__(self, trail: Trail, beginning: Beginning) -> None:
        """Connect to the GitLab of `beginning`."""
        super().__init__(trail)
        self._beginning = beginning
        self._token: Secret | None = None
        self._busy = False

    def body(self) -> ComposeResult:
        """What this is, where it connects to, and the token's line."""
        with Vertical(id="welcome"):
            yield Static(_INTRO, classes="intro", markup=False)
            yield Static(self._facts(), classes="facts")
            for note in self._beginning.notes:
                yield Static(line(f"! {note}"), classes="note")
            with Vertical(id="token"):
                yield Static("Your GitLab token", classes="title")
                yield Line(password=True)
                yield Static(_ABOUT_TOKENS, classes="hint", markup=False)
                yield Static(classes="problem")
            with Vertical(id="doing"):
                yield Static(line(f"Connecting to {self._beginning.url}"), classes="what")
                yield LoadingIndicator()
            yield Trouble()

    def help(self) -> Help:
        """Return what is asked for here."""
        return Help("Connecting to GitLab", _INTRO, "Your GitLab token", _ABOUT_TOKENS, topic="tokens")

    def on_mount(self) -> None:
        """Connect at once where a token was found."""
        if self._beginning.token_source:
            self._begin()
        else:
            self._ask(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another try when there is a token to try."""
        if action != "retry":
            return super().check_action(action, parameters)
        return not self._busy and bool(self._token or self._beginning.token_source)

    def action_retry(self) -> None:
        """Try again with the same token."""
        self._begin()

    def _facts(self) -> Content:
        facts = {
            "GitLab": self._beginning.url,
            "Project": self._beginning.project or "to be chosen",
            "Token": f"from {self._beginning.token_source}" if self._beginning.token_source else "none found",
        }
        return Content("\n").join(
            Content.assemble((f"{name:<10}", MUTED), line(value)) for name, value in facts.items()
        )

    def _begin(self) -> None:
        self._busy = True
        self.query_one("#token").display = False
        self.query_one("#doing").display = True
        self.query_one(Trouble).tell(None)
        self.refresh_bindings()
        self._connect()

    def _ask(self, error: WizardError | None) -> None:
        self._busy = False
        self.query_one("#doing").display = False
        self.query_one("#token").display = True
        self.query_one(Trouble).tell(error)
        self.query_one(Line).focus()
        self.refresh_bindings()

    @work(thread=True, exit_on_error=False, exclusive=True, group="connect", description="connect")
    def _connect(self) -> None:
        try:
            backend = self._beginning.connect(self._token)
            connection = backend.connect()
        except Exception as error:  # whatever it is, the page must say so
            self.post_message(self.Failed(told(error)))
        else:
            self.post_message(self.Done(Connected(backend, connection)))

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        self.query_one(".problem", Static).update("" if text else line("✗ a token is needed here"))
        if text:
            self._token = Secret(text)
            event.input.value = ""
            self._begin()

    @on(Done)
    def _connected(self, event: Done) -> None:
        self.dismiss(event.connected)

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._ask(event.error)
