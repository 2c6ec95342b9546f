"""Which questions a page asks, and where their answers go: a step's into the draft, an item's into the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from screens.widgets.entering import Lead
from wizard import flow
from wizard.lookups import Lookups
from wizard.preview import Preview
from wizard.question import Known, ListQuestion, Question, Step

Asked = Question | ListQuestion


class Course(Protocol):
    """The questions of one page."""

    @property
    def end(self) -> Lead:
        """Where the page leads when all is answered."""

    @property
    def all(self) -> Sequence[Asked]:
        """Every question that may come up."""

    def now(self, known: Known) -> Sequence[Asked]:
        """The questions that come up with these answers."""

    def answer(self, known: Known, question: Question, value: Any) -> Known:
        """Take in an answer; None takes one back."""

    def heading(self, known: Known) -> tuple[str, str]:
        """The title of the page and what it says first."""

    def preview(self, asked: Asked | None, known: Known) -> Preview | None:
        """What stands beside a question."""

    def lookups(self, known: Known) -> Lookups:
        """What has not been read yet and would complete the previews."""


@dataclass(frozen=True, slots=True)
class StepCourse:
    """The questions of a step."""

    step: Step

    @property
    def end(self) -> Lead:
        """To the next page."""
        return "page"

    @property
    def all(self) -> Sequence[Asked]:
        """Every question of the step."""
        return self.step.questions

    def now(self, known: Known) -> Sequence[Asked]:
        """The questions that come up."""
        return flow.flow(self.step, known)

    def answer(self, known: Known, question: Question, value: Any) -> Known:
        """Put the answer into the draft."""
        return replace(known, draft=flow.apply_answer(known, question, value))

    def heading(self, known: Known) -> tuple[str, str]:
        """The title of the step and its introduction."""
        return self.step.title, flow.introduction(self.step, known)

    def preview(self, asked: Asked | None, known: Known) -> Preview | None:
        """What stands beside a question, or beside the step."""
        return flow.preview(self.step, asked, known)

    def lookups(self, known: Known) -> Lookups:
        """What the step's previews lack."""
        return flow.lookups(self.step, known)


@dataclass(frozen=True, slots=True)
class ItemCourse:
    """The questions of one item of a list."""

    listing: ListQuestion
    there: bool = False
    """Whether the item is on the list already."""

    @property
    def end(self) -> Lead:
        """Back to the list."""
        return "done"

    @property
    def all(self) -> Sequence[Asked]:
        """Every question of the item."""
        return self.listing.item

    def now(self, known: Known) -> Sequence[Asked]:
        """The questions that come up."""
        return flow.item_flow(self.listing, known)

    def answer(self, known: Known, question: Question, value: Any) -> Known:
        """Put the answer into the item."""
        return replace(known, item=flow.answer_item(known, question, value))

    def heading(self, known: Known) -> tuple[str, str]:
        """Which item this is, and of what."""
        title = self.listing.title(known.item) if self.there else f"New {self.listing.noun}"
        return title, self.listing.text

    def preview(self, asked: Asked | None, known: Known) -> Preview | None:
        """What stands beside a question, or beside the item."""
        return flow.item_preview(self.listing, asked if isinstance(asked, Question) else None, known)

    def lookups(self, known: Known) -> Lookups:
        """What the item's previews lack."""
        return flow.item_lookups(self.listing, known)
