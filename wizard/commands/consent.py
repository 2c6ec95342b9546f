"""Questions before anything is written. The default is No, and nothing is assumed where nobody can answer."""

from __future__ import annotations

from collections.abc import Collection

from wizard.change import Plan
from wizard.commands.opening import Work
from wizard.errors import InterruptedRunError, UsageError


def risks(work: Work, plan: Plan) -> dict[str, str]:
    """Return why reading each of those secrets needs a typed yes."""
    return {name: why for name in plan.secrets if (why := work.local.risk(name))}


def agree(work: Work, plan: Plan, *, yes: bool, allowed: Collection[str], question: str) -> None:
    """Get the consent to carry the plan out.

    UsageError where it must be asked for and there is no terminal; InterruptedRunError where it is refused.
    """
    console = work.console
    if not yes and not console.interactive:
        raise UsageError(
            "confirmation-needed", "there is no terminal to confirm in", "Look at the plan, then add --yes."
        )
    for reference, why in risks(work, plan).items():
        if reference in allowed:
            continue
        if not console.interactive:
            raise UsageError(
                "secret-not-allowed",
                f"{reference} would be read: {why}",
                f"If that is meant, add --allow-secret {reference}.",
            )
        if console.ask(f"{reference} would be read: {why}. Type yes to allow it: ") != "yes":
            raise InterruptedRunError("declined", f"{reference} is not read, nothing was changed")
    if not yes and console.ask(f"{question} [y/N] ").lower() not in ("y", "yes"):
        raise InterruptedRunError("declined", "declined, nothing was changed")
