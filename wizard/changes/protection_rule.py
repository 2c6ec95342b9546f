"""The registry's protection rule for the project's own repository path.

Source: GitLab's container repository protection rules API (17.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.answers import Protect
from wizard.change import UNKNOWN, Action, Change
from wizard.changes.kind import BEFORE_UNKNOWN, Hands, Left, Outcome, Seen, changed_since, moved
from wizard.changes.project_settings import blocked_below
from wizard.events import Result
from wizard.state import Known, ProjectState, ProtectionRule, Role, Unknown

PATTERN = "repository_path_pattern"
PUSH = "minimum_access_level_for_push"
DELETE = "minimum_access_level_for_delete"


def plan_rule(protect: Protect | str, project: ProjectState, rules: Known[tuple[ProtectionRule, ...]]) -> Change | None:
    """Plan the rule for the project's own path exactly; `none` asks for its removal by name."""
    pattern = project.path.lower()
    present = None if isinstance(rules, Unknown) else next((rule for rule in rules if rule.pattern == pattern), None)
    before = {PATTERN: pattern, PUSH: present.push, DELETE: present.delete} if present else None
    after = None if isinstance(protect, str) else {PATTERN: pattern, PUSH: protect.push, DELETE: protect.delete}
    if after is None and before is None and not isinstance(rules, Unknown):
        return None
    if after is None:
        action: Action = "delete"
    elif after == before:
        action = "unchanged"
    else:
        action = "update" if before or isinstance(rules, Unknown) else "create"
    words = ", ".join(f"{what} needs {level}" for what, level in (("push", _level(after, PUSH)),
                      ("delete", _level(after, DELETE))) if level)  # fmt: skip
    return Change(
        id=f"protection-rule:{pattern}",
        kind="protection-rule",
        action=action,
        target=project.path,
        summary=f"protect the repository {pattern}: {words}" if after else f"no protection rule for {pattern}",
        before=UNKNOWN if isinstance(rules, Unknown) else before,
        after=after,
        expects={
            "project_id": project.id,
            "pattern": pattern,
            "rule": before if not isinstance(rules, Unknown) else UNKNOWN,
        },
        blocked=blocked_below(Role.MAINTAINER, project) if action != "unchanged" else None,
        step="registry.protect",
    )


def _level(rule: Mapping[str, Any] | None, name: str) -> str | None:
    return rule.get(name) if rule else None


class ProtectionRules:
    """Creates, updates and removes the rule."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Find the rule by its pattern and compare its levels."""
        found = self._find(change, hands)
        if _shape(found) == change.after:
            return Seen.AS_WANTED
        if change.expects["rule"] != UNKNOWN and _shape(found) != change.expects["rule"]:
            raise moved(change, "the rule changed")
        return Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Keep the rule that the plan saw."""
        seen = change.expects["rule"]
        return BEFORE_UNKNOWN if seen == UNKNOWN else {"rule": seen}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Write the rule; a level is cleared by an empty text."""
        (change,) = changes
        found = self._find(change, hands)
        self._write(change, found, change.after, hands)
        result: Result = "deleted" if change.after is None else "updated" if found else "created"
        return [Outcome(result, {"rule": _shape(found)})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Bring the previous rule back, if ours is still there."""
        found = self._find(change, hands)
        if _shape(found) == undo["rule"]:
            return None
        if _shape(found) != change.after:
            return changed_since(change)
        self._write(change, found, undo["rule"], hands)
        return None

    def _write(
        self, change: Change, found: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None, hands: Hands
    ) -> None:
        path = f"/projects/{change.expects['project_id']}/registry/protection/repository/rules"
        if wanted is None:
            if found:
                hands.api.send("delete", f"{path}/{found['id']}")
        elif found:
            body = {name: value or "" for name, value in wanted.items()}
            _ = hands.api.send("patch", f"{path}/{found['id']}", body)[PATTERN]
        else:
            _ = hands.api.send("post", path, {name: value for name, value in wanted.items() if value})[PATTERN]

    def _find(self, change: Change, hands: Hands) -> Mapping[str, Any] | None:
        path = f"/projects/{change.expects['project_id']}/registry/protection/repository/rules"
        return next((rule for rule in hands.api.rows(path) if rule[PATTERN] == change.expects["pattern"]), None)


def _shape(rule: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {PATTERN: rule[PATTERN], PUSH: rule.get(PUSH) or None, DELETE: rule.get(DELETE) or None} if rule else None
