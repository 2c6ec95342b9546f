"""The wizard: which front end asks, on screens or in plain lines, and how it ended."""

from __future__ import annotations

from collections.abc import Callable

from wizard.commands.invocation import Invocation
from wizard.commands.opening import Prepared, prepared
from wizard.errors import Exit, InterruptedRunError, UsageError
from wizard.events import Finished
from wizard.output import events_text

Screens = Callable[[Prepared], tuple[Exit, Finished | None]]
"""Runs the screens; returns the exit code and the end of the apply, if there was one."""


def run(invocation: Invocation, screens: Screens, *, plain: bool) -> int:
    """Run the front end that suits the terminal. UsageError where nobody can be asked."""
    console = invocation.console
    if console.in_browser:
        return _in_browser(invocation, screens)
    if not plain and not console.interactive:
        raise UsageError(
            "no-terminal",
            "the wizard needs a terminal, on stdin and on stderr",
            "Without one: registry-wizard plan, then registry-wizard apply --yes, with --answers FILE or --set. "
            "To answer the questions through a pipe: --plain.",
        )
    if plain or not console.full_screen:
        from wizard.commands import plain as plain_lines  # noqa: PLC0415  # the screens need none of it

        return plain_lines.run(invocation)
    with prepared(invocation, choose=True) as ready:
        code, finished = screens(ready)
        if finished:
            events_text.tell(finished, console)
        elif code is Exit.INTERRUPTED:
            raise InterruptedRunError("left", "the wizard was left, nothing was changed")
        return code


def _in_browser(invocation: Invocation, screens: Screens) -> int:
    """Run the screens for a visitor of `serve`. Nothing else is written: stdout is the page's."""
    with prepared(invocation, choose=True) as ready:
        code, _ = screens(ready)
        return code
