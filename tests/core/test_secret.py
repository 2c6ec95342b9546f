"""A secret shows itself to nobody by accident, and references name one without holding it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.secret import MASK, Reference, Secret, literal, parse_reference

VALUE = "hunter2-hunter2"
_TEXTS = st.text(st.characters(exclude_categories=()))
"""With lone surrogates: so Python reads bytes of the environment that are no UTF-8."""


def test_no_text_form_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(VALUE)
    logging.getLogger(__name__).warning("%s %r", secret, secret)
    shown = f"{secret} {secret!r} {secret!s} {[secret]} { ({'a': secret}) } {secret:}{caplog.text}"
    assert VALUE not in shown
    assert MASK in shown


def test_no_traceback_shows_it() -> None:
    with pytest.raises(ValueError, match=re.escape(MASK)) as raised:
        raise ValueError(Secret(VALUE))
    assert VALUE not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_it_is_neither_copied_nor_serialised(copied: object) -> None:
    with pytest.raises(TypeError) as raised:
        copied(Secret(VALUE))  # type: ignore[operator]  # each is a function
    assert VALUE not in str(raised.value)


def test_it_has_no_dictionary_and_no_hash() -> None:
    assert not hasattr(Secret(VALUE), "__dict__")
    with pytest.raises(TypeError):
        hash(Secret(VALUE))


@given(_TEXTS, _TEXTS)
def test_it_is_compared_by_its_value(first: str, second: str) -> None:
    assert (Secret(first) == Secret(second)) == (first == second)
    assert Secret(first) != first
    assert bool(Secret(first)) == bool(first)
    assert Secret(first).reveal() == first


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("env:NAME", Reference("env", "NAME")),
        ("file:a/b: c", Reference("file", "a/b: c")),
        ("keyring:service/x/user", Reference("keyring", "service/x/user")),
        ("ask", Reference("ask")),
        ("ask:variables.DSN@*", Reference("ask", "variables.DSN@*")),
        ("ask:", None),
        ("asks", None),
        ("env:", None),
        ("ENV:NAME", None),
        ("literal:env:NAME", None),
        ("change:x#token", None),
        ("https://example.com", None),
        ("", None),
    ],
)
def test_what_reads_as_a_reference(text: str, reference: Reference | None) -> None:
    assert parse_reference(text) == reference
    if reference:
        assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("plain", "plain"), ("literal:env:X", "env:X"), ("literal:literal:x", "literal:x"), ("literal:", "")],
)
def test_one_escape_is_taken_off_a_literal(text: str, value: str) -> None:
    assert literal(text) == value
