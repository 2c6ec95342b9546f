"""Questions before anything is written. The default is No, and nothing is assumed where nobody can answer."""

from __future__ import annotations

from collections.abc import Callable, Collection

from wizard.change import Plan
from wizard.commands.opening import Work
from wizard.errors import InterruptedRunError, UsageError

Ask = Callable[[str], str]


def risks(work: Work, plan: Plan) -> dict[str, str]:
    """Return why reading each of those secrets needs a typed yes."""
    return {name: why for name in plan.secrets if (why := work.local.risk(name))}


def agree(
    work: Work, plan: Plan, *, yes: bool, allowed: Collection[str], question: str, ask: Ask | None = None
) -> None:
    """Get the consent to carry the plan out. `ask` asks for one line; without it the terminal does, if there is one.

    UsageError where it must be asked for and nobody can be; InterruptedRunError where it is refused.
    """
    ask = ask or (work.console.ask if work.console.interactive else None)
    if not yes and ask is None:
        raise UsageError(
            "confirmation-needed", "there is no terminal to confirm in", "Look at the plan, then add --yes."
        )
    for reference, why in risks(work, plan).items():
        if reference not in allowed:
            _agree_to_read(reference, why, ask)
    if not yes and ask and ask(f"{question} [y/N] ").lower() not in ("y", "yes"):
        raise InterruptedRunError("declined", "declined, nothing was changed")


def _agree_to_read(reference: str, why: str, ask: Ask | None) -> None:
    if ask is None:
        raise UsageError(
            "secret-not-allowed",
            f"{reference} would be read: {why}",
            f"If that is meant, add --allow-secret {reference}.",
        )
    if ask(f"{reference} would be read: {why}. Type yes to allow it: ") != "yes":
        raise InterruptedRunError("declined", f"{reference} is not read, nothing was changed")
