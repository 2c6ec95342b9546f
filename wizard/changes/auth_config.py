"""DOCKER_AUTH_CONFIG: the runner's log-ins to registries, merged with the entries that are there.

Source: GitLab Runner's documentation, "Determine your DOCKER_AUTH_CONFIG data" (path keys: Runner 17.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.changes.kind import Hands
from wizard.generate.docker_auth import AuthEntry, merge
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
