"""The table of grants is sharp: a registry with one broken rule is noticed by at least one of its rows."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.wrappers import Request

from tests.sandbox.conftest import Answer, SetClock, changed_world
from tests.sandbox.log_ins import WORLD, credentials
from tests.sandbox.test_jwt_auth import TABLE, outcome
from wizard.sandbox import access
from wizard.sandbox.app import Application
from wizard.sandbox.instance import Instance
from wizard.sandbox.loading import load_world
from wizard.sandbox.registry import grants, login
from wizard.sandbox.registry.signing import Signer
from wizard.sandbox.resources import all_routes, jwt_auth
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import RouteTable

Break = Callable[[pytest.MonkeyPatch], None]


def sets(module: object, name: str, value: object) -> Break:
    return lambda patch: patch.setattr(module, name, value)


def wraps(module: object, name: str, around: Callable[..., Any]) -> Break:
    """Replace a function by one that is given the true one first."""
    return lambda patch: patch.setattr(module, name, functools.partial(around, getattr(module, name)))


def _only_listed(world: Any, login: Any, job_project: Any, project: Any) -> bool:
    return access.allowlisted(world, job_project, project)


def _pushes_where_it_pulls(world: Any, login: Any, project: Any) -> bool:
    return access.role_in(world, login.user, project) >= Role.REPORTER


def _reads_only(true: Any, world: Any, login: Any, project: Any, action: str) -> Any:
    return true(world, login, project, "pull" if action in ("push", "delete") else action)


def _deletes(true: Any, world: Any, login: Any, project: Any, action: str) -> Any:
    may_push = action == "delete" and login.deploy_token is not None
    return true(world, login, project, "push" if may_push else action)


def _star_for_jobs(true: Any, world: Any, login: Any, project: Any, action: str) -> Any:
    return true(world, login, project, "delete" if action == "*" and login.job_project else action)


def _in_maintenance(true: Any, world: Any, login: Any, project: Any, action: str) -> Any:
    world.state.instance.maintenance = False
    return true(world, login, project, action)


def _under_any_name(true: Any, world: Any, name: str, secret: str) -> Any:
    names = (token.username for _, token in world.deploy_tokens() if token.token == secret)
    return true(world, next(names, name), secret)


def _unlocked(true: Any, world: Any, name: str, secret: str) -> Any:
    for user in world.state.users:
        user.two_factor = False
    return true(world, name, secret)


def _finished_jobs(true: Any, world: Any, name: str, secret: str) -> Any:
    for project in world.state.projects:
        for job in project.jobs:
            job.status = "running"
    return true(world, name, secret)


MUTANTS: Mapping[str, Break] = {
    "lets job tokens in without the allowlist": sets(grants, "allowlisted", lambda *_: True),
    "takes an entry of the allowlist for a role": sets(grants, "_job_may_pull", _only_listed),
    "gives administrators' jobs every project": wraps(grants, "may_pull", lambda true, *given, **_: true(*given)),
    "lets guests pull": sets(access, "Role", SimpleNamespace(**{**Role.__members__, "REPORTER": Role.GUEST})),
    "lets reporters push": sets(grants, "_may_push", _pushes_where_it_pulls),
    "lets everybody push who may pull": wraps(grants, "_may", _reads_only),
    "lets deploy tokens delete": wraps(grants, "_may", _deletes),
    "grants everything to a job in its own project": wraps(grants, "_may", _star_for_jobs),
    "takes pushes in maintenance": wraps(grants, "_may", _in_maintenance),
    "lets deploy tokens into every project": sets(grants, "_reaches", lambda *_: True),
    "takes deploy tokens under any name": wraps(login, "_by_deploy_token", _under_any_name),
    "takes expired tokens": sets(login, "expired", lambda *_: False),
    "takes passwords in spite of two factors": wraps(login, "_by_password", _unlocked),
    "takes the tokens of finished jobs": wraps(login, "_by_job", _finished_jobs),
    "forgets protection rules": sets(jwt_auth, "push_forbidden", lambda *_: False),
    "finds a project however deep its repository lies": sets(grants, "_LEVELS_BELOW", 9),
    "lets the scope read_user log in": sets(login, "_BY_SCOPE", {**login._BY_SCOPE, "read_user": {"read"}}),
    "takes read_api for api": sets(login, "_BY_SCOPE", {**login._BY_SCOPE, "read_api": login._BY_SCOPE["api"]}),
}


class Registry:
    """GitLab's side of a registry without a server in between; a world is loaded once for all rows that ask it."""

    table = RouteTable(route for route in all_routes() if route.base == "")
    signer = Signer()

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}

    def outcome(self, who: str, scopes: str, changes: Mapping[str, Any]) -> str:
        """Return what comes of a row of the table."""
        plain = ("registry:", "nonsense")
        asked = [scope if scope.startswith(plain) else f"repository:{scope}" for scope in scopes.split()]
        query = urlencode({"service": "container_registry", "scope": asked}, doseq=True)
        request = Request.from_values(f"/jwt/auth?{query}", headers=dict(credentials(who)))
        response = self._application(changes).answer(request)
        return outcome(Answer(response.status_code, {}, response.get_data(as_text=True)))

    def _application(self, changes: Mapping[str, Any]) -> Application:
        key = json.dumps(changes, sort_keys=True)
        if key not in self._applications:
            instance = Instance(load_world(changed_world({**WORLD, **changes})), clock=SetClock())
            instance.signer = self.signer
            self._applications[key] = Application(instance, self.table)
        return self._applications[key]


@pytest.mark.parametrize("wrong", MUTANTS)
def test_a_registry_with_one_broken_rule_is_noticed(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[wrong](monkeypatch)
    registry = Registry()
    noticed = any(registry.outcome(who, scopes, changes) != wanted for who, scopes, wanted, changes in TABLE)
    assert noticed, f"no row notices a GitLab that {wrong}"


def test_the_registry_as_it_is_fits_the_table() -> None:
    registry = Registry()
    assert [registry.outcome(who, scopes, changes) for who, scopes, _, changes in TABLE] == [row[2] for row in TABLE]
