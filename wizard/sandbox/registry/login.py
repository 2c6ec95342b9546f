"""Who logs in to the registry, and what that credential is good for (`lib/gitlab/auth.rb`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from werkzeug.datastructures import Authorization

from wizard.sandbox.identity import expired
from wizard.sandbox.schema import DeployToken, Group, Project, User
from wizard.sandbox.world import World

Ability = Literal["read", "create", "admin", "build"]
JOB_USER = "gitlab-ci-token"
OAUTH_USER = "oauth2"
_BY_SCOPE: dict[str, frozenset[Ability]] = {
    "api": frozenset({"read", "create", "admin"}),
    "read_api": frozenset({"read"}),
    "read_registry": frozenset({"read"}),
    "write_registry": frozenset({"create"}),
}


@dataclass(frozen=True, slots=True)
class Login:
    """A credential that was accepted. Nobody's has no kind and may read what is public."""

    kind: str | None = None
    """GitLab's `auth_type`."""
    abilities: frozenset[Ability] = frozenset({"read"})
    user: User | None = None
    deploy_token: DeployToken | None = None
    home: Project | Group | None = None
    """What a deploy token belongs to."""
    job_project: Project | None = None
    """The project of a job token."""


def log_in(world: World, given: Authorization | None) -> Login | None:
    """Return whom a request's Basic credentials mean; None: they are wrong, expired or revoked.

    As in GitLab each kind is tried in turn; an access token takes any user name, a deploy token only its own.
    """
    if given is None or given.type != "basic":
        return Login()
    name, secret = given.username or "", given.password or ""
    if not secret:
        return None
    return (
        _by_job(world, name, secret)
        or _by_access_token(world, name, secret)
        or _by_deploy_token(world, name, secret)
        or _by_password(world, name, secret)
    )


def _by_job(world: World, name: str, secret: str) -> Login | None:
    found = world.job(secret) if name == JOB_USER else None
    if found is None:
        return None
    project, job = found
    user = world.user(job.started_by)
    if job.status != "running" or project.ci == "disabled" or user is None or user.blocked:
        return None
    return Login("build", frozenset({"build"}), user, job_project=project)


def _by_access_token(world: World, name: str, secret: str) -> Login | None:
    found = world.access_token(secret)
    if found is None:
        return None
    user, token = found
    if token.revoked or user.blocked or expired(world, token):
        return None
    if token.kind == "oauth" and name != OAUTH_USER:
        return None
    kind = "oauth" if token.kind == "oauth" else "personal_access_token"
    return Login(kind, _abilities([] if token.granular is not None else token.scopes), user)


def _by_deploy_token(world: World, name: str, secret: str) -> Login | None:
    for home, token in world.deploy_tokens():
        if token.token == secret:
            usable = token.username == name and not token.revoked and not expired(world, token)
            abilities = _abilities(token.scopes) - {"admin"}
            return Login("deploy_token", abilities, deploy_token=token, home=home) if usable else None
    return None


def _by_password(world: World, name: str, secret: str) -> Login | None:
    user = world.user(name)
    if user is None or user.password is None or user.blocked or user.two_factor:
        return None
    if not compare_digest(user.password.encode(), secret.encode()):
        return None
    return Login("gitlab_or_ldap", _BY_SCOPE["api"], user)


def _abilities(scopes: Iterable[str]) -> frozenset[Ability]:
    return frozenset(ability for scope in scopes for ability in _BY_SCOPE.get(scope, ()))
