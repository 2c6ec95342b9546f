"""The terminal may go before the wizard has ended: a window is closed, a connection breaks.

Textual writes to `sys.__stderr__` in a thread, which the first failing write would end; whoever wrote next would wait
for it for ever, with a change half told and the lock of an apply held.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO, cast

from wizard.output.console import discard


class LastingStream:
    """A stream that takes what is written to it, also when nobody is there to read it any more."""

    def __init__(self, stream: TextIO) -> None:
        """Write to this stream as long as that works."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or drop the text where it cannot be written."""
        try:
            return self._stream.write(text)
        except OSError:
            discard(self._stream)
            return len(text)

    def flush(self) -> None:
        """Flush, or drop what cannot be written."""
        try:
            self._stream.flush()
        except OSError:
            discard(self._stream)

    def __getattr__(self, name: str) -> Any:
        """Be the stream in everything else."""
        return getattr(self._stream, name)


@contextmanager
def lasting_terminal() -> Iterator[None]:
    """Let Textual's output outlive the terminal."""
    before = sys.__stderr__
    if before is None:
        yield
        return
    sys.__stderr__ = cast("TextIOWrapper", LastingStream(before))  # type: ignore[misc]  # where Textual looks for its output
    try:
        yield
    finally:
        sys.__stderr__ = before  # type: ignore[misc]
