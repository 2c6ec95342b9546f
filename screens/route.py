"""The order of the pages, and where each stands in it."""

from __future__ import annotations

from typing import Final

from screens.widgets.top_bar import Trail
from wizard import flow
from wizard.change import Change
from wizard.question import Known, Step

CONNECT: Final = "connect"
PROJECT: Final = "project"
RESUME: Final = "resume"
LOOK: Final = "look"
PLAN: Final = "plan"
REVIEW: Final = "review"
APPLY: Final = "apply"
RESULT: Final = "result"
UNDO: Final = "undo"
_STEP: Final = "step:"
_STANDS_AT = {RESUME: PROJECT, LOOK: PROJECT, PLAN: REVIEW, RESULT: APPLY, UNDO: APPLY}


def of_step(step: Step) -> str:
    """Return the page of a step of questions."""
    return f"{_STEP}{step.key}"


def key_of(page: str) -> str | None:
    """Return the key of the step that a page asks; None for every other page."""
    return page.removeprefix(_STEP) if page.startswith(_STEP) else None


def steps(known: Known) -> list[Step]:
    """Return the steps that come up; the project has a page of its own."""
    return [step for step in flow.steps(known) if step.key != PROJECT]


def cause(change: Change | None, among: list[Step]) -> Step:
    """Return the step whose questions caused a change, else the last one."""
    key = change.step.partition(".")[0] if change else ""
    fitting = [step for step in among if step.key == key]
    fitting += [step for step in among if any(asked.key.partition(".")[0] == key for asked in step.questions)]
    return fitting[0] if fitting else among[-1]


def trail(page: str, known: Known) -> Trail:
    """Return where a page stands. How many there are is not known before the project was looked at."""
    order = [CONNECT, PROJECT, *(of_step(step) for step in steps(known)), REVIEW, APPLY]
    at = order.index(_STANDS_AT.get(page, page)) + 1
    return Trail(str(known.draft.get("project") or ""), at, len(order) if known.state or at == len(order) else 0)
