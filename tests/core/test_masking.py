"""GitLab's rules for masked values, against the expressions of its `Maskable` model."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.masking import why_not_maskable
from wizard.secret import Secret

# GitLab's REGEX and MASK_AND_RAW_REGEX; Ruby's \z is the very end, and its \S knows ASCII white space only.
_EXPANDED = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
_RAW = re.compile(r"\S{8,}", re.ASCII)
_NEAR = st.text(st.sampled_from("aZ09_+=/@:.~-$ {}\"',!\t\n\r\v\f\x00\x1c\x1f\x85\u00a0\u2028é漢😀"), max_size=14)
_VALUES = st.one_of(st.text(max_size=40), _NEAR, st.text(st.characters(codec="ascii"), min_size=6, max_size=12))


@given(_VALUES)
def test_a_raw_value_is_maskable_exactly_when_gitlab_says_so(value: str) -> None:
    assert (why_not_maskable(Secret(value), raw=True) is None) == bool(_RAW.fullmatch(value))


@given(_VALUES)
def test_an_expanded_value_is_maskable_exactly_when_gitlab_says_so(value: str) -> None:
    assert (why_not_maskable(Secret(value), raw=False) is None) == bool(_EXPANDED.fullmatch(value))


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1), st.booleans())
def test_the_reason_shows_nothing_of_the_value(value: str, raw: bool) -> None:
    reason = why_not_maskable(Secret(value), raw=raw) or ""
    assert not set(value) & set(reason)


@pytest.mark.parametrize(
    ("value", "raw", "reason"),
    [
        ("12345678", False, None),
        ("1234567", False, "shorter than 8"),
        ("", True, "shorter than 8"),
        ("two words", True, "white space"),
        ("a-trailing-newline\n", True, "more than one line"),
        ("-----BEGIN KEY-----\r\nMII", True, "base64"),
        ("pa$$word-1", True, None),
        ("pa$$word-1", False, "raw: true"),
        ('{"auths":{}}', True, None),
        ('{"auths":{}}', False, "raw: true"),
        ("no\u00a0break\u00a0space", True, None),
    ],
)
def test_each_rule_is_told_in_words(value: str, raw: bool, reason: str | None) -> None:
    found = why_not_maskable(Secret(value), raw=raw)
    assert found is None if reason is None else reason in (found or "")
