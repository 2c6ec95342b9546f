"""The plain route: the same questions as in the wizard, asked one after the other."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from wizard import flow
from wizard.answers_file import answers_of
from wizard.asking import BACK, Asker, Back, Prompt
from wizard.errors import InterruptedRunError, UsageError
from wizard.numbered import NumberedAsker
from wizard.question import Choice, Draft, Known, ListQuestion, Question, Step
from wizard.questions import STEPS
from wizard.replies import NOTHING, Problem, choice_named, parse, written
from wizard.secret import Secret
from wizard.text import visible, visible_lines

_CLEAR: Any = object()
Asked = Question | ListQuestion


def terminal_asker(environ: Mapping[str, str] | None = None) -> Asker:
    """Return what suits the terminal: menus, or numbered lines where those could not be drawn or read aloud."""
    environ = os.environ if environ is None else environ
    drawable = sys.stdin.isatty() and sys.stdout.isatty() and environ.get("TERM") != "dumb"
    if drawable and not environ.get("ACCESSIBLE"):
        return MenuAsker()
    return NumberedAsker(sys.stdin, sys.stderr)


def ask_all(known: Known, asker: Asker) -> Draft:
    """Ask every question that comes up and return the settled answers.

    UsageError where nobody answers, InterruptedRunError where the person stops. A secret is never in the answers: see
    `ask_secrets`.
    """
    conversation = _Conversation(asker)
    with _told():
        asker.say(asker.how)
        while True:
            asked = conversation.through(known, _all_questions)
            if isinstance(asked, Back):
                asker.say("This is the first question.")
                continue
            known = asked
            draft = flow.settled(known)
            try:
                answers_of(draft)
            except UsageError as error:
                asker.say(f"{error.message}\nPlease go through the questions again.")
            else:
                return draft


def ask_secrets(document: Mapping[str, Any], asker: Asker) -> dict[str, Secret]:
    """Read each value that the answers leave to be typed (`ask`), by its dotted key: `docker_auth.0.password`."""
    secrets: dict[str, Secret] = {}
    with _told():
        for key, title in _left_open(document):
            while not secrets.get(key):
                secrets[key] = asker.unseen(f"Value of {title} (not shown)")
    return secrets


def confirm(asker: Asker, text: str, *, default: bool = False) -> bool:
    """Ask a yes or no question; going back means no."""
    known, question = Known(Draft()), Question("", text, "", "confirm", default=lambda _: default)
    prompt = Prompt(text, "confirm", lambda typed: parse(question, typed, known), value=default)
    with _told():
        reply = asker.ask(prompt)
    return default if reply is None else reply is True


def choose(asker: Asker, text: str, choices: Sequence[Choice], *, help: str = "") -> Any:  # noqa: A002  # as in Question
    """Ask for one of `choices`, the first of which is recommended; None for going back."""
    with _told():
        reply = asker.ask(_menu(text, tuple(choices), help))
    return None if reply is BACK else reply


class MenuAsker:
    """Menus and input lines drawn by questionary."""

    how = "Arrow keys and Enter choose. An empty line takes the answer in brackets, a typed < goes back."

    def __init__(self, **streams: Any) -> None:
        """Use the terminal; `input` and `output` replace it."""
        self._streams = streams

    def say(self, text: str) -> None:
        """Write a text."""
        width = min(shutil.get_terminal_size().columns, 100)
        for line in visible_lines(text).split("\n"):
            sys.stderr.write(f"{textwrap.fill(line, width)}\n")
        sys.stderr.flush()

    def ask(self, prompt: Prompt) -> Any:
        """Ask in the way that suits the form."""
        if prompt.help:
            self.say(f"\n{prompt.help}")
        if prompt.form == "many":
            return self._several(prompt)
        if prompt.form == "text":
            return self._text(prompt)
        choices = prompt.choices or (Choice(True, "yes"), Choice(False, "no"))
        return self._one(replace(prompt, choices=choices))

    def unseen(self, text: str) -> Secret:
        """Read a value without showing it."""
        import questionary  # noqa: PLC0415  # drawing costs time that other commands need not pay

        return Secret(str(questionary.password(f"{visible(text)}:", **self._streams).unsafe_ask()))

    def _one(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        choices = [
            questionary.Choice(_label(choice, prompt), value=number, description=visible(choice.why) or None)
            for number, choice in enumerate(prompt.choices)
        ]
        standing = [number for number, choice in enumerate(prompt.choices) if prompt.stands(choice)]
        reply = questionary.select(
            visible(prompt.text),
            choices=[*choices, questionary.Choice("< back", value=BACK)],
            default=choices[standing[0]] if standing else None,
            **self._streams,
        ).unsafe_ask()
        return BACK if reply is BACK else prompt.choices[reply].value

    def _several(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        choices = [
            questionary.Choice(
                _label(choice, prompt),
                value=number,
                checked=prompt.stands(choice),
                description=visible(choice.why) or None,
            )
            for number, choice in enumerate(prompt.choices)
        ]
        replies: list[Any] = questionary.checkbox(
            visible(prompt.text),
            choices=[*choices, questionary.Choice("< back", value=BACK)],
            validate=lambda picked: bool(picked) or prompt.optional or "at least one is needed",
            **self._streams,
        ).unsafe_ask()
        return BACK if BACK in replies else [prompt.choices[number].value for number in replies]

    def _text(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        def valid(text: str) -> bool | str:
            reply = prompt.parse(text) if text.strip() not in ("<", "?") else None
            return reply.message if isinstance(reply, Problem) else True

        standing = f" [{visible(written(prompt.value))}]" if prompt.value is not None else ""
        found = f" (found: {visible(', '.join(choice.label for choice in prompt.choices))})" if prompt.choices else ""
        while True:
            text = questionary.text(
                f"{visible(prompt.text)}{found}{standing}", validate=valid, **self._streams
            ).unsafe_ask()
            if text.strip() == "<":
                return BACK
            if text.strip() != "?":
                return prompt.parse(text)
            self.say(f"{prompt.help} {self.how}")


class _Conversation:
    """Goes through questions that come and go with the answers, and back."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._step: Step | None = None

    def through(self, known: Known, visible_now: Callable[[Known], Sequence[Asked]]) -> Known | Back:
        """Ask what comes up until nothing is left; BACK for going back from the first question."""
        done: list[Asked] = []
        while True:
            questions = visible_now(known)
            last = next((questions.index(question) for question in reversed(done) if question in questions), -1)
            if last + 1 == len(questions):
                return known
            question = questions[last + 1]
            self._announce(question, known)
            with _hint(question):
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

    def _ask(self, question: Question, known: Known) -> Known | Back:
        reply = self._asker.ask(_prompt(question, known))
        if isinstance(reply, Back):
            return reply
        if reply is None:
            return known
        value = None if reply is _CLEAR else reply
        if id(question) in _STEP:
            return replace(known, draft=flow.apply_answer(known, question, value))
        return replace(known, item=flow.answer_item(known, question, value))

    def _list(self, listing: ListQuestion, known: Known) -> Known | Back:
        while True:
            items = list(flow.items_of(listing, known))
            action = self._asker.ask(_list_menu(listing, items, flow.suggestions(listing, known)))
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
            known = replace(known, draft=flow.with_items(known, listing, items), item={})

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
        choices=flow.choices_of(question, known),
        value=flow.value_of(question, known),
        recommended=flow.default_of(question, known),
        optional=question.optional,
    )


def _menu(text: str, choices: tuple[Choice, ...], help: str) -> Prompt:  # noqa: A002  # as in Question
    def reply(typed: str) -> Any:
        chosen = choice_named(typed, choices) if typed.strip() else choices[0]
        return chosen if isinstance(chosen, Problem) else chosen.value

    return Prompt(text, "choice", reply, help, choices, choices[0].value, choices[0].value)


Action = tuple[str, int, Mapping[str, Any]]


def _list_menu(listing: ListQuestion, items: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> Prompt:
    listed = "; ".join(listing.title(item) for item in items) or "nothing yet"
    done = [Choice(("done", 0, {}), "go on")] if len(items) >= listing.least else []
    end = len(items)
    add = [Choice(("edit", end, item), f"add {_found(listing, item)}") for item in found]
    article = "another" if items or found else "an" if listing.noun[0] in "aeiou" else "a"
    another = Choice(("edit", end, {}), f"add {article} {listing.noun}")
    change = [Choice(("edit", at, item), f"change {listing.title(item)}") for at, item in enumerate(items)]
    drop = [Choice(("drop", at, item), f"take {listing.title(item)} off the list") for at, item in enumerate(items)]
    choices = (*add, *done, another, *change, *drop) if listing.eager else (*done, *add, another, *change, *drop)
    return _menu(f"{listing.text} On the list: {listed}.", choices, listing.help)


def _found(listing: ListQuestion, item: Mapping[str, Any]) -> str:
    return listing.title(item) if len(item) > 1 else str(item.get(listing.item[0].key, ""))


def _label(choice: Choice, prompt: Prompt) -> str:
    mark = " (recommended)" if prompt.recommends(choice) else ""
    return visible(f"{choice.label}{mark}")


def _left_open(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    external = (document.get("registry") or {}).get("external") or {}
    if external.get("password") == "ask":
        yield "registry.external.password", f"the password of {external.get('username')} at {external.get('host')}"
    for name, identity, key in (("docker_auth", "host", "password"), ("mirror", "registry", "password")):
        for index, item in enumerate(document.get(name) or ()):
            if item.get(key) == "ask" and not item.get("absent"):
                yield f"{name}.{index}.{key}", f"the password of {item.get('username')} at {item.get(identity)}"
    for index, item in enumerate(document.get("variables") or ()):
        if item.get("value") == "ask" and not item.get("absent"):
            yield f"variables.{index}.value", f"the variable {item.get('key')} (scope {item.get('scope', '*')})"


@contextmanager
def _hint(question: Asked) -> Iterator[None]:
    try:
        yield
    except EOFError:
        listing = flow.listing_of(question)
        key = f"{listing.key}.0.{question.key}" if listing else question.key
        flag = "--set KEY=VALUE" if isinstance(question, ListQuestion) else f"--set {key}=VALUE"
        raise _nobody(f": {question.text}", flag) from None


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a terminal does into errors that the command knows."""
    try:
        yield
    except EOFError:
        raise _nobody(".", "--set KEY=VALUE") from None
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted", "Stopped. Nothing was changed.") from None


def _nobody(about: str, flag: str) -> UsageError:
    return UsageError(
        "no-input",
        f"There is no input to take an answer from{about}",
        f"Give the answers with --answers FILE or {flag}; `registry-wizard answers example` shows a file.",
    )


_STEP: Mapping[int, Step] = {id(question): step for step in STEPS for question in step.questions}
