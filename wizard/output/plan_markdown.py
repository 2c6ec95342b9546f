"""A plan as Markdown, for the description of a merge request. Text from outside stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wizard.change import Change, Plan
from wizard.output.plan_text import GROUPS, SYMBOLS, counts, fields
from wizard.rights import rights
from wizard.text import visible


def render(plan: Plan, *, risks: Mapping[str, str] | None = None) -> str:
    """Return the plan as one Markdown document."""
    return "\n".join(_lines(plan, risks or {})) + "\n"


def _lines(plan: Plan, risks: Mapping[str, str]) -> Iterator[str]:
    yield f"# Plan for {escaped(plan.project)}"
    yield ""
    yield f"GitLab: {escaped(plan.url)}. {counts(plan).capitalize()}."
    if plan.warnings:
        yield from ("", "## Warnings", "")
    for notice in plan.warnings:
        hint = f"<br>{escaped(notice.hint)}" if notice.hint else ""
        yield f"- **{escaped(notice.code)}**: {escaped(notice.message)}{hint}"
    for title, kinds in GROUPS.items():
        yield from _group(title, [change for change in plan.changes if change.kind in kinds])
    needed = [escaped(words) for words in rights(plan)]
    if needed:
        yield from ("", "## Rights that apply needs", "", *(f"- {words}" for words in needed))
    if plan.secrets:
        yield from ("", "## Secrets of this machine that apply reads", "")
    for reference in plan.secrets:
        yield f"- {code(reference)}" + (f": needs a typed yes, {risks[reference]}" if reference in risks else "")
    yield ""
    yield f"Fingerprint: `{plan.fingerprint}`"


def _group(title: str, changes: list[Change]) -> Iterator[str]:
    if not changes:
        return
    yield from ("", f"## {title}", "", "| | Change | What |", "|---|---|---|")
    for change in changes:
        what = [escaped(change.summary)]
        if change.blocked:
            what.append(f"**blocked: needs {escaped(change.blocked.needs)} on {escaped(change.blocked.on)}**")
        if change.conflict:
            what.append(f"**conflict: {escaped(change.conflict.message)}**")
        if change.pending and change.diff is None:
            what += [escaped(line) for line in fields(change)]
        yield f"| {SYMBOLS[change.action]} {change.action} | {code(change.id)} | {'<br>'.join(what)} |"
    for change in changes:
        if change.pending and change.diff:
            yield from _diff(change.target, change.diff)


def _diff(path: str, diff: str) -> Iterator[str]:
    longest = max((len(run) for run in re.findall(r"`+", diff)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from ("", "<details>", f"<summary>{escaped(path)}</summary>", "", f"{fence}diff")
    yield from (visible(line) for line in diff.splitlines())
    yield from (fence, "", "</details>")


def escaped(text: str) -> str:
    """Return text on one line that Markdown and HTML show as it is."""
    flat = " ".join(visible(line) for line in text.splitlines())
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]#|~@!])", r"\\\1", flat)


def code(text: str) -> str:
    """Return text as inline code, also inside a table."""
    flat = " ".join(visible(line) for line in text.splitlines())
    fence = "`" * (max((len(run) for run in re.findall(r"`+", flat)), default=0) + 1)
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{flat.replace('|', chr(92) + '|')}{pad}{fence}"
