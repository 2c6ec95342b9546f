"""Answers and a state give exactly these changes: one named case after the other, in `tests/plan_cases/*.yml`.

A case lists the changes of GitLab's settings by id, in order, with the action or with the fields that matter (a mapping
is compared on the keys that it names). A registry that is on already and not in the list is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.states import CASES, answers_of, load, options_of, planned, settings, state_of
from wizard.change import Change, Plan
from wizard.errors import WizardError
from wizard.plan import build_plan

_FILES = sorted(CASES.glob("*.yml"))
_NAMED = {f"{file.stem}: {name}": case for file in _FILES for name, case in load(file).items()}
_TABLES = {file.stem: load(file) for file in sorted((CASES / "tables").glob("*.yml"))}
_ROWS = {
    f"{table}: {', '.join([*row['set'], *row.get('options', {}).get('rotate', ())])}": (document["given"], row)
    for table, document in _TABLES.items()
    for row in document["rows"]
}
_KEYS = {"answers", "state", "options", "changes", "warnings", "error", "says", "secrets"}
_PARTS = ("before", "after", "expects", "inputs")


@pytest.mark.parametrize("case", _NAMED.values(), ids=_NAMED)
def test_answers_and_state_give_exactly_these_changes(case: Mapping[str, Any]) -> None:
    assert set(case) <= _KEYS
    if "error" in case:
        with pytest.raises(WizardError) as raised:
            planned(case)
        assert raised.value.code == case["error"]
        assert all(word in f"{raised.value.message} {raised.value.hint}" for word in case.get("says", ()))
        return
    plan = planned(case)
    expected = case.get("changes", {})
    found = {change.id: change for change in settings(plan) if change.id in expected or not _registry_is_on(change)}
    assert {name: change.action for name, change in found.items()} == {
        name: _fields(fields)["action"] for name, fields in expected.items()
    }
    assert list(found) == list(expected)
    for name, fields in expected.items():
        _check(found[name], _fields(fields))
    assert [notice.code for notice in plan.warnings] == case.get("warnings", [])
    told = " ".join(f"{notice.message} {notice.hint}" for notice in plan.warnings)
    assert [word for word in case.get("says", ()) if word not in told] == []
    assert list(plan.secrets) == case.get("secrets", list(plan.secrets))


@pytest.mark.parametrize("case", [case for case in _NAMED.values() if "error" not in case])
def test_a_plan_is_a_pure_function_that_never_holds_a_secret(case: Mapping[str, Any]) -> None:
    first, second = planned(case), planned(case)
    assert first == second
    assert first.fingerprint == second.fingerprint
    secrets = set(case.get("state", {}).get("secrets", {}).values())
    secrets |= {
        variable["value"]
        for variable in _list(case.get("state", {}).get("variables"))
        if variable.get("masked") and "value" in variable
    }
    assert [secret for secret in secrets if secret and secret in _everything(first)] == []


@pytest.mark.parametrize(("given", "row"), _ROWS.values(), ids=_ROWS)
def test_changing_one_answer_plans_exactly_these_changes(given: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    answers = answers_of(given["answers"], row["set"])
    state = state_of({**given["state"], **row.get("state", {})}, answers)
    plan = build_plan(answers, state, options_of(row.get("options", {})))
    found = {change.id: change.action for change in settings(plan) if change.pending}
    assert found == row["pending"]


@pytest.mark.parametrize("given", [table["given"] for table in _TABLES.values()], ids=list(_TABLES))
def test_the_same_answers_against_what_they_made_plan_nothing(given: Mapping[str, Any]) -> None:
    assert [change.id for change in settings(planned(given)) if change.pending] == []


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _registry_is_on(change: Change) -> bool:
    return change.kind == "registry" and not change.pending


def _fields(given: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"action": given} if isinstance(given, str) else given


def _check(change: Change, fields: Mapping[str, Any]) -> None:
    blocked = f"{change.blocked.needs} on {change.blocked.on}" if change.blocked else None
    assert blocked == fields.get("blocked")
    assert (change.conflict.code if change.conflict else None) == fields.get("conflict")
    for name in set(fields) - {"blocked", "conflict"}:
        found = change.document()[name]
        wanted = fields[name]
        if name in _PARTS and isinstance(found, Mapping) and isinstance(wanted, Mapping):
            found = {key: found.get(key, "(missing)") for key in wanted}
        elif name == "summary":
            found = wanted if wanted in found else found
        assert found == wanted, name


def _everything(plan: Plan) -> str:
    return f"{plan!r}{[change.document() for change in plan.changes]!r}"
