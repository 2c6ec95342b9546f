"""`doctor`: the checks that verify an apply, at any time."""

from __future__ import annotations

from wizard.commands.invocation import Invocation
from wizard.commands.opening import opened
from wizard.commands.options import Changing
from wizard.errors import Exit
from wizard.output import events_text


def run(invocation: Invocation) -> int:
    """Tell every check; the exit code says whether all is well."""
    console = invocation.console
    with opened(invocation) as work:
        plan = work.plan(Changing())
        failed = checked = 0
        for verdict in work.session.verify(plan, work.secrets):
            events_text.tell(verdict, console)
            checked += 1
            failed += not verdict.ok
    console.note(f"{checked} checks, {failed} failed")
    return Exit.FAILED if failed else Exit.DONE
