"""What the plain route needs from whatever asks: one prompt at a time, as a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, Protocol

from wizard.preview import Preview
from wizard.question import Choice, Draft, Known, Question
from wizard.replies import Problem, choice_named, parse
from wizard.secret import Secret
from wizard.unanswered import told


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
    beside: Preview | None = None
    """What the page of the wizard shows beside this question; told when more is asked for."""
    topic: str = ""
    """The help page that explains more."""

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


def confirm(asker: Asker, text: str, *, default: bool = False) -> bool:
    """Ask a yes or no question; going back means no."""
    with told():
        reply = asker.ask(yes_or_no(text, default=default))
    return default if reply is None else reply is True


def yes_or_no(text: str, *, default: bool = False) -> Prompt:
    """Return the prompt for a yes or a no."""
    known, question = Known(Draft()), Question("", text, "", "confirm", default=lambda _: default)
    return Prompt(text, "confirm", lambda typed: parse(question, typed, known), value=default)


def choose(asker: Asker, text: str, choices: Sequence[Choice], *, help: str = "") -> Any:  # noqa: A002  # as in Question
    """Ask for one of `choices`, the first of which is recommended; None for going back."""
    with told():
        reply = asker.ask(menu(text, tuple(choices), help))
    return None if reply is BACK else reply


def menu(
    text: str,
    choices: tuple[Choice, ...],
    help: str,  # noqa: A002  # as in Question
    beside: Preview | None = None,
) -> Prompt:
    """Return the prompt for one of `choices`, the first of which an empty reply takes."""

    def reply(typed: str) -> Any:
        chosen = choice_named(typed, choices) if typed.strip() else choices[0]
        return chosen if isinstance(chosen, Problem) else chosen.value

    return Prompt(text, "choice", reply, help, choices, choices[0].value, choices[0].value, beside=beside)
