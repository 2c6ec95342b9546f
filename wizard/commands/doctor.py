"""`doctor`: the checks that verify an apply, at any time; and the age of the images that generated files name."""

from __future__ import annotations

from datetime import UTC, datetime

from wizard.commands.invocation import Invocation
from wizard.commands.opening import opened
from wizard.commands.options import Changing
from wizard.errors import Exit
from wizard.generate.images import OLD, images
from wizard.output import events_text
from wizard.output.console import Style


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


def run_images(invocation: Invocation) -> int:
    """Tell the age of every image and tool version by the date of our own data; no network, no project."""
    console, today = invocation.console, datetime.now(UTC).date()
    found = tuple(images().references())
    for reference in found:
        verdict = (Style.RED, "old     ") if reference.old(today) else (Style.GREEN, "ok      ")
        age = reference.age(today).days
        console.show([("  ", verdict, f" {reference.text}: chosen {reference.date}, {age} days ago")])
    old = sum(reference.old(today) for reference in found)
    console.note(f"{len(found)} references, {old} older than {OLD.days} days")
    if old:
        console.note("A newer registry-wizard names newer ones; what is generated already can be raised by hand.")
    return Exit.FAILED if old else Exit.DONE
