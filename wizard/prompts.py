"""Who asks in plain lines: menus by questionary, or numbered lines where those could not be drawn or read aloud."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from threading import Event
from typing import Any

from wizard.asking import BACK, Asker, Prompt
from wizard.commands.signals import telling
from wizard.numbered import NumberedAsker
from wizard.preview import as_text
from wizard.question import Choice
from wizard.replies import Problem, written
from wizard.secret import Secret
from wizard.text import visible, visible_lines

_MORE: Any = object()
"""The row that shows what stands beside a question."""


def terminal_asker(environ: Mapping[str, str] | None = None) -> Asker:
    """Return what suits the terminal: menus, or numbered lines where those could not be drawn or read aloud."""
    environ = os.environ if environ is None else environ
    drawable = sys.stdin.isatty() and sys.stdout.isatty() and environ.get("TERM") != "dumb"
    if drawable and not environ.get("ACCESSIBLE"):
        return MenuAsker()
    return NumberedAsker(sys.stdin, sys.stderr)


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

        return Secret(str(_reply(questionary.password(f"{visible(text)}:", **self._streams))))

    def _one(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        standing = [number for number, choice in enumerate(prompt.choices) if prompt.stands(choice)]
        while True:
            choices = _drawn(prompt)
            menu = questionary.select(
                visible(prompt.text),
                choices=choices,
                default=choices[standing[0]] if standing else None,
                **self._streams,
            )
            reply = _reply(menu)
            if reply is not _MORE:
                return BACK if reply is BACK else prompt.choices[reply].value
            self.say(_more(prompt))

    def _several(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        while True:
            menu = questionary.checkbox(
                visible(prompt.text),
                choices=_drawn(prompt, ticked=True),
                validate=lambda picked: bool(picked) or prompt.optional or "at least one is needed",
                **self._streams,
            )
            replies: list[Any] = _reply(menu)
            if BACK in replies:
                return BACK
            if _MORE not in replies:
                return [prompt.choices[number].value for number in replies]
            self.say(_more(prompt))

    def _text(self, prompt: Prompt) -> Any:
        import questionary  # noqa: PLC0415

        def valid(text: str) -> bool | str:
            reply = prompt.parse(text) if text.strip() not in ("<", "?") else None
            return reply.message if isinstance(reply, Problem) else True

        standing = f" [{visible(written(prompt.value))}]" if prompt.value is not None else ""
        found = f" (found: {visible(', '.join(choice.label for choice in prompt.choices))})" if prompt.choices else ""
        while True:
            line = questionary.text(f"{visible(prompt.text)}{found}{standing}", validate=valid, **self._streams)
            text = _reply(line)
            if text.strip() == "<":
                return BACK
            if text.strip() != "?":
                return prompt.parse(text)
            self.say(f"{prompt.help} {self.how}\n{_more(prompt)}".rstrip())


def _reply(question: Any) -> Any:
    """Ask; KeyboardInterrupt on Ctrl-C and on each signal.

    The event loop is told of a signal: an exception that its handler raises in the middle of the loop would leave tasks
    behind which nothing wakes, and the program with them.
    """
    application, stopped = question.application, Event()

    def leave() -> None:
        if stopped.is_set() and application.future is not None and not application.is_done:
            application.exit(exception=KeyboardInterrupt())

    def stop() -> None:
        stopped.set()
        if (loop := application.loop) is not None:
            loop.call_soon_threadsafe(leave)

    application.pre_run_callables.append(leave)
    with telling(stop):
        reply = question.unsafe_ask()
    if stopped.is_set():
        raise KeyboardInterrupt
    return reply


def _drawn(prompt: Prompt, *, ticked: bool = False) -> list[Any]:
    """Return the rows of a menu: the choices, what shows more, and back."""
    import questionary  # noqa: PLC0415

    rows = [
        questionary.Choice(
            _label(choice, prompt),
            value=number,
            checked=ticked and prompt.stands(choice),
            description=visible(choice.why) or None,
        )
        for number, choice in enumerate(prompt.choices)
    ]
    more = [questionary.Choice(f"? {visible(prompt.beside.title)}", value=_MORE)] if prompt.beside else []
    return [*rows, *more, questionary.Choice("< back", value=BACK)]


def _more(prompt: Prompt) -> str:
    return as_text(prompt.beside) if prompt.beside else ""


def _label(choice: Choice, prompt: Prompt) -> str:
    mark = " (recommended)" if prompt.recommends(choice) else ""
    return visible(f"{choice.label}{mark}")
