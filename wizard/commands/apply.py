"""`apply`: makes the changes of a plan, either one made now or a saved one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wizard.change import Plan
from wizard.commands.carrying_out import Carrying, Format
from wizard.commands.consent import Ask, agree, risks
from wizard.commands.invocation import Invocation
from wizard.commands.opening import Work, not_with, opened
from wizard.commands.options import Changing
from wizard.errors import Exit, InterruptedRunError, WizardError
from wizard.output import plan_document, plan_text
from wizard.secret import Secret

QUESTION = "Apply these changes?"


def run(invocation: Invocation, changing: Changing, saved: Path | None, form: Format, *, yes: bool) -> int:
    """Show the plan, get the consent, make the changes."""
    carrying = Carrying(invocation.console, form)
    try:
        return _run(invocation, changing, saved, carrying, yes=yes)
    except KeyboardInterrupt:
        carrying.ended(InterruptedRunError("interrupted", ""))
        raise
    except WizardError as error:
        carrying.ended(error)
        raise


def _run(invocation: Invocation, changing: Changing, saved: Path | None, carrying: Carrying, *, yes: bool) -> int:
    _check(invocation, changing, saved)
    kept = plan_document.load(saved) if saved else None
    with opened(invocation, saved=kept) as work:
        plan = kept or work.plan(changing)
        return apply_shown(work, plan, changing, carrying, yes=yes)


def apply_shown(
    work: Work,
    plan: Plan,
    changing: Changing,
    carrying: Carrying,
    *,
    yes: bool,
    ask: Ask | None = None,
    brief: bool = False,
) -> int:
    """Show the plan, get the consent, make the changes. What cannot be done is refused without a question.

    `brief`: `ask` shows new files on request, so the plan need not.
    """
    work.console.preview(plan_text.render(plan, risks=risks(work, plan), brief=brief))
    secrets: dict[str, Secret] = {}
    if shown_to_be_doable(plan, changing):
        agree(work, plan, yes=yes, allowed=changing.allow_secret or (), question=QUESTION, ask=ask)
        secrets = read_secrets(work, plan)
    code = carrying.out(lambda stop: work.session.apply(plan, secrets, partial=changing.partial, stop=stop))
    if work.demo and code == Exit.DONE:
        _again(work, changing, carrying.form)
    return code


def shown_to_be_doable(plan: Plan, changing: Changing) -> bool:
    """Whether there is something to do that nothing holds back, so that a question makes sense."""
    doable = [change for change in plan.pending if not change.held]
    return bool(doable) and (changing.partial or len(doable) == len(plan.pending))


def read_secrets(work: Work, plan: Plan) -> dict[str, Secret]:
    """Read every secret that the plan needs, before the first write."""
    secrets = work.local.read_all(plan.secrets)
    work.console.hide(secrets.values())
    return secrets


def _check(invocation: Invocation, changing: Changing, saved: Path | None) -> None:
    common = invocation.common
    not_with(
        saved,
        {
            "--answers": common.answers,
            "--set": common.set_,
            "--demo": common.demo,
            "--allow-dirty": changing.allow_dirty,
            "--overwrite": changing.overwrite,
            "--rotate": changing.rotate,
        },
    )


def _again(work: Work, changing: Changing, form: Format) -> None:
    """Plan once more, which proves that what was applied is what was wanted."""
    plan = work.plan(replace(changing, rotate=None))
    verdict = "second plan: no change" if not plan.pending else "second plan: there is still something to do"
    if form == "json":
        work.console.note(verdict)
    else:
        work.console.result(verdict)
