"""The questions by their keys, and known answers written briefly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wizard import flow
from wizard.question import Known, ListQuestion, Question, Step
from wizard.questions import STEPS

EVERY = [question for step in STEPS for question in step.questions]
PLAIN = [question for question in EVERY if isinstance(question, Question)]
LISTS = [question for question in EVERY if isinstance(question, ListQuestion)]
ALL: list[tuple[str, Question]] = [(question.key, question) for question in PLAIN] + [
    (f"{listing.key}.{question.key}", question) for listing in LISTS for question in listing.item
]


def question(key: str) -> Question:
    return next(found for name, found in ALL if name == key)


def listing(key: str) -> ListQuestion:
    return next(found for found in LISTS if found.key == key)


def step(key: str) -> Step:
    return next(found for found in STEPS if found.key == key)


def answered(known: Known, **answers: Any) -> Known:
    for key, value in answers.items():
        known = replace(known, draft=flow.apply_answer(known, question(key.replace("__", ".")), value))
    return known


def keys(known: Known, name: str) -> list[str]:
    return [found.key for found in flow.flow(step(name), known)]
