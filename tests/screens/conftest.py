"""What the tests of the screens share."""

from __future__ import annotations

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _still_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor would make one snapshot in two fail."""
    monkeypatch.setattr(Input, "cursor_blink", False)
