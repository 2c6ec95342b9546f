"""Who calls: access tokens and job tokens wherever GitLab takes them (`doc/api/rest/authentication`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Request

from wizard.sandbox.replies import forbidden, insufficient_scope, invalid_token, unauthorized
from wizard.sandbox.schema import DeployToken, Job, Project, Token, User
from wizard.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: nobody, a user by access token, or the user who started a job."""

    user: User | None = None
    token: Token | None = None
    job: Job | None = None
    job_project: Project | None = None

    def require(self, scopes: Sequence[str], right: str | None) -> None:
        """Refuse a token that holds none of the scopes; `right` is what a fine-grained one needs (None: nothing)."""
        if self.token is None:
            return
        if self.token.granular is not None:
            if right is not None and right not in self.token.granular:
                raise forbidden()
        elif not set(scopes) & set(self.token.scopes):
            raise insufficient_scope(scopes)


def presented_token(request: Request) -> str | None:
    """Return the access token that a request carries in a header or in the query."""
    header = request.headers.get("PRIVATE-TOKEN")
    if header:
        return header
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    return request.args.get("private_token") or request.args.get("access_token") or None


def presented_job_token(request: Request) -> str | None:
    """Return the job token that a request carries."""
    return request.headers.get("JOB-TOKEN") or request.args.get("job_token") or None


def identify(world: World, request: Request, job_token: bool = False) -> Identity:
    """Return who calls; refuse unknown, revoked and expired tokens and blocked users.

    A route that takes no job token does not look at one, as in GitLab: its bearer is nobody there.
    """
    secret = presented_token(request)
    if secret is not None:
        return _by_token(world, request, secret)
    secret = presented_job_token(request)
    return _by_job(world, secret) if secret is not None and job_token else Identity()


def _by_token(world: World, request: Request, secret: str) -> Identity:
    found = world.access_token(secret)
    if found is None:
        raise unauthorized()
    user, token = found
    if token.kind == "oauth" and (request.headers.get("PRIVATE-TOKEN") or request.args.get("private_token")):
        raise unauthorized()
    if token.revoked:
        raise invalid_token("Token was revoked. You have to re-authorize from the user.")
    if expired(world, token):
        raise invalid_token("Token is expired. You can either do re-authorization or token refresh.")
    if user.blocked:
        raise forbidden("Your account has been blocked.")
    return Identity(user, token)


def _by_job(world: World, secret: str) -> Identity:
    found = world.job(secret)
    if found is None:
        raise unauthorized()
    project, job = found
    user = world.user(job.started_by)
    if job.status != "running" or project.ci == "disabled" or user is None or user.blocked:
        raise unauthorized()
    return Identity(user, None, job, project)


def expired(world: World, token: Token | DeployToken) -> bool:
    """Whether a token is past its day: it already fails at 00:00 UTC of that date."""
    return token.expires_at is not None and token.expires_at <= world.now()
