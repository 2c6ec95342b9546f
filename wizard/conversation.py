"""The plain route: the same questions as in the wizard, asked one after the other, forth and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wizard import flow
from wizard.answers_file import answers_of
from wizard.asking import BACK, Asker, Back, Prompt, menu
from wizard.errors import InterruptedRunError, UsageError, WizardError
from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Preview
from wizard.question import Choice, Draft, Known, ListQuestion, Question, Step
from wizard.questions import STEPS
from wizard.replies import NOTHING, parse
from wizard.state import State
from wizard.unanswered import told, unanswered

_CLEAR: Any = object()
Asked = Question | ListQuestion

LookUp = Callable[[State, Lookups], State]
"""Reads what questions need to know beside the state."""
Keep = Callable[[Draft], None]
"""Takes the answers in, each time that one was given."""


Move = Callable[[Known], Known]
"""Takes in that the answers name another project than the one that was looked at; returns what is known of that one."""


def ask_all(known: Known, asker: Asker, around: Surroundings | None = None, *, at_the_end: bool = False) -> Draft:
    """Ask every question that comes up and return the settled answers; `at_the_end`: beginning with the last one.

    UsageError where nobody answers, InterruptedRunError where the person stops. A secret is never in the answers.
    """
    conversation = _Conversation(asker, around or Surroundings())
    with told():
        while True:
            asked = conversation.through(known, _all_questions, at_the_end=at_the_end)
            if isinstance(asked, Back):
                asker.say("This is the first question.")
                at_the_end = False
                continue
            known = asked
            draft = flow.settled(known)
            try:
                answers_of(draft)
            except UsageError as error:
                asker.say(f"{error.message}\nPlease go through the questions again.")
            else:
                return draft


def _same(state: State, _: Lookups) -> State:
    return state


def _nowhere(_: Draft) -> None:
    pass


def _still(known: Known) -> Known:
    return known


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What goes on around a conversation, without the asker noticing."""

    look_up: LookUp = _same
    keep: Keep = _nowhere
    move: Move = _still


class _Conversation:
    """Goes through questions that come and go with the answers, and back."""

    def __init__(self, asker: Asker, around: Surroundings) -> None:
        self._asker = asker
        self._around = around
        self._step: Step | None = None

    def through(
        self, known: Known, visible_now: Callable[[Known], Sequence[Asked]], *, at_the_end: bool = False
    ) -> Known | Back:
        """Ask what comes up until nothing is left; BACK for going back from the first question."""
        done = list(visible_now(known)[:-1]) if at_the_end else []
        while True:
            questions = visible_now(known)
            last = next((questions.index(question) for question in reversed(done) if question in questions), -1)
            if last + 1 == len(questions):
                return known
            question = questions[last + 1]
            self._announce(question, known)
            known = self._looked_up(question, known)
            with unanswered(question):
                asked = (
                    self._list(question, known) if isinstance(question, ListQuestion) else self._ask(question, known)
                )
            if not isinstance(asked, Back):
                known = asked
                done.append(question)
            elif not done:
                return BACK
            else:
                del done[_last_visible(done, questions) :]

    def _announce(self, question: Asked, known: Known) -> None:
        step = _STEP.get(id(question))
        if step is not None and step is not self._step:
            self._step = step
            steps = flow.steps(known)
            where = f"Step {steps.index(step) + 1} of {len(steps)}"
            self._asker.say(f"\n{where}: {step.title}\n{flow.introduction(step, known)}")

    def _looked_up(self, question: Asked, known: Known) -> Known:
        """Return what is known with what the question needs beside the state; each thing is read once."""
        listing, step = flow.listing_of(question), _STEP.get(id(question))
        wanted = flow.item_lookups(listing, known) if listing else flow.lookups(step, known) if step else NOTHING_MORE
        if not wanted or known.state is None:
            return known
        return replace(known, state=self._around.look_up(known.state, wanted))

    def _ask(self, question: Question, known: Known) -> Known | Back:
        while True:
            reply = self._asker.ask(_prompt(question, known))
            if isinstance(reply, Back):
                return reply
            if reply is None:
                return known
            value = None if reply is _CLEAR else reply
            if id(question) not in _STEP:
                return replace(known, item=flow.answer_item(known, question, value))
            answered = self._moved(replace(known, draft=flow.apply_answer(known, question, value)))
            if answered is not None:
                return self._kept(answered)

    def _list(self, listing: ListQuestion, known: Known) -> Known | Back:
        while True:
            items = list(flow.items_of(listing, known))
            action = self._asker.ask(_list_menu(listing, items, known))
            if isinstance(action, Back):
                return action
            kind, index, item = action
            if kind == "done":
                return known
            if kind == "drop":
                del items[index]
            else:
                finished = self._item(listing, replace(known, item=item), items, index)
                items[index : index + 1] = [finished] if finished is not None else items[index : index + 1]
            known = self._kept(replace(known, draft=flow.with_items(known, listing, items), item={}))

    def _kept(self, known: Known) -> Known:
        self._around.keep(known.draft)
        return known

    def _moved(self, known: Known) -> Known | None:
        """Return what is known of the project that was named; None where it cannot be looked at, which is said."""
        project = known.draft.get("project")
        if known.state is None or project in (None, known.state.project.path):
            return known
        try:
            return self._around.move(known)
        except InterruptedRunError:
            raise
        except WizardError as error:
            self._asker.say(f"That did not work: {error.message}\n{error.hint}".rstrip())
            return None

    def _item(
        self, listing: ListQuestion, known: Known, items: list[Mapping[str, Any]], index: int
    ) -> Mapping[str, Any] | None:
        while True:
            asked = self.through(known, lambda now: flow.item_flow(listing, now))
            if isinstance(asked, Back):
                return None
            item = flow.settled_item(listing, asked)
            problem = flow.item_problem(listing, [*items[:index], item, *items[index + 1 :]], index)
            if problem is None:
                return item
            self._asker.say(f"This {listing.noun} cannot stand on the list: {problem}.")
            known = asked


def _all_questions(known: Known) -> list[Asked]:
    return [question for step in flow.steps(known) for question in flow.flow(step, known)]


def _last_visible(done: Sequence[Asked], questions: Sequence[Asked]) -> int:
    return max((position for position, question in enumerate(done) if question in questions), default=0)


def _prompt(question: Question, known: Known) -> Prompt:
    def reply(text: str) -> Any:
        clear = question.optional and question.form != "many" and text.strip() in NOTHING[1:]
        return _CLEAR if clear else parse(question, text, known)

    return Prompt(
        text=question.text,
        form=question.form if question.form in ("choice", "many", "confirm") else "text",
        parse=reply,
        help=question.help,
        topic=flow.topic_of(question),
        choices=flow.choices_of(question, known),
        value=flow.value_of(question, known),
        recommended=flow.default_of(question, known),
        optional=question.optional,
        beside=_beside(question, known),
    )


def _beside(question: Asked, known: Known) -> Preview | None:
    """Return what the page of the wizard shows beside a question."""
    step = _STEP.get(id(flow.listing_of(question) or question))
    return flow.preview(step, question, known) if step else None


Action = tuple[str, int, Mapping[str, Any]]


def _list_menu(
    listing: ListQuestion,
    items: Sequence[Mapping[str, Any]],
    known: Known,
) -> Prompt:
    found = flow.suggestions(listing, known)
    listed = "; ".join(listing.title(item) for item in items) or "nothing yet"
    done = [Choice(("done", 0, {}), "go on")] if len(items) >= listing.least else []
    end = len(items)
    add = [Choice(("edit", end, item), f"add {_found(listing, item)}") for item in found]
    article = "another" if items or found else "an" if listing.noun[0] in "aeiou" else "a"
    another = Choice(("edit", end, {}), f"add {article} {listing.noun}")
    change = [Choice(("edit", at, item), f"change {listing.title(item)}") for at, item in enumerate(items)]
    drop = [Choice(("drop", at, item), f"take {listing.title(item)} off the list") for at, item in enumerate(items)]
    first = [*add, *done] if flow.recommends_adding(listing, known) else [*done, *add]
    choices = (*first, another, *change, *drop)
    return replace(
        menu(f"{listing.text} On the list: {listed}.", choices, listing.help, _beside(listing, known)),
        topic=flow.topic_of(listing),
    )


def _found(listing: ListQuestion, item: Mapping[str, Any]) -> str:
    return listing.title(item) if len(item) > 1 else str(item.get(listing.item[0].key, ""))


_STEP: Mapping[int, Step] = {id(question): step for step in STEPS for question in step.questions}
