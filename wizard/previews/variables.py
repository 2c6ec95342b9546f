"""Every CI/CD variable that will exist, with its flags and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wizard.change import Change
from wizard.errors import WizardError
from wizard.plan import planned_variables
from wizard.preview import Part, Preview, Table
from wizard.previews.answers import answers_so_far, readable
from wizard.question import Known
from wizard.state import State, Unknown, VariableState

_TITLE = "The variables of this project"
_SECTIONS = ("registry", "pull", "docker_auth", "build", "mirror", "variables")
_FATES = {"create": "+ new", "update": "~ changed", "delete": "- removed", "unchanged": "= stays"}
_SOURCES = {
    "registry.external": "the other registry",
    "pull": "a shared image",
    "docker_auth": "log-ins of the runner",
    "mirror": "a copy elsewhere",
}


def all_variables(known: Known) -> Preview | None:
    """Return the variables that the plan wants and those that are there already."""
    state = known.state
    if state is None:
        return None
    parts: list[Part] = []
    if isinstance(state.variables, Unknown):
        parts.append(f"Those that exist already cannot be read: {state.variables.reason}")
    answers = answers_so_far(known, *_SECTIONS)
    changes: tuple[Change, ...] = ()
    try:
        changes = planned_variables(readable(answers, state), state) if answers else ()
    except WizardError as error:
        parts.append(f"What the answers add cannot be told yet: {error.message}")
    rows = tuple(_rows(changes, state))
    if rows:
        parts.append(Table(("", "variable", "for", "flags", "from"), rows))
    elif not parts:
        parts.append("There are none, and the answers need none.")
    return Preview(_TITLE, tuple(parts))


def _rows(changes: tuple[Change, ...], state: State) -> Iterator[tuple[str, ...]]:
    planned = {change.id for change in changes}
    for change in changes:
        key, _, scope = change.id.removeprefix("variable:").rpartition("@")
        flags = _flags(change.after) if isinstance(change.after, Mapping) else ""
        yield (_FATES[change.action], key, _scope(scope), flags, _source(change))
    for found in () if isinstance(state.variables, Unknown) else state.variables:
        if f"variable:{found.key}@{found.environment_scope}" not in planned:
            yield ("= stays", found.key, _scope(found.environment_scope), _flags(_shown(found)), "")


def _shown(found: VariableState) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("masked", "hidden", "protected", "raw", "variable_type")}


def _flags(shown: Mapping[str, Any]) -> str:
    words = [name for name in ("masked", "hidden", "protected") if shown.get(name)]
    words += ["expanded"] if not shown.get("raw") else []
    words += ["file"] if shown.get("variable_type") == "file" else []
    return ", ".join(words) or "plain"


def _scope(scope: str) -> str:
    return "all" if scope == "*" else scope


def _source(change: Change) -> str:
    return next((words for step, words in _SOURCES.items() if change.step.startswith(step)), "your answer")
