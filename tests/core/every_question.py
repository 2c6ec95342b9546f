"""The questions by their keys, and known answers written briefly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from wizard import flow
from wizard.answers_text import example
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


def documents() -> Iterator[Mapping[str, Any]]:
    """Answers that together open every question: nothing, everything, and each kind of what excludes others."""
    everything = yaml.safe_load(example())
    yield {}
    yield everything
    yield {**everything, "registry": {"target": "external"}}
    own = {"cleanup": {"enabled": True}, "protect": {"push": "maintainer"}, "visibility": "private"}
    yield {**everything, "registry": {"target": "gitlab", **own}}
    for kind in ("gar", "acr", "dockerhub", "harbor", "gitlab", "generic"):
        yield {**everything, "mirror": [{"to": kind, "registry": "r.example", "repository": "a"}]}
    yield {**everything, "build": {"enabled": True, "dockerfile": "elsewhere/Dockerfile"}}
    yield {**everything, "delivery": {"mode": "merge-request"}}
    own = {"name": "web", "file": "deploy/web.yaml", "container": "web"}
    environments = everything["deploy"]["kubernetes"]["environments"]
    yield {**everything, "deploy": {"kubernetes": {"workloads": [own], "environments": environments}}}
    yield {**everything, "variables": [{"key": "A", "value": "plain", "masked": False}]}
