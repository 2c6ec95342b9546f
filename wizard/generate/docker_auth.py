"""DOCKER_AUTH_CONFIG: the log-ins with which a runner pulls job images.

Format: docker's config.json (docs.docker.com/reference/cli/docker/login), read by GitLab Runner and, from 28.3.2 on,
by the docker command itself. Only `auths.<key>.auth` is written: some readers ignore `username` and `password`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.errors import WizardError
from wizard.secret import Secret

_DOCKER_HUB = "https://index.docker.io/v1/"
_DOCKER_HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})


@dataclass(frozen=True, slots=True)
class AuthEntry:
    """One log-in: `key` is HOST, HOST:PORT or (GitLab Runner 17.5) HOST/PATH."""

    key: str
    username: str
    password: Secret


def auth_key(host: str) -> str:
    """Return the key for a registry host; Docker Hub is known by the address of its first API."""
    bare = host.rstrip("/")
    return _DOCKER_HUB if bare.lower() in _DOCKER_HUB_HOSTS else bare


def describe(existing: Secret) -> tuple[tuple[str, str], ...]:
    """Return (key, user name) of every entry, in order; the name is empty where the entry has none that can be read.

    Raises WizardError where the value is not such a document.
    """
    return tuple((key, _username(entry)) for key, entry in _parse(existing)["auths"].items())


def merge(existing: Secret | None, entries: Sequence[AuthEntry], remove: Sequence[str]) -> Secret:
    """Put `entries` into the document and take the keys in `remove` out; everything else stays, in its order.

    The result is compact JSON on one line, so that GitLab can mask it. Raises WizardError where the existing value is
    not such a document, and where an entry cannot be written.
    """
    document = _parse(existing) if existing else {"auths": {}}
    auths = {key: value for key, value in document["auths"].items() if key not in remove}
    auths |= {entry.key: {"auth": _encode(entry)} for entry in entries}
    merged = Secret(json.dumps({**document, "auths": auths}, separators=(",", ":")))
    _check(merged, document, entries)
    return merged


def _parse(existing: Secret) -> dict[str, Any]:
    try:
        document = json.loads(existing.reveal())
    except (ValueError, RecursionError):
        document = None
    # Raised outside the handler: the decoder's exception holds the whole text.
    if not isinstance(document, dict) or not isinstance(document.get("auths"), dict):
        raise WizardError(
            "docker-auth-config-invalid",
            "the present value of DOCKER_AUTH_CONFIG is not a JSON object with an `auths` object",
            'Correct it in GitLab (Settings > CI/CD > Variables), to {"auths":{}} at least, or delete it.',
        )
    return document


def _encode(entry: AuthEntry) -> str:
    if ":" in entry.username:
        raise WizardError(
            "docker-auth-username",
            f"the user name for {entry.key} holds a colon, which separates it from the password",
            "Correct the user name.",
        )
    return base64.b64encode(f"{entry.username}:{entry.password.reveal()}".encode()).decode("ascii")


def _decode(entry: Any) -> str:
    """Return `user:password`, empty where the entry holds none."""
    auth = entry.get("auth") if isinstance(entry, Mapping) else None
    if not isinstance(auth, str):
        return ""
    try:
        return base64.b64decode(auth, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _username(entry: Any) -> str:
    decoded = _decode(entry)
    if ":" in decoded:
        return decoded.split(":", 1)[0]
    name = entry.get("username") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else ""


def _check(merged: Secret, document: Mapping[str, Any], entries: Sequence[AuthEntry]) -> None:
    """Read the result back, as a runner will, before it replaces what works."""
    again = _parse(merged)
    wanted = {entry.key: f"{entry.username}:{entry.password.reveal()}" for entry in entries}
    same = all(_decode(again["auths"].get(key)) == text for key, text in wanted.items())
    kept = all(again.get(key) == value for key, value in document.items() if key != "auths")
    if not same or not kept or any(character.isspace() and character != " " for character in merged.reveal()):
        raise WizardError("docker-auth-config-unreadable", "the new DOCKER_AUTH_CONFIG does not read back as written")
