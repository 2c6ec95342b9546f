"""Outside text on a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.text import visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 日本 🙂", "plain ünïcödé 日本 🙂"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\x9b2J\x07\x7f", r"\x9b2J\x07\x7f"),
        ("\ud800", r"\ud800"),
        ("a\u2028b", r"a\u2028b"),
    ],
)
def test_what_would_act_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_and_tabs_can_be_kept() -> None:
    assert visible_lines("a\tb\r\nc\x1b[0m\n") == "a\tb\nc\\x1b[0m\n"


@given(st.text())
def test_nothing_that_acts_is_left(text: str) -> None:
    assert visible(text).isprintable()
