"""GitLab's own verdict on the pipeline as it will be, before it is there.

Lint knows only what is committed, so our file is sent written into the project's `.gitlab-ci.yml`, as if it were
included. Source: GitLab's CI lint API; an invalid pipeline is an answer there, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import yaml

from wizard import layout
from wizard.change import Change, Notice, Plan
from wizard.changes.file import content_of
from wizard.generate.inlined import inlined
from wizard.state import State
from wizard.text import visible

_MOST = 10
"""Messages that are worth reading; GitLab repeats itself."""
CODE = "pipeline-invalid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What GitLab says of the pipeline: that it is right, what is wrong, or (`why`) why it was not asked."""

    state: Literal["valid", "invalid", "unknown"]
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    why: str = ""

    @property
    def notice(self) -> Notice | None:
        """The verdict as a warning of the plan; None where there is nothing to warn of."""
        if self.state != "invalid":
            return None
        return Notice(
            CODE,
            "GitLab would refuse the pipeline as it will be: " + "; ".join(self.errors),
            "What stands in .gitlab-ci.yml already counts too; files that GitLab has not got yet are unknown to it.",
        )


def pipeline(plan: Plan, state: State) -> str | None:
    """Return the whole pipeline as it will be, in one file; None where it stays as it is, or cannot be put together."""
    files = {change.target: change for change in plan.changes if change.kind == "file"}
    ci_file, ours = (_content(files.get(path), path, state) for path in (layout.CI_FILE, layout.PIPELINE))
    changing = any(path in files and files[path].pending for path in (layout.CI_FILE, layout.PIPELINE))
    if not changing or layout.PIPELINE not in files or ci_file is None or ours is None:
        return None
    try:
        return inlined(ci_file, f"/{layout.PIPELINE}", ours)
    except (yaml.YAMLError, ValueError):
        return None


def warned(plan: Plan, said: Verdict | None) -> Plan:
    """Return the plan with GitLab's refusal as its first warning, where there is one."""
    notice = said.notice if said else None
    return replace(plan, warnings=(notice, *plan.warnings)) if notice else plan


def verdict(answer: Mapping[str, Any]) -> Verdict:
    """Read GitLab's answer."""
    errors, warnings = (_texts(answer.get(name)) for name in ("errors", "warnings"))
    valid = answer.get("valid")
    if not isinstance(valid, bool):
        return Verdict("unknown", why="GitLab's answer was not understood")
    return Verdict("valid" if valid else "invalid", errors or (() if valid else ("no reason was given",)), warnings)


def _content(change: Change | None, path: str, state: State) -> bytes | None:
    if change is not None and "content" in change.inputs:
        return content_of(change)
    found = state.repository.files.get(path)
    return found.content if found else None


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(visible(str(text)[:500]) for text in found[:_MOST]) if isinstance(found, list) else ()
