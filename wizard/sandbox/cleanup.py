"""The cleanup policy of a registry: what it accepts and when it runs (`ContainerExpirationPolicy`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.replies import model_invalid
from wizard.sandbox.schema import CleanupPolicy, Project
from wizard.sandbox.world import World
from wizard.validators import check_regex

ATTRIBUTES = declare(
    optional("cadence"),
    optional("keep_n", "integer"),
    optional("older_than"),
    optional("name_regex"),
    optional("name_regex_delete"),
    optional("name_regex_keep"),
    optional("enabled", "boolean"),
)
CADENCES = {"1d": 1, "7d": 7, "14d": 14, "1month": 30, "3month": 90}
KEPT = (None, 1, 5, 10, 25, 50, 100)
AGES = (None, "7d", "14d", "30d", "60d", "90d")
_NOT_LISTED = "is not included in the list"


class Schedule:
    """When each policy runs next."""

    def __init__(self, world: World) -> None:
        """Nothing was changed since the world was made."""
        self._started = world.started
        self._changed: dict[int, datetime] = {}

    def next_run(self, project: Project) -> datetime:
        """Return the next run: one cadence after the last change."""
        start = self._changed.get(project.id, self._started)
        return start + timedelta(days=CADENCES[project.cleanup_policy.cadence])

    def changed(self, project: Project, at: datetime) -> None:
        """Count the cadence from now on."""
        self._changed[project.id] = at


def shown_policy(world: World, project: Project) -> dict[str, Any]:
    """Show a policy with its next run."""
    policy = project.cleanup_policy
    return {
        "cadence": policy.cadence,
        "enabled": policy.enabled,
        "keep_n": policy.keep_n,
        "older_than": policy.older_than,
        "name_regex": policy.name_regex,
        "name_regex_keep": policy.name_regex_keep,
        "next_run_at": world.attached(Schedule).next_run(project).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def changed_policy(policy: CleanupPolicy, attributes: Mapping[str, Any]) -> CleanupPolicy:
    """Return the policy with these attributes; refuse with the model's errors."""
    given = dict(attributes)
    if "name_regex_delete" in given:
        given["name_regex"] = given.pop("name_regex_delete")
    wanted = {name: given.get(name, getattr(policy, name)) for name in _FIELDS}
    errors = _errors(wanted)
    if errors:
        raise model_invalid({f"container_expiration_policy.{field}": texts for field, texts in errors.items()})
    return CleanupPolicy(**wanted)


_FIELDS = ("enabled", "cadence", "keep_n", "older_than", "name_regex", "name_regex_keep")


def _errors(wanted: Mapping[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if wanted["enabled"] is None:
        errors["enabled"] = [_NOT_LISTED]
    for field, allowed in (("cadence", tuple(CADENCES)), ("keep_n", KEPT), ("older_than", AGES)):
        if wanted[field] not in allowed:
            errors[field] = [_NOT_LISTED]
    if wanted["enabled"] and not wanted["name_regex"]:
        errors["name_regex"] = ["can't be blank"]
    for field in ("name_regex", "name_regex_keep"):
        problem = check_regex(wanted[field] or "")
        if problem:
            errors[field] = [f"not valid RE2 syntax: {problem}"]
        elif len(wanted[field] or "") > 255:
            errors[field] = ["is too long (maximum is 255 characters)"]
    return errors
