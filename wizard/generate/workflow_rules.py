"""What GitLab's `workflow:rules` let run, as far as it can be seen without running anything.

A condition is true, false or unknown (None), because most variables have no value before there is a pipeline.
The grammar is the one of doc/ci/jobs/job_rules.md, "CI/CD variable expressions".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from yaml.nodes import Node

from wizard.generate.ci_nodes import is_list, is_mapping, items, lookup, resolved, text_of


class Pipeline(Enum):
    """A kind of pipeline in which our jobs have work to do."""

    DEFAULT_BRANCH = "a push to the default branch"
    TAG = "a tag"
    MERGE_REQUEST = "a merge request"


@dataclass(frozen=True, slots=True)
class _Value:
    """What is known of a value: its text, or only a name that two equal values share, or nothing."""

    text: str | None = None
    name: str | None = None
    absent: bool = False

    @property
    def is_known(self) -> bool:
        return self.absent or self.text is not None


_ABSENT = _Value(absent=True)
_BRANCH = _Value(name="default branch")
_VARIABLES: dict[Pipeline, Mapping[str, _Value]] = {
    Pipeline.DEFAULT_BRANCH: {
        "CI_PIPELINE_SOURCE": _Value("push"),
        "CI_COMMIT_BRANCH": _BRANCH,
        "CI_COMMIT_REF_NAME": _BRANCH,
        "CI_DEFAULT_BRANCH": _BRANCH,
        "CI_COMMIT_TAG": _ABSENT,
        "CI_MERGE_REQUEST_ID": _ABSENT,
        "CI_MERGE_REQUEST_IID": _ABSENT,
        "CI_OPEN_MERGE_REQUESTS": _ABSENT,
    },
    Pipeline.TAG: {
        "CI_PIPELINE_SOURCE": _Value("push"),
        "CI_COMMIT_BRANCH": _ABSENT,
        "CI_DEFAULT_BRANCH": _BRANCH,
        "CI_COMMIT_TAG": _Value(name="tag"),
        "CI_COMMIT_REF_NAME": _Value(name="tag"),
        "CI_MERGE_REQUEST_ID": _ABSENT,
        "CI_MERGE_REQUEST_IID": _ABSENT,
        "CI_OPEN_MERGE_REQUESTS": _ABSENT,
    },
    Pipeline.MERGE_REQUEST: {
        "CI_PIPELINE_SOURCE": _Value("merge_request_event"),
        "CI_COMMIT_BRANCH": _ABSENT,
        "CI_DEFAULT_BRANCH": _BRANCH,
        "CI_COMMIT_TAG": _ABSENT,
        "CI_MERGE_REQUEST_ID": _Value(name="merge request"),
        "CI_MERGE_REQUEST_IID": _Value(name="merge request"),
    },
}


def possible_pipelines(rules: Node) -> frozenset[Pipeline]:
    """Return the kinds of pipeline that `workflow:rules` do not rule out."""
    return frozenset(kind for kind in Pipeline if _may_run(rules, kind))


def _may_run(rules: Node, kind: Pipeline) -> bool:
    """Tell whether the first rule that holds may be one that runs; no rule that holds means no pipeline."""
    if not is_list(resolved(rules)):
        return True
    for rule in items(rules):
        if not is_mapping(resolved(rule)):
            return True  # a `!reference`: its rules stand elsewhere
        holds = _holds(rule, kind)
        if holds is False:
            continue
        when = lookup(rule, "when")
        runs = when is None or text_of(when) != "never"
        if runs or holds is True:
            return runs
    return False


def _holds(rule: Node, kind: Pipeline) -> bool | None:
    condition = lookup(rule, "if")
    holds: bool | None = True
    if condition is not None:
        text = text_of(condition)
        holds = None if text is None else evaluate(text, kind)
    files = lookup(rule, "changes") or lookup(rule, "exists")
    return None if holds and files else holds


def evaluate(expression: str, kind: Pipeline) -> bool | None:
    """Tell whether an expression of `rules:if` holds in such a pipeline; None if that cannot be told."""
    tokens = _tokens(expression)
    if tokens is None:
        return None
    try:
        reading = _Expression(tokens, _VARIABLES[kind])
        value = reading.either()
    except (IndexError, ValueError):
        return None
    return value if not reading.tokens else None


_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<sign>==|!=|=~|!~|&&|\|\|)|(?P<variable>\$\w+|\$\{\w+\})"
    r"""|(?P<string>"[^"]*"|'[^']*')|(?P<pattern>/(?:\\.|[^\\/])+/[ismU]*)|(?P<null>null)\b)"""
)


def _tokens(expression: str) -> list[tuple[str, str]] | None:
    found = []
    place, expression = 0, expression.strip()
    while place < len(expression):
        match = _TOKEN.match(expression, place)
        if match is None or match.lastgroup is None:
            return None
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return found


class _Expression:
    """A recursive descent through `||`, `&&`, comparisons and values, with three truth values."""

    def __init__(self, tokens: list[tuple[str, str]], variables: Mapping[str, _Value]) -> None:
        self.tokens = tokens
        self.variables = variables

    def either(self) -> bool | None:
        """Read terms joined by `||`."""
        value = self._both()
        while self._next_is("||"):
            other = self._both()
            value = True if value or other else (None if value is None or other is None else False)
        return value

    def _both(self) -> bool | None:
        value = self._comparison()
        while self._next_is("&&"):
            other = self._comparison()
            value = False if value is False or other is False else (None if value is None or other is None else True)
        return value

    def _comparison(self) -> bool | None:
        if self._next_is("("):
            value = self.either()
            if not self._next_is(")"):
                raise ValueError("a parenthesis stays open")
            return value
        left = self._value()
        for sign in ("==", "!=", "=~", "!~"):
            if self._next_is(sign):
                return self._compared(left, sign)
        return _truth(left)

    def _compared(self, left: _Value, sign: str) -> bool | None:
        equal = _equal(left, self._value()) if sign in {"==", "!="} else self._matched(left)
        return equal if equal is None or sign in {"==", "=~"} else not equal

    def _matched(self, left: _Value) -> bool | None:
        kind, text = self.tokens.pop(0)
        if left.absent:
            return False
        if kind != "pattern" or left.text is None:
            return None
        pattern, _, flags = text[1:].rpartition("/")
        try:
            return re.search(pattern, left.text, re.IGNORECASE if "i" in flags else 0) is not None
        except re.error:
            return None

    def _value(self) -> _Value:
        kind, text = self.tokens.pop(0)
        if kind == "variable":
            return self.variables.get(text.strip("${}"), _Value())
        if kind == "string":
            return _Value(text[1:-1])
        if kind == "null":
            return _ABSENT
        raise ValueError(f"{text} is not a value")

    def _next_is(self, text: str) -> bool:
        if self.tokens and self.tokens[0][1] == text and self.tokens[0][0] in {"open", "close", "sign"}:
            self.tokens.pop(0)
            return True
        return False


def _truth(value: _Value) -> bool | None:
    if value.is_known:
        return bool(value.text)
    return True if value.name else None


def _equal(left: _Value, right: _Value) -> bool | None:
    if left.is_known and right.is_known:
        return left == right
    if left.name and left.name == right.name:
        return True
    named = left.name or right.name
    empty = any(value.is_known and not value.text for value in (left, right))
    return False if named and empty else None
