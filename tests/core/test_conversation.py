"""The plain route asks what the screens ask, and tells on request what stands beside each question there."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import yaml
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from tests.core.every_question import documents
from tests.core.question_states import CI, DOCKERFILE, state
from wizard import flow
from wizard.answers_file import draft_of
from wizard.answers_text import example
from wizard.asking import Prompt
from wizard.conversation import Surroundings, ask_all
from wizard.errors import WizardError
from wizard.lookups import Lookups
from wizard.numbered import NumberedAsker
from wizard.preview import FileText, Option, Preview, Table
from wizard.prompts import MenuAsker
from wizard.question import Choice, Draft, Known, ListQuestion, Question
from wizard.questions import STEPS
from wizard.replies import Problem
from wizard.secret import Secret
from wizard.state import State

FOUND = state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI})


@dataclass
class Visitor:
    """Looks at everything: takes each answer as it stands, and opens every item of every list once."""

    how = ""
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, prompt: Prompt) -> Any:
        self.asked.append(prompt.text)
        assert len(self.asked) < 300, self.asked[-10:]
        for choice in prompt.choices:
            if not choice.label.startswith("change "):
                continue
            name = f"{prompt.text.partition(' On the list')[0]} {choice.value[1]}"
            if name not in self.opened:
                self.opened.add(name)
                return choice.value
        done = next((choice.value for choice in prompt.choices if choice.label == "go on"), None)
        reply = done or prompt.parse("")
        return prompt.parse("x") if isinstance(reply, Problem) else reply

    def unseen(self, text: str) -> Secret:
        raise AssertionError(f"{text}: no question needs a secret itself")


def on_screens(known: Known) -> set[str]:
    """The questions that the pages of the wizard show with these answers, those of each list's items included."""
    texts: set[str] = set()
    for step in flow.steps(known):
        for asked in flow.flow(step, known):
            texts.add(asked.text)
            if isinstance(asked, ListQuestion):
                for item in flow.items_of(asked, known):
                    texts |= {question.text for question in flow.item_flow(asked, replace(known, item=item))}
    return texts


def in_plain(known: Known) -> set[str]:
    visitor = Visitor()
    ask_all(known, visitor)
    return {text.partition(" On the list: ")[0] for text in visitor.asked}


@pytest.mark.parametrize("document", documents(), ids=lambda _: "")
def test_the_same_questions_are_asked_as_on_the_screens(document: Mapping[str, Any]) -> None:
    known = Known(draft_of({"project": "acme/team/app", **document}), FOUND)
    shown = on_screens(known)
    assert in_plain(known) == shown
    assert len(shown) > 5


def test_no_question_is_left_out() -> None:
    """Those documents leave no question unasked, so the comparison is one of all questions."""
    asked: set[str] = set()
    for document in documents():
        asked |= in_plain(Known(draft_of({"project": "acme/team/app", **document}), FOUND))
    for step in STEPS:
        for question in step.questions:
            own = [question, *(question.item if isinstance(question, ListQuestion) else ())]
            assert {each.text for each in own} <= asked


BESIDE = Preview(
    "What would be removed",
    (
        "Of 3 tags 1 would go.",
        Table(("tag", "age"), (("old", "90 days"), ("new", ""))),
        (Option("job token", (("lasts", "until its job ends"),)),),
        FileText("Dockerfile", "FROM scratch\n  indented\n"),
    ),
)
LINES = [
    "What would be removed", "Of 3 tags 1 would go.", "  old; age 90 days", "  new", "job token:",
    "  lasts: until its job ends", "Dockerfile:", "    FROM scratch", "      indented",
]  # fmt: skip
PROMPT = Prompt(
    "Which?",
    "choice",
    lambda text: {"": "a", "1": "a", "2": "b"}.get(text, Problem("no")),
    "It matters.",
    (Choice("a", "first"), Choice("b", "second")),
    "a",
    "a",
    beside=BESIDE,
)


def test_numbered_lines_tell_more_on_request_one_thing_a_line() -> None:
    out = io.StringIO()
    assert NumberedAsker(io.StringIO("?\n2\n"), out).ask(PROMPT) == "b"
    said = out.getvalue().split("\n")
    assert "Type ? for more: What would be removed." in said
    at = said.index("What would be removed")
    assert said[at : at + len(LINES)] == LINES


def test_a_preview_that_stands_beside_many_questions_is_announced_once() -> None:
    out = io.StringIO()
    asker = NumberedAsker(io.StringIO("1\n?\n1\n"), out)
    asker.ask(PROMPT)
    asker.ask(PROMPT)
    assert out.getvalue().count("Type ? for more") == 1
    assert out.getvalue().count("Of 3 tags 1 would go.") == 1


@pytest.mark.parametrize(("form", "keys"), [
    ("choice", "\x1b[B\x1b[B\r\r"), ("many", "\x1b[B\x1b[B \r\r"), ("text", "?\r1\r"),
])  # fmt: skip
def test_menus_tell_more_on_request(form: Any, keys: str, capsys: pytest.CaptureFixture[str]) -> None:
    prompt = replace(PROMPT, form=form, value=["a"] if form == "many" else "a")
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        reply = MenuAsker(input=pipe, output=DummyOutput()).ask(prompt)
    assert reply == (["a"] if form == "many" else "a")
    said = capsys.readouterr().err
    assert all(line in said for line in LINES)


def test_what_stands_beside_a_question_is_what_its_page_shows() -> None:
    seen: dict[str, Preview | None] = {}

    class Watching(Visitor):
        def ask(self, prompt: Prompt) -> Any:
            seen.setdefault(prompt.text.partition(" On the list")[0], prompt.beside)
            return super().ask(prompt)

    known = Known(draft_of({"project": "acme/team/app", **yaml.safe_load(example())}), FOUND)
    ask_all(known, Watching())
    shown = 0
    for step in flow.steps(known):
        for question in flow.flow(step, known):
            wanted = flow.preview(step, question, known)
            assert seen[question.text] == wanted, question.text
            shown += wanted is not None
    assert shown > 5


def test_what_previews_need_is_read_once_before_the_question_that_needs_it() -> None:
    wanted: list[Lookups] = []
    read: list[str] = []

    def look_up(found: State, more: Lookups) -> State:
        wanted.append(more)
        read.append(visitor.asked[-1] if visitor.asked else "")
        sources = {path: found.sources.get(path) or _source(path) for path in more.sources}
        images, runners = () if more.images else found.images, () if more.runners else found.runners
        return replace(found, images=images, runners=runners, sources={**found.sources, **sources})

    visitor = Visitor()
    ask_all(Known(Draft({"project": "acme/team/app"}), FOUND), visitor, Surroundings(look_up))
    assert wanted
    assert len(set(map(repr, wanted))) == len(wanted)
    assert isinstance(STEPS[0].questions[0], Question)


def test_each_answer_can_be_kept_before_the_next_question_is_asked() -> None:
    kept: list[Draft] = []
    at: dict[str, int] = {}

    class Answering(Visitor):
        def ask(self, prompt: Prompt) -> Any:
            at.setdefault(prompt.text.partition(" On the list")[0], len(kept))
            if prompt.text == "Where do the images go?":
                return "external"
            return "r.example" if prompt.text == "What is the address of that registry?" else super().ask(prompt)

    ask_all(Known(Draft({"project": "acme/team/app"}), FOUND), Answering(), Surroundings(keep=kept.append))
    before, after = at["Where do the images go?"], at["What is the address of that registry?"]
    assert [draft.get("registry.target") for draft in kept[before : after + 1]] == ["external", "external"]
    assert kept[after].get("registry.external.host") == "r.example"


def test_another_project_is_looked_at_before_anything_else_is_asked() -> None:
    """Or every recommendation would be one for the project of `origin`."""
    project, attempts = FOUND.project, [WizardError("not-found", "there is no such project", "Look at its path.")]

    class Elsewhere(Visitor):
        def ask(self, prompt: Prompt) -> Any:
            self.asked.append(prompt.text)
            if prompt.text == "Which project is set up?":
                return prompt.parse("acme/team/api")
            return super().ask(prompt)

    def move(known: Known) -> Known:
        if attempts:
            raise attempts.pop()
        path = known.draft.get("project")
        return replace(known, state=replace(FOUND, project=replace(project, path=path, image_prefix=f"r.test/{path}")))

    visitor = Elsewhere()
    ask_all(Known(Draft(), FOUND), visitor, Surroundings(move=move))
    assert "That did not work: there is no such project\nLook at its path." in visitor.said
    assert visitor.asked[:2] == ["Which project is set up?"] * 2
    assert "Images of this project are named r.test/acme/team/api." in "\n".join(visitor.said)


def _source(path: str) -> Any:
    from wizard.state import SourceState  # noqa: PLC0415

    return SourceState(path, None)
