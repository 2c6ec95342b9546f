"""Variables that a plan wants, compared with those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.change import KNOWN_AFTER_APPLY, UNKNOWN, Action, Change, Conflict, Notice
from wizard.changes.kind import MADE
from wizard.changes.project_settings import blocked_below
from wizard.changes.variable import FLAGS
from wizard.masking import why_not_maskable
from wizard.secret import MASK, Secret, is_typed, literal, parse_reference
from wizard.state import Role, State, Unknown, VariableState


@dataclass(frozen=True, slots=True)
class Wanted:
    """A variable as it should be. `value` is a literal, a reference, or `change:ID#field`; None keeps what is there."""

    key: str
    value: str | None
    step: str
    environment_scope: str = "*"
    variable_type: str = "env_var"
    masked: bool = False
    hidden: bool = False
    protected: bool = False
    raw: bool = True
    description: str = ""
    needs: tuple[str, ...] = ()
    purpose: str = ""
    """What it is for, in a few words."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Instead of `value`: what a merged value is made of."""
    same: bool = False
    """With `inputs`: whether the value that is there holds all of it already."""

    @property
    def id(self) -> str:
        """The id of its change."""
        return f"variable:{self.key}@{self.environment_scope}"

    @property
    def secret(self) -> bool:
        """Whether its value is never shown."""
        named = self.value is not None and parse_reference(self.value) is not None
        return self.masked or self.hidden or self.variable_type == "file" or named


def present_variable(state: State, key: str, scope: str = "*") -> VariableState | None:
    """Return the variable with this identity."""
    if isinstance(state.variables, Unknown):
        return None
    return next((found for found in state.variables if (found.key, found.environment_scope) == (key, scope)), None)


def plan_variable(wanted: Wanted, state: State, rotate: frozenset[str]) -> tuple[Change, tuple[Notice, ...]]:
    """Plan one variable. A value that is hidden is written on creation, on `rotate`, or when its reference changed."""
    unknown = isinstance(state.variables, Unknown)
    found = present_variable(state, wanted.key, wanted.environment_scope)
    rotated = bool(rotate & {wanted.key, f"{wanted.key}@{wanted.environment_scope}"})
    action: Action = "create" if found is None else "unchanged"
    if found is not None and (rotated or _flags_differ(wanted, found) or _value_differs(wanted, found, state)):
        action = "update"
    known = _known_value(wanted, state)
    inputs = dict(wanted.inputs) or ({"value": wanted.value} if wanted.value is not None else {})
    change = Change(
        id=wanted.id,
        kind="variable",
        action=action,
        target=state.project.path,
        summary=_summary(wanted),
        before=UNKNOWN if unknown else _shown_state(found, wanted) if found else None,
        after=_shown(wanted),
        needs=wanted.needs,
        expects={
            "project_id": state.project.id,
            "known": not unknown,
            "exists": found is not None,
            "flags": {name: getattr(found, name) for name in FLAGS} if found else {},
        },
        inputs={**inputs, **({"rotate": True} if rotated else {})} if action != "unchanged" else {},
        blocked=blocked_below(Role.MAINTAINER, state.project) if action != "unchanged" else None,
        conflict=_conflict(wanted, found, known, action),
        step=wanted.step,
    )
    return change, _notices(wanted, change, state)


def plan_removal(key: str, scope: str, step: str, state: State) -> Change | None:
    """Plan the removal of a variable that was asked for by name; None where there is none."""
    found = present_variable(state, key, scope)
    if found is None and not isinstance(state.variables, Unknown):
        return None
    if found is None:
        before = UNKNOWN
    else:
        secret = found.masked or found.hidden or found.variable_type == "file"
        before = {"key": key, "environment_scope": scope, "value": MASK if secret else _text(found)}
    return Change(
        id=f"variable:{key}@{scope}",
        kind="variable",
        action="delete",
        target=state.project.path,
        summary=f"remove the variable {key} ({scope})",
        before=before,
        expects={
            "project_id": state.project.id,
            "known": found is not None,
            "exists": True,
            "flags": {name: getattr(found, name) for name in FLAGS} if found else {},
        },
        blocked=blocked_below(Role.MAINTAINER, state.project),
        step=step,
    )


def _flags_differ(wanted: Wanted, found: VariableState) -> bool:
    described = bool(wanted.description) and wanted.description != (found.description or "")
    return described or any(getattr(wanted, name) != getattr(found, name) for name in FLAGS)


def _value_differs(wanted: Wanted, found: VariableState, state: State) -> bool:
    if wanted.inputs:
        return not wanted.same
    if wanted.value is None:
        return False
    if wanted.value.startswith(MADE):
        return True
    if found.value is None:
        before = state.remembered.references.get(wanted.id)
        return before is not None and before != wanted.value
    known = _known_value(wanted, state)
    return known is not None and known != found.value


def _known_value(wanted: Wanted, state: State) -> Secret | None:
    """Return the wanted value where it is known now."""
    if wanted.value is None or wanted.value.startswith(MADE):
        return None
    if parse_reference(wanted.value) is None:
        return Secret(literal(wanted.value))
    return state.secrets.get(wanted.value) or None


def _shown(wanted: Wanted) -> dict[str, Any]:
    made = wanted.value is not None and wanted.value.startswith(MADE)
    plain = literal(wanted.value) if wanted.value is not None and not wanted.secret else None
    shown = MASK if wanted.secret else KNOWN_AFTER_APPLY if made or plain is None else plain
    return {
        "key": wanted.key,
        "value": shown,
        "environment_scope": wanted.environment_scope,
        **{name: getattr(wanted, name) for name in FLAGS},
        "description": wanted.description or None,
    }


def _shown_state(found: VariableState, wanted: Wanted) -> dict[str, Any]:
    secret = found.masked or found.hidden or found.variable_type == "file" or wanted.secret
    return {
        "key": found.key,
        "value": MASK if secret else _text(found),
        "environment_scope": found.environment_scope,
        **{name: getattr(found, name) for name in FLAGS},
        "description": found.description or None,
    }


def _text(found: VariableState | None) -> str | None:
    return found.value.reveal() if found and found.value else None


def _summary(wanted: Wanted) -> str:
    words = [name for name in ("masked", "hidden", "protected") if getattr(wanted, name)]
    scope = "" if wanted.environment_scope == "*" else f" for {wanted.environment_scope}"
    flags = f" ({', '.join(words)})" if words else ""
    purpose = f": {wanted.purpose}" if wanted.purpose else ""
    return f"{wanted.key}{scope}{flags}{purpose}"


def _conflict(wanted: Wanted, found: VariableState | None, known: Secret | None, action: Action) -> Conflict | None:
    if action == "unchanged":
        return None
    if known is not None and wanted.masked and (reason := why_not_maskable(known, raw=wanted.raw)):
        return Conflict(
            "not-maskable", f"GitLab cannot mask this value: {reason}", "Change the value, or set masked: false."
        )
    remade = found is not None and (wanted.hidden != found.hidden) and wanted.value is None and not wanted.inputs
    if remade:
        return Conflict(
            "value-unknown",
            "hiding cannot be switched, so the variable must be made again, and its value is not known",
            f"Name its value in the answers, or write it again: --rotate {wanted.key}.",
        )
    return None


def _notices(wanted: Wanted, change: Change, state: State) -> tuple[Notice, ...]:
    if not change.pending or isinstance(state.variables, Unknown):
        return ()
    return tuple(
        Notice(
            "secret-unavailable",
            f"{reference} is not set or empty, so {wanted.key} was not checked for masking",
            "Set it before applying.",
        )
        for reference in references(change.inputs)
        if not is_typed(reference) and not state.secrets.get(reference)
    )


def references(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the references to local secrets in the inputs of a change, in order."""
    texts = [inputs.get("value")]
    for entry in inputs.get("auths", {}).values():
        texts += [entry["username"], entry["password"]]
    return tuple(text for text in texts if isinstance(text, str) and parse_reference(text) is not None)
