"""Prompts as numbered lines of text: for screen readers, dumb terminals and pipes. No colour, nothing is redrawn."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any, TextIO

from wizard.asking import BACK, Prompt
from wizard.preview import as_text
from wizard.replies import Problem, written
from wizard.secret import Secret
from wizard.text import visible, visible_lines

_WORD = {"choice": "Number", "many": "Numbers with commas between", "text": "Answer", "confirm": "Yes or no"}


class NumberedAsker:
    """Writes each thing on a line of its own and reads one line for a reply.

    `?` explains, `<` goes back, an empty line leaves what stands in brackets.
    """

    how = "An empty line takes the answer in brackets, ? explains, < goes back to the question before."

    def __init__(
        self,
        stdin: TextIO,
        out: TextIO,
        unseen: Callable[[str, TextIO], str] = getpass.getpass,
    ) -> None:
        """Read from `stdin`, write to `out`; `unseen` reads without an echo where `stdin` is a terminal."""
        self._stdin = stdin
        self._out = out
        self._unseen = unseen
        self._announced = ""
        """What was offered to be told last: once is enough to hear it."""

    def say(self, text: str) -> None:
        """Write a text."""
        self._write(f"{visible_lines(text)}\n")

    def ask(self, prompt: Prompt) -> Any:
        """Ask until the reply can be used."""
        self.say(prompt.text)
        for line in _lines(prompt):
            self.say(line)
        if prompt.beside and prompt.beside.title != self._announced:
            self._announced = prompt.beside.title
            self.say(f"Type ? for more: {prompt.beside.title}.")
        while True:
            self._write(f"{_WORD[prompt.form]}{_brackets(prompt)}: ")
            text = self._line().strip()
            if text == "<":
                return BACK
            if text == "?":
                self.say(_help(prompt))
                continue
            reply = prompt.parse(text)
            if not isinstance(reply, Problem):
                return reply
            self.say(f"Please try again: {reply.message}.")

    def unseen(self, text: str) -> Secret:
        """Read a value without showing it; from a pipe, a line."""
        if self._stdin.isatty():
            return Secret(self._unseen(f"{visible(text)}: ", self._out))
        self._write(f"{visible(text)}: ")
        return Secret(self._line().removesuffix("\n"))

    def _line(self) -> str:
        line = self._stdin.readline()
        if not line:
            raise EOFError
        return line

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _lines(prompt: Prompt) -> list[str]:
    if prompt.form == "text":
        return [f"Found: {', '.join(choice.label for choice in prompt.choices)}."] if prompt.choices else []
    lines = []
    for number, choice in enumerate(prompt.choices, 1):
        mark = " (recommended)" if prompt.recommends(choice) else ""
        why = f". {choice.why}" if choice.why else ""
        lines.append(f"{number}) {choice.label}{mark}{why}")
    return lines


def _brackets(prompt: Prompt) -> str:
    if prompt.value is None:
        return " (may be empty)" if prompt.optional else ""
    if prompt.form in ("choice", "many"):
        numbers = [str(number) for number, choice in enumerate(prompt.choices, 1) if prompt.stands(choice)]
        return f" [{', '.join(numbers) or 'none'}]"
    return f" [{visible(written(prompt.value))}]"


def _help(prompt: Prompt) -> str:
    clear = " Type - to leave it empty." if prompt.optional and prompt.form == "text" else ""
    several = " Type none for none." if prompt.optional and prompt.form == "many" else ""
    more = f" More about it: registry-wizard explain {prompt.topic}." if prompt.topic else ""
    told = f"{prompt.help or 'There is nothing more to say about this.'}{clear}{several}{more}"
    return f"{told}\n{as_text(prompt.beside)}" if prompt.beside else told
