"""Where nobody answers: the end of the input and Ctrl-C, as errors that the command knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wizard import flow
from wizard.errors import InterruptedRunError, UsageError
from wizard.question import ListQuestion, Question


@contextmanager
def unanswered(question: Question | ListQuestion) -> Iterator[None]:
    """Say of which question there was no answer, and how else it is given."""
    try:
        yield
    except EOFError:
        listing = flow.listing_of(question)
        key = f"{listing.key}.0.{question.key}" if listing else question.key
        flag = "--set KEY=VALUE" if isinstance(question, ListQuestion) else f"--set {key}=VALUE"
        raise _nobody(f": {question.text}", flag) from None


@contextmanager
def told() -> Iterator[None]:
    """Turn what a terminal does into errors that the command knows."""
    try:
        yield
    except EOFError:
        raise _nobody(".", "--set KEY=VALUE") from None
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted", "Stopped. Nothing was changed.") from None


def left() -> InterruptedRunError:
    """Return the error for somebody who goes back from where nothing comes before."""
    return InterruptedRunError("left", "left, nothing was changed")


def _nobody(about: str, flag: str) -> UsageError:
    return UsageError(
        "no-input",
        f"There is no input to take an answer from{about}",
        f"Give the answers with --answers FILE or {flag}; `registry-wizard answers example` shows a file.",
    )
