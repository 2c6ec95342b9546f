"""A plan as a JSON document (format 1), printed, saved and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wizard.change import ACTIONS, Action, Blocked, Change, Check, Conflict, Kind, Notice, Plan
from wizard.documents import dotted, nearest, read
from wizard.errors import UsageError, WizardError
from wizard.gateways.private_file import write_private
from wizard.secret import is_typed

FORMAT = 1
_REMEDY = "Make the plan again with: registry-wizard plan --out FILE"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Blocked(_Model):
    needs: str
    on: str


class _Conflict(_Model):
    code: str
    message: str
    hint: str = ""


class _Change(_Model):
    id: str
    kind: Kind
    action: Action
    target: str
    summary: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    diff: str | None
    needs: list[str]
    expects: dict[str, Any]
    inputs: dict[str, Any]
    blocked: _Blocked | None = None
    conflict: _Conflict | None = None
    step: str = ""

    def value(self) -> Change:
        given = self.model_dump(exclude={"needs", "blocked", "conflict"})
        blocked = Blocked(**self.blocked.model_dump()) if self.blocked else None
        conflict = Conflict(**self.conflict.model_dump()) if self.conflict else None
        return Change(**given, needs=tuple(self.needs), blocked=blocked, conflict=conflict)


class _Notice(_Model):
    code: str
    message: str
    hint: str = ""


class _Check(_Model):
    id: str
    form: Literal["gitlab-grant", "registry-grant", "active-token", "allowlist"]
    place: str
    project_id: int
    repository: str
    actions: str
    username: str
    password: str


class _Document(_Model):
    format: Literal[1]
    project: str
    project_id: int
    url: str
    fingerprint: str
    created: str
    counts: dict[Annotated[str, Field(pattern="|".join(ACTIONS))], int]
    changes: list[_Change]
    warnings: list[_Notice]
    checks: list[_Check]
    secrets: list[str]


def document(plan: Plan, created: datetime) -> dict[str, Any]:
    """Return the plan as plain data; `created` is the moment in UTC that it states."""
    return {
        "format": FORMAT,
        "project": plan.project,
        "project_id": plan.project_id,
        "url": plan.url,
        "fingerprint": plan.fingerprint,
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "counts": plan.counts,
        "changes": [change.document() for change in plan.changes],
        "warnings": [{"code": one.code, "message": one.message, "hint": one.hint} for one in plan.warnings],
        "checks": [asdict(check) for check in plan.checks],
        "secrets": list(plan.secrets),
    }


def dump(plan: Plan, created: datetime) -> str:
    """Return the plan as JSON. Plain ASCII: no text from outside can reach the terminal as an escape."""
    return json.dumps(document(plan, created), indent=2) + "\n"


def save(plan: Plan, created: datetime, path: Path) -> None:
    """Write the plan, readable by its owner only. UsageError where it holds an `ask`, which a file cannot answer."""
    if any(map(is_typed, plan.secrets)):
        raise UsageError(
            "ask-in-saved-plan",
            "the answers say `ask` for a secret, so the plan cannot be saved",
            "Name the secret by env:NAME or file:PATH, or apply without a saved plan.",
        )
    try:
        write_private(path, dump(plan, created))
    except OSError as error:
        raise WizardError(
            "cannot-write", f"{path} cannot be written: {error.strerror}", "Name another --out."
        ) from None


def load(path: Path) -> Plan:
    """Read a saved plan from its file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError("no-plan", f"the plan {path} cannot be read: {error.strerror}", _REMEDY) from None
    except UnicodeDecodeError:
        raise UsageError("plan-invalid", f"{path} is not text in UTF-8", _REMEDY) from None
    return load_plan(text, str(path))


def load_plan(text: str, name: str = "the plan") -> Plan:
    """Read a saved plan. UsageError names the file, the line and what is wrong; an edited plan is refused."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError("plan-invalid", f"{name}, line {error.lineno}: not valid JSON: {error.msg}", _REMEDY) from None
    if isinstance(data, Mapping) and data.get("format") != FORMAT:
        raise UsageError(
            "plan-format", f"{name}: format {data.get('format')!r} is not known, this version reads {FORMAT}", _REMEDY
        )
    try:
        saved = _Document.model_validate(data)
    except ValidationError as error:
        raise UsageError("plan-invalid", _mistakes(error, text, name), _REMEDY) from None
    plan = Plan(
        project=saved.project,
        project_id=saved.project_id,
        url=saved.url,
        changes=tuple(change.value() for change in saved.changes),
        warnings=tuple(Notice(one.code, one.message, one.hint) for one in saved.warnings),
        checks=tuple(Check(**one.model_dump()) for one in saved.checks),
        secrets=tuple(saved.secrets),
    )
    if plan.fingerprint != saved.fingerprint:
        raise UsageError("plan-edited", f"{name} was changed after it was made: its fingerprint does not fit", _REMEDY)
    return plan


def _mistakes(error: ValidationError, text: str, name: str) -> str:
    lines = read(text)
    told = []
    for one in error.errors(include_url=False, include_input=False):
        path = one["loc"]
        line = lines.line(path)
        message = one["msg"][:1].lower() + one["msg"][1:]
        if one["type"] == "extra_forbidden":
            message = f"there is no such key{nearest(str(path[-1]), _keys(path[:-1]))}"
        told.append(f"{name}{f', line {line}' if line else ''}: {dotted(path)}: {message}")
    return "\n".join(told)


def _keys(path: Sequence[int | str]) -> list[str]:
    models: dict[str, type[BaseModel]] = {"changes": _Change, "warnings": _Notice, "checks": _Check}
    inner: dict[str, type[BaseModel]] = {"blocked": _Blocked, "conflict": _Conflict}
    if path and path[-1] in inner:
        return list(inner[str(path[-1])].model_fields)
    return list((models.get(str(path[0]), _Document) if path else _Document).model_fields)
