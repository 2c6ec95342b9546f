"""From what was answered to a plan: what the thread behind the page does, and what the confirmation says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.answers import FILE
from wizard.answers_file import answers_of, text_of
from wizard.change import Change, Plan
from wizard.commands.options import Changing, command_line
from wizard.commands.place import check_work_tree
from wizard.differences import flags
from wizard.planning.options import PlanOptions
from wizard.question import Draft
from wizard.references import references, typed_in, without_typed
from wizard.state import State

if TYPE_CHECKING:
    from screens.beginning import Backend, Beginning
    from screens.review import Decision


@dataclass(frozen=True, slots=True)
class Permissions:
    """What was allowed for this run only, change by change."""

    overwrite: frozenset[str] = frozenset()
    allow_dirty: bool = False

    def with_one(self, decision: Decision) -> Permissions:
        """Return them with the one that was just given."""
        if decision.what == "allow-dirty":
            return replace(self, allow_dirty=True)
        path = decision.change.target if decision.change else ""
        return replace(self, overwrite=self.overwrite | {path})


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything that a plan is made of."""

    beginning: Beginning
    backend: Backend
    draft: Draft
    """The settled answers."""
    allowed: frozenset[str]
    permissions: Permissions


def make(wish: Wish) -> tuple[State, Plan]:
    """Read what is there and plan. Blocking; nothing is changed."""
    answers = answers_of(wish.draft)
    if answers.delivery.mode == "working-tree":
        check_work_tree(wish.backend.target, answers.project)
    secrets = wish.beginning.local.read_quietly(references(answers), wish.allowed)
    state = wish.backend.discover(answers, {**secrets, **typed_in(wish.draft)})
    options = PlanOptions(
        allow_dirty=wish.permissions.allow_dirty, overwrite=wish.permissions.overwrite, write_answers=True
    )
    begun = wish.beginning
    text = text_of(wish.draft, begun.answers_text, begun.draft, begun.origin_project)
    return state, wish.backend.plan(answers, state, options, text)


def doable(plan: Plan) -> tuple[Change, ...]:
    """Return the changes that nothing holds back, neither themselves nor what they need."""
    from wizard.apply import without  # noqa: PLC0415  # the gateways are loaded by then, not with the first page

    return without(plan.pending, {change.id for change in plan.pending if change.held})


def summary(plan: Plan, held: int) -> str:
    """Say before the confirmation what is easily overlooked."""
    counts = plan.counts
    parts = [f"{counts['create']} to create, {counts['update']} to update, {counts['delete']} to delete."]
    if held:
        parts.append(f"{held} held back: they are left out.")
    if plan.secrets:
        parts.append(f"Secrets that are read: {', '.join(plan.secrets)}.")
    return "\n".join(parts)


def commands(wish: Wish, plan: Plan) -> str:
    """Return the command lines that do the same without the wizard."""
    options, allowed = wish.beginning.options, wish.permissions
    sets = [
        part
        for flag in flags(wish.beginning.draft.document, without_typed(wish.draft).document)
        for part in ("--set", flag)
    ]
    risky = [name for name in plan.secrets if wish.beginning.local.risk(name)]
    saved = Changing(partial=len(doable(plan)) < len(plan.pending), allow_secret=risky)
    anew = replace(saved, allow_dirty=allowed.allow_dirty, overwrite=sorted(allowed.overwrite))
    given = [*options.arguments(), *sets]
    told = {
        "Show the changes for the same answers, make none:": command_line("plan", given, anew.arguments()),
        "Make them:": command_line("apply", ["--yes"], given, anew.arguments()),
    }
    if not options.demo:  # its GitLab ends with the wizard
        these = ["plan.json", "--yes", *options.for_saved_plan().arguments()]
        told["Make these very changes, once the plan is saved (S):"] = command_line("apply", these, saved.arguments())
    parts = [f"{what}\n  {command}" for what, command in told.items()]
    return "\n\n".join([*parts, f"Answers that are given by --set are not written to {FILE}."])
