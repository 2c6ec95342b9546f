"""What a question is: data that three front ends render, each in its own way.

A question names its place in the answers by a dotted key (`registry.cleanup.keep`); the questions of one item of a list
have keys relative to that item (`project`, `as`). Defaults, choices and conditions are functions of what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Preview
from wizard.secret import Secret
from wizard.state import State

Form = Literal["choice", "many", "text", "number", "confirm", "secret"]
"""secret: a reference to a secret, or `ask` with the value typed unseen."""

UNMANAGED = "leave as it is"
"""The choice that leaves a whole section alone; the draft keeps it as a null."""
SET_UP = "set up"
"""The choice that opens a section; its questions follow."""


class Null(Enum):
    """An answer that is null in the document and means something (no limit), unlike an answer that is not given."""

    NULL = "null"


NULL: Final = Null.NULL


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers given so far, as a plain document; what was not given is not in it.

    A value that was typed unseen stands in it as a `Secret` (see `wizard.references`).
    """

    document: Mapping[str, Any] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the answer at a dotted key."""
        here: Any = self.document
        for part in key.split("."):
            if not isinstance(here, Mapping) or part not in here:
                return default
            here = here[part]
        return here

    def put(self, key: str, value: Any) -> Draft:
        """Return a draft with the answer at `key`; None takes it away, and with it sections that became empty.

        NULL stores a null.
        """
        return Draft(_put(self.document, key.split("."), value))


def _put(document: Mapping[str, Any], parts: list[str], value: Any) -> dict[str, Any]:
    first, rest = parts[0], parts[1:]
    inner = document.get(first)
    new: Any = _put(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value
    kept = {key: entry for key, entry in document.items() if key != first}
    if new is None or (rest and not new):
        return kept
    new = None if new is NULL else new
    return (
        {key: new if key == first else entry for key, entry in document.items()}
        if first in document
        else {
            **kept,
            first: new,
        }
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What a question may look at: the answers so far, what was discovered, and the item it belongs to."""

    draft: Draft
    state: State | None = None
    item: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; `why` says when it fits."""

    value: Any
    label: str
    why: str = ""


def _always(_: Known) -> bool:
    return True


def _nothing(_: Known) -> Any:
    return None


def _no_preview(_: Known) -> Preview | None:
    return None


def _no_lookups(_: Known) -> Lookups:
    return NOTHING_MORE


def _no_choices(_: Known) -> tuple[Choice, ...]:
    return ()


def _fine_unseen(_secret: Secret, _known: Known) -> str | None:
    return None


def _fine(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Question:
    """One decision.

    `default` is the recommended answer; None means that there is none. `check` looks at one typed value and returns
    what is wrong with it. The choices of a `text` question are suggestions. `help` says in a sentence or two what the
    answer changes. Front ends ask `wizard.flow` for defaults and choices, which takes untouched defaults of earlier
    questions into account.
    """

    key: str
    text: str
    help: str
    form: Form
    default: Callable[[Known], Any] = _nothing
    choices: Callable[[Known], tuple[Choice, ...]] = _no_choices
    check: Callable[[str], str | None] = _fine
    unseen: Callable[[Secret, Known], str | None] = _fine_unseen
    """What is wrong with the value of a secret that is typed unseen; the words never hold any of it."""
    when: Callable[[Known], bool] = _always
    optional: bool = False
    detected: bool = False
    """An untouched default is not written down: detection gives it again."""
    section: str = ""
    """The part of the answers that the choice UNMANAGED leaves alone."""
    topic: str = ""
    """The help page that explains more."""
    preview: Callable[[Known], Preview | None] = _no_preview
    """What stands beside the question while it is open, in place of the step's."""
    needs: Callable[[Known], Lookups] = _no_lookups
    """What has not been read yet and would complete the preview."""


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """Any number of items, each answered by the same questions."""

    key: str
    text: str
    help: str
    item: tuple[Question, ...]
    title: Callable[[Mapping[str, Any]], str]
    """One line for an item."""
    noun: str = "entry"
    """What an item is called: `Add an environment`."""
    least: int = 0
    """How many items there must be."""
    eager: Callable[[Known], bool] = lambda _: False
    """Adding the first of what was found is the recommended answer."""
    suggest: Callable[[Known], tuple[Mapping[str, Any], ...]] = lambda _: ()
    """Items that were found and are worth adding, recommended ones first."""
    when: Callable[[Known], bool] = _always
    topic: str = ""
    preview: Callable[[Known], Preview | None] = _no_preview
    """What stands beside the list; `Known.item` is the item under the cursor."""
    needs: Callable[[Known], Lookups] = _no_lookups
    """What has not been read yet and would complete the preview."""


@dataclass(frozen=True, slots=True)
class Step:
    """Questions that belong together: one screen, or one heading of the plain prompts."""

    key: str
    title: str
    intro: Callable[[Known], str]
    """What was found and what is recommended, in a few sentences."""
    questions: tuple[Question | ListQuestion, ...]
    when: Callable[[Known], bool] = _always
    preview: Callable[[Known], Preview | None] = _no_preview
    """What the answers of this step come to."""
