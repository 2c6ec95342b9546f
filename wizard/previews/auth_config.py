"""DOCKER_AUTH_CONFIG: what it holds already, and what the answers make of it."""

from __future__ import annotations

from wizard.changes.auth_config import KEY
from wizard.planning.auth_config import present_entries
from wizard.planning.variables import present_variable
from wizard.preview import Part, Preview, Table
from wizard.question import Known
from wizard.state import State, Unknown


def entries(known: Known) -> Preview | None:
    """Return every log-in that the runner will have; no password is ever in it."""
    state = known.state
    if state is None:
        return None
    there = dict(present_entries(state))
    parts: list[Part] = list(_unreadable(state, there))
    answered = {str(item["host"]): item for item in known.draft.get("docker_auth") or () if item.get("host")}
    rows = [(host, user, "is there and stays") for host, user in there.items() if host not in answered]
    for host, item in answered.items():
        if item.get("absent"):
            fate = "is taken out" if host in there else "is not there"
        else:
            fate = "is there, is kept up to date" if host in there else "is added"
        rows.append((host, str(item.get("username") or there.get(host, "")), fate))
    if rows:
        parts.append(Table(("registry", "user", ""), tuple(rows)))
    elif not parts:
        parts.append("No log-in is stored yet, and none is added.")
    return Preview(KEY, tuple(parts))


def _unreadable(state: State, there: dict[str, str]) -> tuple[str, ...]:
    found = present_variable(state, KEY)
    if isinstance(state.variables, Unknown):
        return (f"What it holds now cannot be read: {state.variables.reason}",)
    if found is not None and found.hidden:
        return ("It exists and is hidden: GitLab shows its value to nobody, so nothing can be added to it here.",)
    if found is not None and not there:
        return ("It exists, but what it holds cannot be read as log-ins.",)
    return ()
