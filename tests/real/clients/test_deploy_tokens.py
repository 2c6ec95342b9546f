"""Deploy tokens as python-gitlab and gitbeaker make them: the secret is shown once, a second one is another token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.real.clients.conftest import Gitlab, Ran

pytestmark = pytest.mark.real

Program = Callable[..., Ran]


def stored(answer: dict[str, Any], expires_at: str | None) -> dict[str, Any]:
    """Return the token of a world that the answer to its creation tells of."""
    kept = {name: answer[name] for name in ("id", "name", "username", "token", "scopes", "revoked")}
    return kept | {"expires_at": expires_at}


def test_python_gitlab_creates_and_deletes(gitlab: Gitlab, python_gitlab: Program) -> None:
    at = ("--project-id", "10")
    new = ("--name", "cluster", "--scopes", "read_registry,write_registry", "--expires-at", "2027-05-01")
    made = python_gitlab("project-deploy-token", "create", *at, *new).json
    listed = python_gitlab("project-deploy-token", "list", *at).json
    assert (made["username"], made["expires_at"]) == ("gitlab+deploy-token-9", "2027-05-01T00:00:00.000Z")
    assert [row["id"] for row in listed] == [5, 6, 8, 9]
    assert "token" not in listed[-1]
    deleted = python_gitlab("project-deploy-token", "delete", *at, "--id", "5")
    again = python_gitlab("project-deploy-token", "delete", *at, "--id", "5")
    assert (deleted.code, again.code) == (0, 1)
    assert "404: 404 Not found" in again.err
    gitlab.app["deploy_tokens"] = [*gitlab.app["deploy_tokens"][1:], stored(made, "2027-05-01")]
    assert gitlab.world == gitlab.expected


def test_gitbeaker_creates_and_removes(gitlab: Gitlab, gitbeaker: Program) -> None:
    new = ("--name", "cluster", "--scopes", "read_registry", "--project-id", "10", "--username", "robot")
    first = gitbeaker("deploy-tokens", "create", *new).json
    second = gitbeaker("deploy-tokens", "create", *new).json
    assert first["id"] != second["id"]
    assert first["token"] != second["token"]
    listed = gitbeaker("deploy-tokens", "all", "--project-id", "10").json
    assert [row["username"] for row in listed][-2:] == ["robot", "robot"]
    assert gitbeaker("deploy-tokens", "remove", str(first["id"]), "--project-id", "10").code == 0
    gitlab.app["deploy_tokens"] = [*gitlab.app["deploy_tokens"], stored(second, None)]
    assert gitlab.world == gitlab.expected


def test_gitbeaker_leaves_a_group_to_its_owner(gitlab: Gitlab, gitbeaker: Program) -> None:
    new = ("--name", "all of us", "--scopes", "read_registry", "--group-id", "1")
    refused = gitbeaker("deploy-tokens", "create", *new)
    assert refused.code != 0
    assert "403 Forbidden" in refused.out + refused.err
    assert gitlab.world == gitlab.expected
    made = gitbeaker("deploy-tokens", "create", *new, who="owner").json
    gitlab.expected["groups"][0]["deploy_tokens"].append(stored(made, None))
    assert gitlab.world == gitlab.expected
