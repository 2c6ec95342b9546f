"""The wizard: which front end asks, on screens or in plain lines."""

from __future__ import annotations

from wizard.commands.invocation import Invocation
from wizard.errors import UsageError


def run(invocation: Invocation, *, plain: bool) -> int:
    """Run the front end that suits the terminal. UsageError where nobody can be asked."""
    console = invocation.console
    if not plain and not console.interactive:
        raise UsageError(
            "no-terminal",
            "the wizard needs a terminal, on stdin and on stderr",
            "Without one: registry-wizard plan, then registry-wizard apply --yes, with --answers FILE or --set. "
            "To answer the questions through a pipe: --plain.",
        )
    from wizard.commands import plain as plain_lines  # noqa: PLC0415  # the screens need none of it

    return plain_lines.run(invocation)
