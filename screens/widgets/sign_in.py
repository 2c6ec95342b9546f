"""How to log in where no token serves: type one, or log in with the browser where an application is registered."""

from __future__ import annotations

from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from screens.content import line
from screens.forms.text import Line
from screens.widgets.rows import Row, Rows
from wizard.errors import WizardError
from wizard.gateways.credentials import usable
from wizard.secret import Secret
from wizard.token_report import token_page

Way = Literal["browser", "token"]
_WAYS: tuple[Row, ...] = (
    Row("browser", "Log in with your browser", "recommended: nothing to copy, ends by itself after two hours"),
    Row("token", "Type a token"),
)


class SignIn(Vertical):
    """The ways to log in; the recommended one is under the cursor."""

    class Typed(Message):
        """A token was typed."""

        def __init__(self, token: Secret) -> None:
            """Carry it."""
            super().__init__()
            self.token = token

    class Again(Message):
        """The token that is there already is to be tried again."""

    class BrowserWanted(Message):
        """Somebody wants to log in with the browser."""

    def __init__(self, url: str, *, by_code: bool) -> None:
        """Log in at `url`; `by_code`: the browser is a way, too."""
        super().__init__()
        self._url = url
        self._by_code = by_code
        self._again = False

    def compose(self) -> ComposeResult:
        """The ways, the line for a token and what is said about it."""
        yield Static("How do you log in?" if self._by_code else "Your GitLab token", classes="title")
        yield Rows("one")
        with Vertical(id="token"):
            yield Line(password=True)
            yield Static(
                line("A personal access token with the scope `api`, of a Maintainer of the project. It stays in the "
                     "memory of this program. Make one here:"), classes="hint"
            )  # fmt: skip
            yield Static(line(token_page(self._url)), classes="address")
            yield Static(classes="problem")

    def on_mount(self) -> None:
        """Show the ways only where there are several."""
        self.query_one(Rows).fill(_WAYS, 0)
        self.query_one(Rows).display = self._by_code
        self.query_one("#token").display = not self._by_code

    def begin(self, *, again: bool = False) -> None:
        """Put the cursor on the recommended way; `again`: nothing typed means to try what is there once more."""
        self._again = again
        self.query_one(Line).placeholder = "Enter alone tries again" if again else ""
        self.query_one(Rows if self._by_code else Line).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if _WAYS[event.option_index].value == "browser":
            self.post_message(self.BrowserWanted())
            return
        self.query_one("#token").display = True
        self.query_one(Line).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._again and not event.value:
            self.post_message(self.Again())
            return
        try:
            token = usable(event.value, "the line")
        except WizardError as error:
            problem = self.query_one(".problem", Static)
            problem.update(line(f"✗ {error.message}"))
            self.call_after_refresh(problem.scroll_visible, animate=False)  # below the fold of a small terminal
            return
        self.query_one(".problem", Static).update("")
        event.input.value = ""
        self.post_message(self.Typed(token))
