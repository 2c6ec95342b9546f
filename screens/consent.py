"""The consent to a plan, and to every secret of this machine that it reads; then the secrets themselves."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol

from textual.screen import Screen

from screens import planning
from screens.beginning import LocalSecrets
from screens.confirm import ConfirmScreen, ConsentScreen, UnseenScreen
from screens.widgets.top_bar import Trail
from screens.work import WorkScreen
from wizard.change import Plan
from wizard.question import Draft
from wizard.references import typed_in
from wizard.secret import Secret, is_typed


class Show(Protocol):
    """Shows a page and waits for its result."""

    def __call__(self, page: Screen[Any], /) -> Awaitable[Any]:
        """Show `page`."""


@dataclass(slots=True)
class Consent:
    """What was agreed to during this run. Nothing of it is ever kept."""

    local: LocalSecrets
    show: Show
    allowed: frozenset[str] = frozenset()
    """References that somebody typed yes for."""
    secrets: dict[str, Secret] = field(default_factory=dict)

    async def given(self, plan: Plan, draft: Draft, trail: Trail) -> bool:
        """Ask whether to carry the plan out and to read what it needs, then read it."""
        count = len(planning.doable(plan))
        noun = "change" if count == 1 else "changes"
        text = planning.summary(plan, len(plan.pending) - count)
        question = ConfirmScreen(f"Make {count} {noun} in {plan.project}?", text, yes=f"Yes, make {count} {noun}",
                                 no="No, go back")  # fmt: skip
        if await self.show(question) is not True:
            return False
        for reference in plan.secrets:
            why = self.local.risk(reference)
            if why and reference not in self.allowed:
                if await self.show(ConsentScreen(reference, why)) is not True:
                    return False
                self.allowed |= {reference}
        return await self._read(plan, typed_in(draft), trail)

    async def _read(self, plan: Plan, typed: dict[str, Secret], trail: Trail) -> bool:
        for reference in plan.secrets:
            if is_typed(reference) and reference not in typed:
                value = await self.show(UnseenScreen(reference.partition(":")[2]))
                if value is None:
                    return False
                typed[reference] = value
        named = [reference for reference in plan.secrets if reference not in typed]
        if named:
            doing = "Reading the secrets of this machine"
            found = await self.show(WorkScreen(trail, doing, lambda: self.local.read_all(named)))
            if found is None:
                return False
            typed |= found
        self.secrets = typed
        return True
