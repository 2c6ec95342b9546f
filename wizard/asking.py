"""What the plain route needs from whatever asks: one prompt at a time, as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, Protocol

from wizard.question import Choice
from wizard.secret import Secret


class Back(Enum):
    """The reply that goes back to the question before."""

    BACK = "back"


BACK: Final = Back.BACK


@dataclass(frozen=True, slots=True)
class Prompt:
    """One decision to ask for.

    `value` is what an empty reply leaves standing, `recommended` what is marked as such. `parse` turns a typed text
    into the reply, or into a `wizard.replies.Problem`. The choices of a `text` are suggestions.
    """

    text: str
    form: Literal["choice", "many", "text", "confirm"]
    parse: Callable[[str], Any]
    help: str = ""
    choices: tuple[Choice, ...] = ()
    value: Any = None
    recommended: Any = None
    optional: bool = False

    def recommends(self, choice: Choice) -> bool:
        """Whether `choice` is recommended, alone or among others."""
        return self._among(choice, self.recommended)

    def stands(self, choice: Choice) -> bool:
        """Whether `choice` is what an empty reply leaves standing."""
        return self._among(choice, self.value)

    def _among(self, choice: Choice, value: Any) -> bool:
        return choice.value in (value or ()) if self.form == "many" else bool(choice.value == value)


class Asker(Protocol):
    """Asks a person. EOFError where nobody answers, KeyboardInterrupt where they stop."""

    how: str
    """How to reply, said once at the start."""

    def say(self, text: str) -> None:
        """Show a text of one or more lines."""

    def ask(self, prompt: Prompt) -> Any:
        """Return the reply, BACK, or None for leaving what stands there."""

    def unseen(self, text: str) -> Secret:
        """Read a value that is not shown."""
