"""Whether the `if` of a rule is an expression (`Gitlab::Ci::Pipeline::Expression`, `doc/ci/jobs/job_rules.md`)."""

from __future__ import annotations

import re

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


def is_expression(text: str) -> bool:
    """Whether GitLab can read a text as an expression: operands, compared, joined, in parentheses."""
    kinds = _kinds(text)
    if not kinds:
        return False
    depth, wants_operand = 0, True
    for kind in kinds:
        if (kind in ("operand", "open")) != wants_operand:
            return False
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth < 0:
            return False
        wants_operand = kind not in ("operand", "close")
    return depth == 0 and not wants_operand


def _kinds(text: str) -> list[str]:
    kinds, at, text = [], 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return []
        kinds.append(str(token.lastgroup))
        at = token.end()
    return kinds
