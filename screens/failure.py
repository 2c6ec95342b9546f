"""What is told of an error: its own words where it is ours, its kind and place where it is a mistake of the program."""

from __future__ import annotations

import traceback
from pathlib import Path

from wizard.errors import WizardError


def told(error: BaseException) -> WizardError:
    """Return the error to show. The words of an unforeseen one are left out: they could hold a secret."""
    if isinstance(error, WizardError):
        return error
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" in {Path(frame[0].filename).name}, line {frame[0].lineno}" if frame else ""
    return WizardError(
        "unexpected",
        f"a mistake of this program: {type(error).__name__}{place}",
        "Please report it, with what you did before.",
    )
