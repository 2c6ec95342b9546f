"""Every failure that the program can name: what happened, and the next step."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command, an interface for scripts."""

    DONE = 0
    FAILED = 1
    CHANGES_PENDING = 2
    PARTIAL = 3
    STALE = 4
    USAGE = 64
    INTERRUPTED = 130


class WizardError(Exception):
    """A failure to tell the user.

    `code` is stable and meant for scripts, `message` says what happened (with GitLab's own words where it spoke),
    `hint` says what to do next and may be empty. None of them ever holds a secret.
    """

    exit = Exit.FAILED

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep the three parts apart, so that every front end can lay them out."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(WizardError):
    """The command line, an answers file or a world says something that cannot be meant."""

    exit = Exit.USAGE


class StaleError(WizardError):
    """What the plan expected to find has moved since it was made."""

    exit = Exit.STALE


class InterruptedRunError(WizardError):
    """The user, or a signal, ended the program."""

    exit = Exit.INTERRUPTED
