"""DOCKER_AUTH_CONFIG: the runner's log-ins to registries, merged with the entries that are there.

Source: GitLab Runner's documentation, "Determine your DOCKER_AUTH_CONFIG data" (path keys: Runner 17.5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from wizard.changes.kind import Hands
from wizard.errors import WizardError
from wizard.generate.docker_auth import AuthEntry, describe, merge
from wizard.secret import Secret

KEY = "DOCKER_AUTH_CONFIG"


def merged_auth_config(inputs: Mapping[str, Any], present: Secret | None, hands: Hands) -> Secret:
    """Return the value to store: what is there, with our entries put in and the removed ones taken out.

    `inputs`: {"auths": {KEY: {"username": INPUT, "password": INPUT}}, "remove": [KEY], "fresh": bool}; fresh starts
    from nothing because the present value is hidden and somebody asked to replace it.
    """
    entries = [
        AuthEntry(key, hands.value(entry["username"]).reveal(), hands.value(entry["password"]))
        for key, entry in inputs["auths"].items()
    ]
    return merge(None if inputs.get("fresh") else present, entries, inputs.get("remove", ()))


def keys_of(value: Secret) -> set[str]:
    """Return the keys of the entries; none where the value is no such document."""
    try:
        return {key for key, _ in describe(value)}
    except WizardError:
        return set()


def changed_entries(inputs: Mapping[str, Any], present: Secret | None) -> dict[str, Any]:
    """Return which entries are added, and whether any that was there is `replaced` or removed; no secret."""
    there = keys_of(present) if present else set()
    touched = there & {*inputs["auths"], *inputs.get("remove", ())}
    return {"added": sorted(set(inputs["auths"]) - there), "replaced": bool(touched or inputs.get("fresh"))}


def takes_out(undo: Mapping[str, Any]) -> bool:
    """Whether taking our entries out again brings the value back."""
    return "added" in undo and not undo["replaced"]


def without_entries(present: Secret, keys: Collection[str]) -> Secret:
    """Return the value without these entries, its other bytes as a merge writes them."""
    return merge(present, [], tuple(keys))
