"""The only writer of stdout and stderr.

stdout carries the result and nothing else; notes, progress, questions and errors go to stderr. Text from outside is
stripped of terminal escapes here, so no caller can forget it.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
import traceback
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TextIO

from wizard.errors import UsageError, WizardError
from wizard.secret import Secret, masked
from wizard.text import visible


class Style(Enum):
    """How a part of a line looks where colour is allowed; the words say the same without it."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    CYAN = "36"


Part = str | tuple[Style, str]
Line = tuple[Part, ...]


class Console:
    """Both output streams and the questions on the terminal."""

    def __init__(
        self, out: TextIO | None = None, err: TextIO | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        """Take the process's own streams, unless others are given."""
        self._out = out or sys.stdout or io.StringIO()  # the interpreter has none where they were closed
        self._err = err or sys.stderr or io.StringIO()
        self._environ = os.environ if environ is None else environ
        self._closed: set[int] = set()
        self._hidden: list[Secret] = []
        self.verbose = False
        self.lost = False
        """Whether a part of the result could not be written."""

    def result(self, text: str) -> None:
        """Write a finished document, or one line of it, to stdout."""
        self._write(self._out, text if text.endswith("\n") else f"{text}\n")

    def show(self, lines: Iterable[Line]) -> None:
        """Write styled lines to stdout."""
        self._lines(self._out, lines)

    def preview(self, lines: Iterable[Line]) -> None:
        """Write styled lines to stderr."""
        self._lines(self._err, lines)

    def note(self, text: str) -> None:
        """Say something worth knowing."""
        self.preview((part,) for part in text.splitlines())

    def detail(self, text: str) -> None:
        """Say something that only `--verbose` asks for."""
        if self.verbose:
            self.note(text)

    def failure(self, error: WizardError) -> None:
        """Say what went wrong, and the next step."""
        first, *more = self._masked(error.message).splitlines() or [""]
        lines: list[Line] = [((Style.RED, "error"), f" ({error.code}): {first}"), *((f"  {line}",) for line in more)]
        self.preview([*lines, *((f"  {line}",) for line in error.hint.splitlines())])

    def crash(self, error: BaseException) -> None:
        """Say that the program itself failed; where, only with `--verbose`, and never with a secret."""
        self.failure(
            WizardError(
                "internal",
                f"the program failed: {type(error).__name__}: {error}",
                "" if self.verbose else "Run it again with --verbose to see where, and report it.",
            )
        )
        self.detail(self._masked("".join(traceback.format_exception(error))))

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Remember values that must not show even in a traceback."""
        self._hidden += secrets

    def ask(self, question: str) -> str:
        """Ask on stderr, read one line of stdin; an end of input is an empty answer."""
        self._write(self._err, visible(question))
        return sys.stdin.readline().strip()

    def read_input(self) -> str:
        """Read all of stdin; UsageError where it is a terminal, which would show what is typed."""
        if _is_terminal(sys.stdin):
            raise UsageError("token-stdin", "--token-stdin reads from a pipe, and stdin is a terminal", "Pipe it in.")
        return sys.stdin.read() if sys.stdin else ""

    def ask_secret(self, question: str) -> Secret:
        """Ask for a value that is not shown while it is typed."""
        import getpass  # noqa: PLC0415  # rarely needed

        try:
            return Secret(getpass.getpass(visible(question), stream=self._err))
        except EOFError:
            return Secret("")

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked: stdin and stderr are terminals."""
        return _is_terminal(sys.stdin) and _is_terminal(self._err)

    @property
    def in_browser(self) -> bool:
        """Whether a page in a browser is the terminal (`serve`): then stdout and stdin carry its protocol."""
        return self._environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")

    @property
    def full_screen(self) -> bool:
        """Whether the terminal can show more than lines."""
        return self.interactive and self._environ.get("TERM", "dumb") != "dumb"

    def _lines(self, stream: TextIO, lines: Iterable[Line]) -> None:
        colour = self._colour(stream)
        width = shutil.get_terminal_size().columns if _is_terminal(stream) else 0
        text = "".join(f"{_painted(part, colour)}\n" for line in lines for part in _folded(line, width))
        self._write(stream, text)

    def _colour(self, stream: TextIO) -> bool:
        if self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return _is_terminal(stream) and self._environ.get("TERM", "dumb") != "dumb"

    def _masked(self, text: str) -> str:
        return masked(text, self._hidden)

    def _write(self, stream: TextIO, text: str) -> None:
        """Write; a reader that went away does not stop what is under way."""
        if id(stream) in self._closed:
            return
        try:
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except OSError as error:
            self._closed.add(id(stream))
            discard(stream)
            if not isinstance(error, BrokenPipeError) and stream is self._out:
                self.lost = True
                self.note(f"the result cannot be written to stdout: {error.strerror}")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # a closed stream
        return False


def discard(stream: TextIO) -> None:
    """Point the stream's descriptor to nowhere, so that the interpreter's last flush does not fail."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _folded(line: Line, width: int) -> Iterable[Line]:
    """Break a line of plain text at words, with its own indent; styled and short lines stay whole."""
    if len(line) != 1 or not isinstance(line[0], str) or width <= 0 or len(line[0]) <= width:
        return (line,)
    text = line[0]
    indent = text[: len(text) - len(text.lstrip())]
    pieces = textwrap.wrap(
        text.strip(), width, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return tuple((piece,) for piece in pieces)


def _painted(line: Line, colour: bool) -> str:
    return "".join(_part(part, colour) for part in line)


def _part(part: Part, colour: bool) -> str:
    style, text = (None, part) if isinstance(part, str) else part
    harmless = "\t".join(visible(piece) for piece in text.split("\t"))
    return f"\x1b[{style.value}m{harmless}\x1b[0m" if style and colour else harmless
