"""What is told of an error: its own words where it is ours, its kind and place where it is a mistake of the program."""

from __future__ import annotations

import traceback
from pathlib import Path

from rich.text import Text

from wizard.errors import WizardError


def told(error: BaseException) -> WizardError:
    """Return the error to show. The words of an unforeseen one are left out: they could hold a secret."""
    if isinstance(error, WizardError):
        return error
    place = _places(error)[-1:]
    return WizardError(
        "unexpected",
        f"a mistake of this program: {type(error).__name__}{f' in {place[0]}' if place else ''}",
        "Please report it, with what you did before.",
    )


def crash_report(error: BaseException | None) -> Text:
    """Return what is left on the terminal after a crash: which mistake, and the way there; no value of any variable."""
    kind = type(error).__name__ if error else "unknown"
    way = "\n".join(f"  {place}" for place in (_places(error) if error else []))
    return Text(
        f"error (internal): the program failed: {kind}\n{way}\n"
        "  Please report it, with what you did before. `registry-wizard plan` shows what was not made by then."
    )


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}, line {frame.lineno}" for frame in frames]
