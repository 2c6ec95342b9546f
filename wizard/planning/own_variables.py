"""The project's own variables: the external registry's, the mirrors', and the further ones of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from wizard.answers import External, LoginMirror, Mirror, Variable
from wizard.change import Check, Notice
from wizard.generate.pipeline import mirror_jobs
from wizard.planning.part import Part
from wizard.planning.variables import Wanted
from wizard.state import State, Unknown

_HUB = "registry-1.docker.io"
"""Where Docker Hub answers as a registry; `docker.io` itself is a web site."""


def plan_external(external: External) -> Part:
    """Want the external registry's address and log-in; the user name is plain because docker shows it anyway."""
    step = "registry.external"
    proof = Check(
        "variable:DOCKER_REGISTRY_PASS@*",
        "registry-grant",
        external.host,
        repository=external.repository,
        actions="pull,push",
        username=_plain(external.username),
        password=external.password,
    )
    return Part(
        checks=(proof,),
        variables=(
            Wanted("DOCKER_REGISTRY", _plain(external.host), step, purpose="external registry"),
            Wanted("DOCKER_REGISTRY_USER", _plain(external.username), step, purpose="external registry"),
            Wanted(
                "DOCKER_REGISTRY_PASS", external.password, step, masked=True, hidden=True, purpose="external registry"
            ),
        ),
    )


def plan_mirrors(mirrors: Sequence[Mirror]) -> Part:
    """Want the log-in of each mirror that takes a user name and a password; the others log in without a stored key."""
    checks, wanted = [], []
    for job in mirror_jobs(mirrors):
        answer = job.answer
        if not isinstance(answer, LoginMirror):
            continue
        username, purpose = _plain(answer.username), f"mirror to {answer.registry}"
        wanted.append(Wanted(job.user, username, "mirror", purpose=purpose))
        secret = Wanted(job.password, answer.password, "mirror", masked=True, hidden=True, purpose=purpose)
        wanted.append(secret)
        checks.append(
            Check(
                secret.id,
                "registry-grant",
                _HUB if answer.registry == "docker.io" else answer.registry,
                repository=answer.repository,
                actions="pull,push",
                username=username,
                password=answer.password,
            )
        )
    return Part(checks=tuple(checks), variables=tuple(wanted))


def plan_variables(variables: Sequence[Variable], state: State) -> Part:
    """Want what the answers name; a protected one reaches jobs on protected refs only, so unprotected ones are told."""
    wanted = [variable for variable in variables if not variable.absent]
    return Part(
        variables=tuple(
            Wanted(
                variable.key,
                _value(variable),
                f"variables.{variable.key}",
                environment_scope=variable.scope,
                variable_type=variable.type,
                masked=variable.masked,
                hidden=variable.masked if variable.hidden is None else variable.hidden,
                protected=variable.protected,
                raw=variable.raw,
                description=variable.description,
            )
            for variable in wanted
        ),
        notices=_protection_notices([variable.key for variable in wanted if variable.protected], state),
    )


def _plain(text: str) -> str:
    return f"literal:{text}"


def _value(variable: Variable) -> str | None:
    value = variable.value
    return _plain(value) if value is not None and value.startswith("change:") else value


def _protection_notices(keys: Sequence[str], state: State) -> tuple[Notice, ...]:
    branch = state.project.default_branch
    if not keys or branch is None or isinstance(state.protected_branches, Unknown):
        return ()
    if any(fnmatchcase(branch, pattern) for pattern in state.protected_branches):
        return ()
    return (
        Notice(
            "protected-variable-unreachable",
            f"{', '.join(keys)}: protected, but the branch {branch} is not, so its jobs get an empty value",
            "Protect the branch in Settings > Repository > Protected branches, or set protected: false.",
        ),
    )
