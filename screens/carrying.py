"""Carries a plan out, tells how it ended, and takes it back where that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.applying import Applied, ApplyScreen
from screens.beginning import Outcome, ended, taken_back
from screens.confirm import ConfirmScreen
from screens.consent import Show
from screens.ending import Result
from screens.planning import doable
from screens.result import Choice, ResultScreen
from screens.take_back import TakeBackScreen
from screens.widgets.top_bar import Trail
from screens.work import WorkScreen
from wizard.answers_file import answers_of
from wizard.question import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screens.beginning import Backend
    from wizard.change import Plan
    from wizard.secret import Secret


@dataclass(slots=True)
class Carrying:
    """What was carried out last, and how it ended."""

    show: Show
    result: Result | None = None
    outcome: Outcome | None = None
    """None while nothing has been changed."""
    hurried: bool = False
    """A signal asked for the end: nobody may be there to press a key."""

    async def apply(
        self, plan: Plan, secrets: Mapping[str, Secret], backend: Backend, trail: Trail, draft: Draft
    ) -> bool:
        """Make the changes; False where it did not come to its end."""
        partial = len(doable(plan)) < len(plan.pending)
        page = ApplyScreen(trail, plan, lambda stop: backend.apply(plan, secrets, partial=partial, stop=stop))
        applied: Applied = await self.show(page)
        self.result, self.outcome = Result(plan, applied), ended(applied.finished, draft)
        return applied.finished.status in ("done", "nothing", "partial")

    async def tell(self, trail: Trail, images: str | None) -> Choice:
        """Show how it ended, and ask what to do now."""
        assert self.result is not None, "something was carried out"  # noqa: S101  # by the order of the pages
        choice: Choice | None = await self.show(ResultScreen(trail, self.result, images))
        if choice == "retry" and self.result.undone:
            return "undo"
        return choice or "finish"

    async def undo(self, backend: Backend, trail: Trail, draft: Draft) -> bool:
        """Show what would be taken back, ask, and take it back; False where it was not wanted after all."""
        answers = answers_of(Draft({"project": draft.get("project")}))
        doing = "Looking at what the last apply did"
        plan: Plan | None = await self.show(WorkScreen(trail, doing, lambda: backend.undo_plan(answers)))
        if plan is None:
            return False
        count = len(plan.pending)
        question = f"Take {count} {'change' if count == 1 else 'changes'} back in {plan.project}?"
        text = "What was created is removed, what was updated gets its previous value."

        async def agreed() -> bool:
            answer = await self.show(ConfirmScreen(question, text, yes="Yes, take back", no="No, go back"))
            return answer is True

        if await self.show(TakeBackScreen(trail, plan, agreed)) is not True:
            return False
        page = ApplyScreen(trail, plan, lambda stop: backend.undo(plan, stop=stop), undo=True)
        applied: Applied = await self.show(page)
        self.result, self.outcome = Result(plan, applied, undone=True), taken_back(applied.finished, draft)
        return True
