"""The `if` of a rule: whether it is an expression, and whether it holds (`Gitlab::Ci::Pipeline::Expression`).

Its grammar is that of `doc/ci/jobs/job_rules.md`: operands, compared, joined by `&&` before `||`, in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operand>\$\w+|\$\{\w+\}|"[^"]*"|'[^']*'|/(?:\\.|[^/\\])+/[ismU]*|null\b|true\b|false\b)
        |(?P<compare>==|!=|=~|!~)
        |(?P<join>&&|\|\|)
        |(?P<open>\()
        |(?P<close>\))
    )""",
    re.VERBOSE,
)
_PATTERN = re.compile(r"/(?P<pattern>(?:\\.|[^/\\])+)/(?P<flags>[ismU]*)")
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}

Token = tuple[str, str]


def is_expression(text: str) -> bool:
    """Whether GitLab can read a text as an expression."""
    tokens = _tokens(text)
    if not tokens:
        return False
    depth, wants_operand = 0, True
    for kind, _ in tokens:
        if (kind in ("operand", "open")) != wants_operand:
            return False
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth < 0:
            return False
        wants_operand = kind not in ("operand", "close")
    return depth == 0 and not wants_operand


def holds(text: str, variables: Mapping[str, str]) -> bool:
    """Whether an expression is true with these variables; one that is not there is null."""
    return bool(_Reading(_tokens(text), variables).alternatives())


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return []
        kind = str(token.lastgroup)
        tokens.append((kind, token[kind]))
        at = token.end()
    return tokens


@dataclass(slots=True)
class _Reading:
    """A walk over the tokens of an expression; each method reads one level of it and returns its value."""

    tokens: list[Token]
    variables: Mapping[str, str]
    at: int = field(default=0)

    def alternatives(self) -> str | bool | None:
        value = self.conjunction()
        while self._takes("||"):
            other = self.conjunction()
            value = value or other
        return value

    def conjunction(self) -> str | bool | None:
        value = self.comparison()
        while self._takes("&&"):
            other = self.comparison()
            value = value and other
        return value

    def comparison(self) -> str | bool | None:
        if self._takes("("):
            value = self.alternatives()
            self._takes(")")
            return value
        left = self._operand()
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "compare":
            return left
        operator = self.tokens[self.at][1]
        self.at += 1
        right = self._operand()
        if operator in ("==", "!="):
            return (left == right) == (operator == "==")
        return _matches(left, right) == (operator == "=~")

    def _takes(self, token: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1] == token:
            self.at += 1
            return True
        return False

    def _operand(self) -> str | None:
        text = self.tokens[self.at][1]
        self.at += 1
        if text.startswith("$"):
            return self.variables.get(text.strip("${}"))
        if text[0] in "\"'":
            return text[1:-1]
        return None if text == "null" else text


def _matches(value: str | None, pattern: str | None) -> bool:
    """A pattern may come from a variable, too; what is no pattern matches nothing."""
    found = _PATTERN.fullmatch(pattern or "")
    if value is None or found is None:
        return False
    flags = re.RegexFlag(0)
    for flag in found["flags"]:
        flags |= _FLAGS.get(flag, re.RegexFlag(0))
    try:
        return re.search(found["pattern"], value, flags) is not None
    except re.error:
        return False
