"""Signals and crashes: never a traceback, and always what was done."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.fake_session import (
    FakeSession,
    signalled,
)
from wizard.__main__ import main


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
class TestASignal:
    @pytest.fixture(autouse=True)
    def _not_ignored(self, number: signal.Signals) -> Iterator[None]:
        """A run under nohup, or in the background of a script, ignores signals, and the program leaves them so."""
        before = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        yield
        signal.signal(number, before)

    def test_lets_the_change_under_way_come_to_its_end(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session.between = signalled(number)
        assert main(["apply", "--yes"]) == 3
        printed = capsys.readouterr()
        assert "created  variable:A@*" in printed.out
        assert "variable:B@*" not in printed.out
        assert "stopping after the change under way" in printed.err

    def test_that_comes_twice_stops_at_once(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session.between = signalled(number, number)
        assert main(["apply", "--yes", "--format", "json"]) == 3
        printed = capsys.readouterr()
        last = json.loads(printed.out.splitlines()[-1])
        assert (last["status"], last["exit"], last["left"]) == ("interrupted", 3, ["variable:A@*"])
        assert "Traceback" not in printed.err

    def test_before_anything_was_changed_ends_with_130(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handler = signal.getsignal(number)
        session.before = signalled(number)
        assert main(["plan"]) == 130
        assert "nothing was changed" in capsys.readouterr().err
        assert signal.getsignal(number) is handler


def test_a_server_that_keeps_silent_is_not_waited_for(repo: Path) -> None:
    """Requests go out side by side in threads; none of them may hold the program back."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        command = [sys.executable, "-m", "wizard", "plan", "--repo", str(repo), "--url", url]
        process = subprocess.Popen(
            command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        connection, _ = mute.accept()
        process.send_signal(signal.SIGINT)
        with connection:
            _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "nothing was changed" in told
    assert "Traceback" not in told


def test_a_crash_in_the_middle_says_what_was_done(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    def fall_over() -> None:
        raise ZeroDivisionError

    session.between = fall_over
    assert main(["apply", "--yes"]) == 3
    printed = capsys.readouterr()
    assert "ZeroDivisionError" in printed.err
    assert "Traceback" not in printed.err
    assert "Left:\n  variable:A@*" in printed.out


@pytest.mark.parametrize("verbose", [False, True])
def test_a_crash_never_shows_the_token(session: FakeSession, capsys: pytest.CaptureFixture[str], verbose: bool) -> None:
    session.fails = ValueError("glpat-variable was refused")
    assert main(["plan", *["--verbose"] * verbose]) == 1
    said = capsys.readouterr().err
    assert "glpat-variable" not in said
    assert ("Traceback" in said) is verbose
