"""Output that outlives its terminal: what cannot be written is dropped, and nobody waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from screens.lasting import LastingStream, lasting_terminal


@pytest.fixture
def gone() -> Iterator[TextIO]:
    """A stream whose reader went away."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        yield stream


@pytest.mark.parametrize("length", [1, 100_000], ids=["kept in a buffer", "written at once"])
def test_what_nobody_reads_any_more_is_dropped_again_and_again(gone: TextIO, length: int) -> None:
    stream = LastingStream(gone)
    for _ in range(3):
        assert stream.write("x" * length) == length
        stream.flush()


def test_it_is_the_stream_in_everything_else(capfd: pytest.CaptureFixture[str]) -> None:
    with os.fdopen(os.dup(1), "w") as out:
        stream = LastingStream(out)
        assert stream.fileno() == out.fileno()
        assert stream.encoding == out.encoding
        stream.write("told")
        stream.flush()
    assert capfd.readouterr().out == "told"


def test_textual_finds_it_where_it_looks_for_its_output_and_nobody_else_afterwards() -> None:
    before = sys.__stderr__
    with lasting_terminal():
        assert isinstance(sys.__stderr__, LastingStream)
    assert sys.__stderr__ is before
