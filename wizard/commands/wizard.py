"""The wizard: which front end asks, on screens or in plain lines, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from wizard.commands.invocation import Invocation
from wizard.errors import Exit, InterruptedRunError, UsageError
from wizard.output.console import Console

if TYPE_CHECKING:
    from wizard.commands.opening import Prepared
    from wizard.events import Finished

# ruff: noqa: PLC0415 - the screens paint a first frame before any of it is imported

Screens = Callable[["Callable[[], Prepared]", Console], "tuple[Exit, Finished | None]"]
"""Runs the screens on what will be worked out; returns the exit code and the end of the apply, if there was one."""


def run(invocation: Invocation, screens: Screens, *, plain: bool) -> int:
    """Run the front end that suits the terminal. UsageError where nobody can be asked."""
    console = invocation.console
    if console.in_browser:
        return _on_screens(invocation, screens)[0]  # nothing else is written: stdout is the page's
    if not plain and not console.interactive:
        raise UsageError(
            "no-terminal",
            "the wizard needs a terminal, on stdin and on stderr",
            "Without one: registry-wizard plan, then registry-wizard apply --yes, with --answers FILE or --set. "
            "To answer the questions through a pipe: --plain.",
        )
    if plain or not console.full_screen:
        from wizard.commands import plain as plain_lines

        return plain_lines.run(invocation)
    code, finished = _on_screens(invocation, screens)
    if finished:
        from wizard.output import events_text

        events_text.tell(finished, console)
    elif code is Exit.INTERRUPTED:
        raise InterruptedRunError("left", "the wizard was left, nothing was changed")
    return code


def _on_screens(invocation: Invocation, screens: Screens) -> tuple[Exit, Finished | None]:
    """Let the screens come first, unless `--verbose` has something to say before them."""
    with ExitStack() as stack:

        def prepare() -> Prepared:
            from wizard.commands.opening import prepared

            return stack.enter_context(prepared(invocation, choose=True))

        if invocation.console.verbose:
            ready = prepare()
            return screens(lambda: ready, invocation.console)
        return screens(prepare, invocation.console)
