"""How a build job logs in: which registries, with which credentials, and what an engine cannot do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wizard.answer_types import Engine
from wizard.errors import UsageError

_TEMPLATES: Mapping[Engine, Literal["docker", "file", "buildah"]] = {
    "dind": "docker",
    "socket": "docker",
    "buildkit": "file",
    "kaniko": "file",
    "buildah": "buildah",
}
_ARCHIVES = frozenset({"dind", "socket"})
"""Engines whose job image can also run skopeo."""


@dataclass(frozen=True, slots=True)
class BaseToken:
    """A deploy token of another project on this GitLab, by which its images are pulled."""

    project: str
    user: str
    """Key of the variable with its user name."""
    password: str
    """Key of the variable with the token."""

    def __post_init__(self) -> None:
        """Refuse a key that is more than a name: keys are written into scripts."""
        for key in (self.user, self.password):
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
                raise ValueError("not the key of a CI/CD variable")


@dataclass(frozen=True, slots=True)
class Login:
    """One log-in of the build job. `host` is an expression of the shell."""

    host: str
    user: str
    password: str
    only_push: bool = False
    """Needed only by a job that pushes."""
    own: bool = False
    """The project's own registry by the job token."""


_OWN = Login("$CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD", own=True)
_EXTERNAL = Login("$DOCKER_REGISTRY", "DOCKER_REGISTRY_USER", "DOCKER_REGISTRY_PASS", only_push=True)


def login_template(engine: Engine) -> str:
    """Return the template with which an engine logs in."""
    return f"pipeline/engines/login-{_TEMPLATES[engine]}.j2"


def archived(engine: Engine, external: bool, tokens: Sequence[BaseToken]) -> bool:
    """Whether the build ends in an OCI archive that skopeo pushes: its one log-in to the host is the base image's."""
    return bool(tokens) and not external and engine in _ARCHIVES


def build_logins(engine: Engine, *, external: bool, job_token: bool, tokens: Sequence[BaseToken]) -> tuple[Login, ...]:
    """Return the log-ins of the build job, one per host where the engine can hold no more.

    Raises UsageError where the images need more log-ins to this GitLab's registry than the engine keeps.
    """
    pushed = (_EXTERNAL,) if external else ()
    own = (_OWN,) if job_token or not external else ()
    if not tokens:
        return (*pushed, *own)
    if engine == "buildah":
        paths = (
            Login(f"$CI_REGISTRY/$REGISTRY_BASE_{number}", token.user, token.password)
            for number, token in enumerate(tokens, 1)
        )
        return (*pushed, *own, *paths)
    _check(engine, external, job_token, tokens)
    return (*pushed, Login("$CI_REGISTRY", tokens[0].user, tokens[0].password))


def _check(engine: Engine, external: bool, job_token: bool, tokens: Sequence[BaseToken]) -> None:
    sources = ", ".join(token.project for token in tokens)
    if len({(token.user, token.password) for token in tokens}) > 1:
        reason = f"The base images of {sources} each need a deploy token of their own"
    elif job_token:
        reason = f"Base images of {sources} need a deploy token and others the job token"
    elif not external and engine not in _ARCHIVES:
        reason = f"The base images of {sources} need a deploy token, and the push needs the job token"
    else:
        return
    raise UsageError(
        "one-login-per-host",
        f"{reason}, but the engine {engine} keeps one log-in per registry host.",
        "Pull them with the job token (`with: job-token`), use one deploy token of their group, or the engine buildah.",
    )
