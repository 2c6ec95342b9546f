"""What a typed text means as the answer to a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wizard.flow import choices_of, value_of
from wizard.question import NULL, Choice, Known, Question

_YES = ("y", "yes", "true")
_NO = ("n", "no", "false")
NOTHING = ("none", "-")
"""What is typed for no entry at all, or to empty an optional answer."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a typed text is no answer."""

    message: str


def parse(question: Question, text: str, known: Known) -> Any | Problem:
    """Return the answer that `text` means, None for leaving what stands there, or what is wrong with it.

    Choices are named by their number, their value or their label, several of them with commas between. What is typed
    is checked; what stands there already is not checked again.
    """
    text = text.strip()
    if not text:
        return _left_alone(question, known)
    if question.form == "choice":
        choice = choice_named(text, choices_of(question, known))
        return choice if isinstance(choice, Problem) else choice.value
    if question.form == "many":
        return _several(question, text, known)
    if question.form == "confirm":
        return _confirmed(text)
    problem = question.check(text)
    if problem:
        return Problem(problem)
    return int(text) if question.form == "number" else text


def choice_named(text: str, choices: Sequence[Choice]) -> Choice | Problem:
    """Return the choice that its number in the list (from 1), its value or its label names, in this order."""
    wanted = text.strip().casefold()
    if re.fullmatch(r"[0-9]{1,3}", wanted) and 1 <= int(wanted) <= len(choices):
        return choices[int(wanted) - 1]
    for choice in choices:
        if wanted in (written(choice.value).casefold(), choice.label.casefold()):
            return choice
    return Problem(f"type a number from 1 to {len(choices)}" if len(choices) > 1 else "there is only 1")


def written(value: Any) -> str:
    """Return a value as a person types it."""
    if value is NULL:
        return "null"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(written(item) for item in value) or NOTHING[0]
    return "" if value is None else str(value)


def _left_alone(question: Question, known: Known) -> Problem | None:
    if question.optional or value_of(question, known) is not None:
        return None
    return Problem("an answer is needed here")


def _confirmed(text: str) -> bool | Problem:
    if text.casefold() in _YES:
        return True
    return False if text.casefold() in _NO else Problem("type y for yes or n for no")


def _several(question: Question, text: str, known: Known) -> list[Any] | Problem:
    if text.casefold() in NOTHING:
        return [] if question.optional else Problem("at least one is needed")
    values: list[Any] = []
    for part in filter(None, re.split(r"[,\s]+", text)):
        choice = choice_named(part, choices_of(question, known))
        if isinstance(choice, Problem):
            return Problem(f"{choice.message}, several with commas between")
        if choice.value not in values:
            values.append(choice.value)
    return values or Problem("at least one is needed")
