"""Settings of the project itself: the registry's access level and its cleanup policy.

Sources: GitLab's projects API (`container_registry_access_level`, `container_expiration_policy_attributes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.answers import Cleanup, Registry
from wizard.change import UNKNOWN, Action, Blocked, Change
from wizard.changes.kind import BEFORE_UNKNOWN, Hands, Left, Outcome, Seen, changed_since, differing, moved
from wizard.complete import kept_tags
from wizard.events import Result
from wizard.gateways.gitlab import encoded
from wizard.state import ProjectState, Role, Unknown

ACCESS = "container_registry_access_level"
POLICY = "container_expiration_policy"
_POLICY_WORDS = {
    "cadence": "every",
    "keep_n": "keep the newest",
    "older_than": "remove older than",
    "name_regex": "matching",
    "name_regex_keep": "always keep",
}


def blocked_below(role: Role, project: ProjectState) -> Blocked | None:
    """Return what stands in the way of a change that needs `role` in `project`."""
    return None if project.role >= role else Blocked(role.name.lower(), project.path)


def plan_registry(registry: Registry | None, project: ProjectState, *, needed: bool) -> Change | None:
    """Plan the registry's access level; `needed`: something else of the plan uses this registry."""
    wanted_visibility = registry.visibility if registry else None
    if not needed and wanted_visibility is None:
        return None
    present = project.registry_access
    if wanted_visibility is None:
        wanted = present if isinstance(present, str) and present != "disabled" else "enabled"
    else:
        wanted = {"project": "enabled", "private": "private"}[wanted_visibility]
    words = {"enabled": "as visible as the project", "private": "visible to members only"}[wanted]
    unknown = isinstance(present, Unknown)
    action: Action = "unchanged" if present == wanted else "update"
    verb = "is on" if action == "unchanged" else "switch on" if present == "disabled" else "set"
    return Change(
        id=f"registry:{project.path}",
        kind="registry",
        action=action,
        target=project.path,
        summary=f"container registry: {verb}, {words}",
        before=UNKNOWN if unknown else {ACCESS: present},
        after={ACCESS: wanted},
        expects={"project_id": project.id, **({} if unknown else {ACCESS: present})},
        blocked=blocked_below(Role.MAINTAINER, project) if action != "unchanged" else None,
        step="registry",
    )


def wanted_policy(cleanup: Cleanup, default_branch: str | None) -> dict[str, Any]:
    """Return the policy in GitLab's field names; the kept tags include the default branch's."""
    if not cleanup.enabled:
        return {"enabled": False}
    return {
        "enabled": True,
        "cadence": cleanup.cadence,
        "keep_n": cleanup.keep,
        "older_than": cleanup.older_than,
        "name_regex": cleanup.remove,
        "name_regex_keep": cleanup.retain if cleanup.retain is not None else kept_tags(default_branch),
    }


def plan_cleanup(cleanup: Cleanup, project: ProjectState) -> Change:
    """Plan the cleanup policy; `enabled: false` is the removal that was asked for by name."""
    wanted = wanted_policy(cleanup, project.default_branch)
    present = project.cleanup
    unknown = isinstance(present, Unknown)
    before = {} if isinstance(present, Unknown) or present is None else {name: present.get(name) for name in wanted}
    was_on = bool(not isinstance(present, Unknown) and present and present.get("enabled"))
    if not unknown and (before == wanted or (not wanted["enabled"] and not was_on)):
        action: Action = "unchanged"
    elif not wanted["enabled"]:
        action = "delete"
    else:
        action = "update" if was_on or unknown else "create"
    rules = ", ".join(
        f"{words} {wanted[name]}" for name, words in _POLICY_WORDS.items() if wanted.get(name) is not None
    )
    return Change(
        id=f"cleanup-policy:{project.path}",
        kind="cleanup-policy",
        action=action,
        target=project.path,
        summary=f"cleanup policy: {rules}" if wanted["enabled"] else "cleanup policy: off",
        before=UNKNOWN if unknown else (before or None),
        after=wanted,
        expects={"project_id": project.id, **({} if unknown else {"policy": before})},
        blocked=blocked_below(Role.MAINTAINER, project) if action != "unchanged" else None,
        step="registry.cleanup",
    )


class ProjectSetting:
    """One setting that PUT /projects/:id changes."""

    def __init__(self, read_as: str, write_as: str) -> None:
        """Take the field's name when it is read and when it is written."""
        self._read_as = read_as
        self._write_as = write_as

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Compare the setting with what the plan saw."""
        project = self._project(change, hands)
        if self._read_as == ACCESS:
            found, wanted = {ACCESS: project.get(ACCESS)}, dict(change.after or {})
            expected = {ACCESS: change.expects[ACCESS]} if ACCESS in change.expects else {}
        else:
            found, wanted = project.get(POLICY) or {}, dict(change.after or {})
            expected = dict(change.expects.get("policy", {}))
        if not differing(wanted, found):
            return Seen.AS_WANTED
        if names := differing(expected, found):
            raise moved(change, f"{', '.join(names)} changed")
        return Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Keep what the plan saw of the setting."""
        seen = change.expects if self._read_as == ACCESS else change.expects.get("policy")
        wanted = change.after or {}
        known = seen is not None and (self._read_as != ACCESS or ACCESS in seen)
        return {"previous": {name: (seen or {}).get(name) for name in wanted}} if known else BEFORE_UNKNOWN

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Write the setting."""
        (change,) = changes
        previous = self._present(change, self._project(change, hands))
        self._write(change, dict(change.after or {}), hands)
        results: dict[Action, Result] = {"create": "created", "delete": "deleted"}
        return [Outcome(results.get(change.action, "updated"), {"previous": previous})]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Write the previous setting, if ours is still there."""
        present = self._present(change, self._project(change, hands))
        if present == dict(undo["previous"]):
            return None
        if differing(dict(change.after or {}), present):
            return changed_since(change)
        self._write(change, dict(undo["previous"]), hands)
        return None

    def _project(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = hands.api.get(f"/projects/{change.expects['project_id']}")
        _ = answer["path_with_namespace"]  # an answer about no project would read as one without settings
        return answer

    def _present(self, change: Change, project: Mapping[str, Any]) -> dict[str, Any]:
        source = {ACCESS: project.get(ACCESS)} if self._read_as == ACCESS else project.get(POLICY) or {}
        return {name: source.get(name) for name in (change.after or {})}

    def _write(self, change: Change, values: dict[str, Any], hands: Hands) -> None:
        body = values if self._write_as == ACCESS else {self._write_as: values}
        answer = hands.api.send("put", f"/projects/{encoded(str(change.expects['project_id']))}", body)
        _ = answer["path_with_namespace"]


REGISTRY = ProjectSetting(ACCESS, ACCESS)
CLEANUP = ProjectSetting(POLICY, f"{POLICY}_attributes")
