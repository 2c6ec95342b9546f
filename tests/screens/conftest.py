"""What the tests of the screens share."""

from __future__ import annotations

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _still_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor would make one snapshot in two fail."""
    monkeypatch.setattr(Input, "cursor_blink", False)


@pytest.fixture(autouse=True)
def _no_preferences(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever runs the tests may have keys and a theme of their own."""
    nowhere = tmp_path_factory.getbasetemp() / "no-config.yml"
    monkeypatch.setattr("screens.preferring.config_file", lambda: nowhere)
