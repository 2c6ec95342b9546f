"""DOCKER_AUTH_CONFIG: one variable with the log-ins of all answers, merged with the entries that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.answers import DockerAuth
from wizard.change import Check, Notice
from wizard.changes.auth_config import KEY
from wizard.errors import UsageError, WizardError
from wizard.generate.docker_auth import AuthEntry, auth_key, describe, merge
from wizard.planning.part import Part
from wizard.planning.variables import Wanted, present_variable
from wizard.secret import Secret, parse_reference
from wizard.state import State


def plan_docker_auth(auths: Sequence[DockerAuth], state: State) -> Part:
    """Turn the answers into entries; the instance's own registry never gets one: it would break the job's log-in."""
    own = {(place or "").lower() for place in (state.project.registry_host, state.project.image_prefix)}
    for auth in auths:
        if auth.host.rstrip("/").lower() in own:
            raise UsageError(
                "own-registry-in-docker-auth",
                f"docker_auth.{auth.host}: this is GitLab's own registry; an entry would replace the job's own log-in",
                "Leave it out. For images of another project use `pull`.",
            )
    wanted = [auth for auth in auths if not auth.absent]
    return Part(
        checks=tuple(
            Check(
                f"variable:{KEY}@*",
                "registry-grant",
                auth.host.partition("/")[0],
                username=_literal(auth.username or ""),
                password=auth.password or "",
            )
            for auth in wanted
        ),
        auths={
            auth_key(auth.host): {"username": _literal(auth.username or ""), "password": auth.password}
            for auth in wanted
        },
        removed_auths=tuple(auth_key(auth.host) for auth in auths if auth.absent),
    )


def _literal(text: str) -> str:
    return f"literal:{text}" if parse_reference(text) or text.startswith(("literal:", "change:")) else text


def present_entries(state: State) -> Mapping[str, str]:
    """Return key and user name of the entries that are there; empty where the value is hidden or not JSON."""
    found = present_variable(state, KEY)
    if found is None or found.value is None:
        return {}
    try:
        return dict(describe(found.value))
    except WizardError:
        return {}


def plan_auth_config(part: Part, state: State, rotate: frozenset[str]) -> tuple[Wanted | None, tuple[Notice, ...]]:
    """Return the variable that holds all entries; None where nothing is to be said or done about it."""
    found = present_variable(state, KEY)
    there = present_entries(state)
    removed = [key for key in part.removed_auths if key in there and key not in part.auths]
    if not part.auths and not part.kept_auths and not removed:
        return None, ()
    hidden = found is not None and found.hidden
    fresh = hidden and bool(rotate & {KEY, f"{KEY}@*"})
    if hidden and not fresh:
        return None, (_hidden(),)
    if found is not None and found.value is not None and not fresh:
        describe(found.value)
    entries = {key: {"username": entry["username"], "password": entry["password"]} for key, entry in part.auths.items()}
    return (
        Wanted(
            KEY,
            None,
            "docker_auth",
            masked=True,
            protected=bool(found and found.protected),
            needs=tuple(dict.fromkeys(entry["needs"] for entry in part.auths.values() if "needs" in entry)),
            purpose=_purpose(part, removed),
            inputs={"auths": entries, "remove": removed, "fresh": fresh},
            same=not removed and _holds_all(entries, found.value if found else None, there, state),
        ),
        (),
    )


def _hidden() -> Notice:
    return Notice(
        "docker-auth-config-hidden",
        f"{KEY} exists and is hidden, so GitLab shows its value to nobody and no entry can be merged into it",
        f"Add the entries in GitLab by hand, or replace the whole value: --rotate {KEY}.",
    )


def _purpose(part: Part, removed: Sequence[str]) -> str:
    words = [f"log-in to {key}" for key in [*part.auths, *part.kept_auths]] + [f"no longer {key}" for key in removed]
    return ", ".join(words)


def _holds_all(
    entries: Mapping[str, Mapping[str, Any]], present: Secret | None, there: Mapping[str, str], state: State
) -> bool:
    """Whether the value that is there has every entry; a password that is not known now counts as the same."""
    if present is None:
        return not entries
    for key, entry in entries.items():
        username = str(entry["username"]).removeprefix("literal:")
        if str(entry["password"]).startswith("change:") or there.get(key) != username:
            return False
        password = state.secrets.get(str(entry["password"]))
        if password and merge(present, [AuthEntry(key, username, password)], ()) != merge(present, [], ()):
            return False
    return True
