"""Which questions a page asks, and where their answers go: a step's into the draft, an item's into the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wizard import flow
from wizard.question import Known, ListQuestion, Question, Step

Asked = Question | ListQuestion


class Course(Protocol):
    """The questions of one page."""

    @property
    def all(self) -> Sequence[Asked]:
        """Every question that may come up."""

    def now(self, known: Known) -> Sequence[Asked]:
        """The questions that come up with these answers."""

    def answer(self, known: Known, question: Question, value: Any) -> Known:
        """Take in an answer; None takes one back."""


@dataclass(frozen=True, slots=True)
class StepCourse:
    """The questions of a step."""

    step: Step

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


@dataclass(frozen=True, slots=True)
class ItemCourse:
    """The questions of one item of a list."""

    listing: ListQuestion

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
