"""The `if` of a rule, with variables A=one, B=1, EMPTY= and PATTERN=/^o/."""

from __future__ import annotations

import pytest

from wizard.sandbox.ci.expressions import holds, is_expression

VARIABLES = {"A": "one", "B": "1", "EMPTY": "", "PATTERN": "/^o/", "BROKEN": "/(/"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", True),
        ("${A}", True),
        ("$EMPTY", False),
        ("$NONE", False),
        ('$A == "one"', True),
        ("$A == 'two'", False),
        ('$A != "two"', True),
        ("$NONE == null", True),
        ("$EMPTY == null", False),
        ('$EMPTY == ""', True),
        ("$A != null", True),
        ("$A =~ /^o.e$/", True),
        ("$A =~ /^O/", False),
        ("$A =~ /^O/i", True),
        ("$A !~ /^x/", True),
        ("$NONE =~ /x/", False),
        ("$NONE !~ /x/", True),
        ("$A =~ $PATTERN", True),
        ("$A =~ $B", False),
        ("$A =~ $BROKEN", False),
        ("$A && $NONE", False),
        ("$A || $NONE", True),
        ("$NONE && $NONE || $A", True),
        ("$NONE && ($NONE || $A)", False),
        ("($A || $NONE) && $B == '1'", True),
        ("$A=='one'&&$B=='1'", True),
        (r"$A =~ /\/x/", False),
    ],
)
def test_an_expression_holds(text: str, expected: bool) -> None:
    assert is_expression(text)
    assert holds(text, VARIABLES) is expected


@pytest.mark.parametrize(
    "text",
    ["", "A", "$A =", "$A == ", "== $A", "$A $B", "($A", "$A)", "()", "$A && ", '"a', "$A =~ /x", "$A ; $B", "!$A"],
)
def test_no_expression(text: str) -> None:
    assert not is_expression(text)
