"""A plan as text: warnings first, changes in groups, each with a symbol and a word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wizard.change import UNKNOWN, Action, Change, Check, Kind, Plan
from wizard.output.console import Line, Style
from wizard.rights import rights

SYMBOLS: Mapping[Action, str] = {"create": "+", "update": "~", "delete": "-", "unchanged": "="}
_STYLES: Mapping[Action, Style] = {
    "create": Style.GREEN,
    "update": Style.YELLOW,
    "delete": Style.RED,
    "unchanged": Style.DIM,
}
GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "Settings": ("registry", "cleanup-policy", "protection-rule"),
    "Credentials": ("deploy-token", "job-token-scope", "job-token-allowlist"),
    "Variables": ("variable",),
    "Files": ("file", "commit", "merge-request"),
}
_INDENT = " " * 6
_LONGEST = 160


def render(
    plan: Plan, *, risks: Mapping[str, str] | None = None, then: str = "", brief: bool = False
) -> Iterator[Line]:
    """Yield the lines of a plan. `risks` says why reading a secret needs a typed yes; `then` is the next command.

    `brief` leaves out what stands in files that are new as a whole.
    """
    yield ((Style.BOLD, f"Plan for {plan.project}"), f" on {plan.url}")
    yield from _warnings(plan)
    for title, kinds in GROUPS.items():
        yield from _group(title, [change for change in plan.changes if change.kind in kinds], plan.project, brief=brief)
    yield from _rights(plan)
    yield from _secrets(plan, risks or {})
    yield from _checks(plan)
    yield ("",)
    yield ((Style.BOLD, counts(plan)),)
    if then:
        yield ((Style.BOLD, "Next: "), then)


def counts(plan: Plan) -> str:
    """Return the line that sums a plan up."""
    numbers = plan.counts
    text = (
        f"{numbers['create']} to create, {numbers['update']} to update, {numbers['delete']} to delete, "
        f"{numbers['unchanged']} unchanged"
    )
    held = sum(change.held for change in plan.changes)
    return f"{text}; {held} held back" if held else text if plan.pending else f"no change: {text}"


def _warnings(plan: Plan) -> Iterator[Line]:
    if plan.warnings:
        yield ("",)
        yield ((Style.BOLD, "Warnings"),)
    for notice in plan.warnings:
        first, *more = notice.message.splitlines() or [""]
        yield (f"  ! {notice.code}: {first}",)
        for line in (*more, *notice.hint.splitlines()):
            yield (f"{_INDENT}{line}",)


def _group(title: str, changes: Iterable[Change], project: str, *, brief: bool) -> Iterator[Line]:
    for number, change in enumerate(changes):
        if number == 0:
            yield ("",)
            yield ((Style.BOLD, title),)
        yield from _change(change, project, brief=brief)


def _change(change: Change, project: str, *, brief: bool) -> Iterator[Line]:
    word = f"{SYMBOLS[change.action]} {change.action}"
    yield ("  ", (_STYLES[change.action], f"{word:<11}"), f" {change.id}")
    if not change.pending:
        return
    place = f" (on {change.target})" if change.kind not in ("file", "commit") and change.target != project else ""
    yield (f"{_INDENT}{change.summary}{place}",)
    if change.blocked:
        yield (_INDENT, (Style.RED, f"blocked: needs {change.blocked.needs} on {change.blocked.on}"))
    if change.conflict:
        yield (_INDENT, (Style.RED, f"conflict ({change.conflict.code}): {change.conflict.message}"))
        yield from ((f"{_INDENT}{line}",) for line in change.conflict.hint.splitlines())
    if change.diff is None:
        yield from ((f"{_INDENT}{line}",) for line in fields(change))
    elif not (brief and change.kind == "file" and change.action == "create"):
        yield from _diff(change.diff)


def fields(change: Change) -> Iterator[str]:
    """Yield what the change sets, one field a line; of an update only what differs."""
    before, after = change.before, change.after
    if before == UNKNOWN:
        yield "before: not readable with this role"
        before = None
    if after is None:
        return
    for name, value in after.items():
        if before is None:
            yield f"{name}: {_value(value)}"
        elif before.get(name) != value:
            yield f"{name}: {_value(before.get(name))} -> {_value(value)}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = " ".join(text.split())
    return f"{shown[:_LONGEST]}…" if len(shown) > _LONGEST else shown or '""'


def _diff(diff: str) -> Iterator[Line]:
    colours = {"+": Style.GREEN, "-": Style.RED, "@": Style.CYAN}
    for line in diff.splitlines():
        style = colours.get(line[:1])
        yield (_INDENT, (style, line)) if style else (_INDENT, line)


def _rights(plan: Plan) -> Iterator[Line]:
    for number, words in enumerate(rights(plan)):
        if number == 0:
            yield ("",)
            yield ((Style.BOLD, "Rights that apply needs"),)
        yield (f"  {words}",)


def _secrets(plan: Plan, risks: Mapping[str, str]) -> Iterator[Line]:
    if plan.secrets:
        yield ("",)
        yield ((Style.BOLD, "Secrets of this machine that apply reads"),)
    for reference in plan.secrets:
        why = f" - needs a typed yes: {risks[reference]}" if reference in risks else ""
        yield (f"  {reference}{why}",)


def _checks(plan: Plan) -> Iterator[Line]:
    if plan.checks:
        yield ("",)
        yield ((Style.BOLD, "Proved afterwards"),)
    for words in dict.fromkeys(proof(check) for check in plan.checks):
        yield (f"  {words}",)


def proof(check: Check) -> str:
    """Say in words what a check proves."""
    match check.form:
        case "gitlab-grant":
            return f"GitLab grants {check.actions} on {check.repository}"
        case "registry-grant":
            return f"{check.place} grants {check.actions} on {check.repository}"
        case "active-token":
            return f"the deploy token in {check.place} is active"
        case "allowlist":
            return f"{check.place} lists {check.repository}"
