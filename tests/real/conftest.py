"""The end of a run of real programs."""

from __future__ import annotations

import pytest

from tests.real import summary


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how large the matrix was, and which part was replaced by which."""
    for line in summary.lines():
        terminalreporter.write_line(line)
