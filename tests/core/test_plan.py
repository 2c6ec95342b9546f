"""What holds for every plan: ids are unique, what needs something stands after it, a secret is its mask."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.states import CASES, load, planned
from wizard.change import KNOWN_AFTER_APPLY
from wizard.errors import WizardError
from wizard.secret import MASK

_CASES = [
    pytest.param(case, id=f"{file.stem}: {name}")
    for file in sorted(CASES.glob("*.yml"))
    for name, case in load(file).items()
    if "error" not in case
]


@pytest.mark.parametrize("case", _CASES)
def test_changes_have_unique_ids_and_stand_after_what_they_need(case: dict[str, Any]) -> None:
    plan = planned(case)
    ids = [change.id for change in plan.changes]
    assert len(set(ids)) == len(ids)
    for change in plan.changes:
        assert change.id.startswith(f"{change.kind}:")
        assert [name for name in change.needs if ids.index(name) > ids.index(change.id)] == []


@pytest.mark.parametrize("case", _CASES)
def test_an_unchanged_change_writes_nothing_and_is_never_held(case: dict[str, Any]) -> None:
    for change in planned(case).changes:
        if not change.pending:
            assert (change.blocked, change.conflict, dict(change.inputs)) == (None, None, {})


@pytest.mark.parametrize("case", _CASES)
def test_a_secret_is_shown_by_its_mask_only(case: dict[str, Any]) -> None:
    for change in planned(case).changes:
        after = change.after or {}
        if change.kind == "variable" and (after.get("masked") or after.get("hidden")):
            assert after["value"] == MASK
        if change.kind == "deploy-token" and change.action in {"create", "update"}:
            only_revokes = change.action == "update" and "ids" in after and "token" not in after
            assert only_revokes or after["token"] == KNOWN_AFTER_APPLY


def test_a_variable_that_another_answer_writes_too_is_refused() -> None:
    """A deploy token for a job image writes DOCKER_AUTH_CONFIG; two changes with one id would fight over it."""
    case = {
        "answers": {
            "pull": [{"project": "tools/ci", "image": "lint:1", "as": "job", "with": "deploy-token"}],
            "variables": [{"key": "DOCKER_AUTH_CONFIG", "value": "env:AUTH", "hidden": False}],
        },
        "state": {"sources": {"tools/ci": {}}},
    }
    with pytest.raises(WizardError) as raised:
        planned(case)
    assert raised.value.code == "variable-twice"
    assert "DOCKER_AUTH_CONFIG" in raised.value.message
