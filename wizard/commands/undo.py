"""`undo`: takes back what the last apply on this project did."""

from __future__ import annotations

import contextlib

from wizard.commands.carrying_out import Carrying, Format
from wizard.commands.consent import agree
from wizard.commands.invocation import Invocation
from wizard.commands.opening import Work, opened
from wizard.errors import InterruptedRunError, WizardError
from wizard.output import plan_text


def run(invocation: Invocation, form: Format, *, yes: bool) -> int:
    """Show what would be taken back, get the consent, take it back."""
    carrying = Carrying(invocation.console, form)
    try:
        with opened(invocation) as work:
            plan = work.session.undo_plan(work.answers)
            if plan.changes:
                work.console.preview(plan_text.render(plan))
            if plan.pending:
                agree(work, plan, yes=yes, allowed=(), question="Take this back?")
            code = carrying.out(lambda stop: work.session.undo(plan, stop=stop))
            if plan.changes:
                _tell_of_earlier(work)
            return code
    except KeyboardInterrupt:
        carrying.ended(InterruptedRunError("interrupted", ""))
        raise
    except WizardError as error:
        carrying.ended(error)
        raise


def _tell_of_earlier(work: Work) -> None:
    """Say that something still stands: an apply that was finished after a crash is two of them."""
    with contextlib.suppress(WizardError):
        if work.session.undo_plan(work.answers).pending:
            work.console.note("something of an apply still stands: `registry-wizard undo` again takes back what it can")
