"""Every question that is asked in plain lines stands on a page, and no other: nothing is left out on either side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from textual.screen import Screen
from textual.widgets import Static

from screens.forms.form import Form
from screens.forms.items import Place
from screens.item import ItemScreen
from screens.route import steps
from screens.step import StepScreen
from screens.widgets.top_bar import Trail
from tests.core.every_question import documents
from tests.core.question_states import CI, DOCKERFILE, state
from tests.core.test_conversation import in_plain
from tests.screens.harness import Harness, settle
from wizard import flow
from wizard.answers_file import draft_of
from wizard.question import Known, ListQuestion, Question

pytestmark = pytest.mark.thorough

FOUND = state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI})
TRAIL = Trail("acme/team/app", 3, 12)
ON_ITS_OWN_PAGE = {"Which project is set up?"}


def pages(known: Known) -> Iterator[tuple[StepScreen | ItemScreen, Sequence[Question | ListQuestion]]]:
    """Every page of the wizard with these answers, those of each list's items included, and what it may ask."""
    for step in steps(known):
        yield StepScreen(TRAIL, step, known), step.questions
        for asked in flow.flow(step, known):
            if isinstance(asked, ListQuestion):
                for at, item in enumerate(flow.items_of(asked, known)):
                    place = Place(at, dict(item), there=True)
                    yield ItemScreen(TRAIL, asked, replace(known, item=item), place), asked.item


def shown(app: Harness) -> set[str]:
    """The questions that the page on top has words for."""
    return {str(form.query_one(".text", Static).content) for form in app.screen.query(Form) if form.display}


async def test_the_pages_show_every_question_that_plain_lines_ask() -> None:
    plain: set[str] = set()
    on_pages: set[str] = set()
    app = Harness(Screen)
    async with app.run_test() as pilot:
        for document in documents():
            known = Known(draft_of({"project": "acme/team/app", **document}), FOUND)
            plain |= in_plain(known) - ON_ITS_OWN_PAGE
            for page, questions in pages(known):
                if {question.text for question in questions} & plain - on_pages:
                    await app.push_screen(page)
                    await settle(pilot)
                    on_pages |= shown(app)
    assert on_pages == plain
    assert len(plain) > 60
