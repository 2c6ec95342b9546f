"""`plan`: the dry run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from wizard.change import Plan
from wizard.commands.consent import risks
from wizard.commands.invocation import Invocation
from wizard.commands.opening import Work, opened
from wizard.commands.options import Changing, command_line
from wizard.errors import Exit
from wizard.output import plan_document, plan_markdown, plan_text

Format = Literal["text", "json", "markdown"]


def run(invocation: Invocation, changing: Changing, form: Format, out: Path | None, *, detailed: bool) -> int:
    """Show every change, make none."""
    with opened(invocation) as work:
        plan = work.plan(changing)
        now = datetime.now(UTC)
        if out:
            plan_document.save(plan, now, out)
            invocation.console.note(f"the plan was saved in {out}")
        _print(work, plan, form, now, _next(invocation, changing, out))
    return Exit.CHANGES_PENDING if detailed and plan.pending else Exit.DONE


def _print(work: Work, plan: Plan, form: Format, now: datetime, then: str) -> None:
    if form == "json":
        work.console.result(plan_document.dump(plan, now))
    elif form == "markdown":
        work.console.result(plan_markdown.render(plan, risks=risks(work, plan)))
    else:
        work.console.show(plan_text.render(plan, risks=risks(work, plan), then=then if plan.pending else ""))


def _next(invocation: Invocation, changing: Changing, out: Path | None) -> str:
    common = invocation.common
    if out is None:
        return command_line("apply", common.arguments(), changing.arguments())
    return command_line("apply", [str(out)], common.for_saved_plan().arguments())
