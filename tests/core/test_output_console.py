"""The only writer of stdout and stderr."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from wizard.errors import WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Verified, Waiting
from wizard.output import events_text
from wizard.output.console import Console
from wizard.secret import Secret

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Streams:
    def __init__(self, **environ: str) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.console = Console(self.out, self.err, environ)


class Gone(io.StringIO):
    """A pipe whose reader went away."""

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        raise OSError("no descriptor")


def test_only_results_go_to_stdout() -> None:
    streams = Streams()
    streams.console.result("result")
    streams.console.note("note")
    streams.console.failure(WizardError("code", "message\nmore", "hint"))
    assert streams.out.getvalue() == "result\n"
    assert streams.err.getvalue() == "note\nerror (code): message\n  more\n  hint\n"


def test_details_need_verbose() -> None:
    streams = Streams()
    streams.console.detail("quiet")
    streams.console.verbose = True
    streams.console.detail("loud")
    assert streams.err.getvalue() == "loud\n"


def test_terminal_escapes_from_outside_are_shown_not_sent() -> None:
    streams = Streams()
    streams.console.note("a\x1b]0;owned\x07b")
    streams.console.failure(WizardError("code", "\x1b[2J"))
    assert "\x1b" not in streams.err.getvalue()
    assert "owned" in streams.err.getvalue()


def test_a_reader_that_went_away_stops_nothing() -> None:
    console = Console(Gone(), io.StringIO(), {})
    console.result("one")
    console.result("two")


def test_a_stream_that_cannot_show_a_letter_gets_its_number() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(out, io.StringIO(), {}).result("ü")
    out.seek(0)
    assert out.read() == "\\xfc\n"


@pytest.mark.parametrize("verbose", [False, True])
def test_a_crash_shows_no_secret(verbose: bool) -> None:
    streams = Streams()
    streams.console.verbose = verbose
    streams.console.hide([Secret("hunter2-hunter2"), Secret("")])
    try:
        raise ValueError("the token hunter2-hunter2 was refused")
    except ValueError as error:
        streams.console.crash(error)
    said = streams.err.getvalue()
    assert "hunter2" not in said
    assert "(sensitive)" in said
    assert ("Traceback" in said) is verbose


EVENTS: list[tuple[Event, str, str]] = [
    (PlanStarted(at=NOW, counts={"create": 1}, fingerprint="f"), "", ""),
    (ChangeStarted(at=NOW, id="variable:A@*"), "", ""),
    (ChangeDone(at=NOW, id="variable:A@*", result="created"), "  created  variable:A@*", ""),
    (ChangeFailed(at=NOW, id="x", code="c", message="m", hint="h"), "  failed   x (c): m\n           h", ""),
    (Waiting(at=NOW, seconds=2.5, reason="busy"), "", "waiting 2.5 s: busy"),
    (Verified(at=NOW, id="x", ok=True, message="m"), "  ok       x: m", ""),
    (Verified(at=NOW, id="x", ok=False, message="m"), "  not ok   x: m", ""),
    (Finished(at=NOW, status="done", exit=0, done=("a", "b")), "Done. 2 done, 0 left.", ""),
    (
        Finished(at=NOW, status="failed", exit=3, done=("a",), left=("b",)),
        "Failed. 1 done, 1 left.\nDone:\n  a\nLeft:\n  b",
        "",
    ),
]


@pytest.mark.parametrize(("event", "out", "err"), EVENTS)
def test_an_event_is_told_in_words(event: Event, out: str, err: str) -> None:
    streams = Streams()
    events_text.tell(event, streams.console)
    assert streams.out.getvalue().rstrip("\n") == out
    assert streams.err.getvalue().rstrip("\n") == err


@pytest.mark.parametrize("event", [event for event, _, _ in EVENTS])
def test_an_event_is_one_line_of_json(event: Event) -> None:
    line = events_text.as_json(event)
    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line) | {"at": "…"} == {**event.document(), "at": "…"} | {
        name: list(value) for name, value in event.document().items() if isinstance(value, tuple)
    }
