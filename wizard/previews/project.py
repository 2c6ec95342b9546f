"""What is known of a project before anything is asked, and what is missing to go on."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.preview import Preview, Table
from wizard.previews.roles import role_name
from wizard.question import Known
from wizard.state import Role, State, Unknown

_BY_API = "its files go there as a merge request, or as a branch: the last question."
_ACCESS = {
    "enabled": "on, as visible as the project",
    "private": "on, for members only",
    "disabled": "off; it will be switched on",
}


def facts(known: Known) -> Preview | None:
    """Return what is there of the project that this work tree is a clone of."""
    return project_facts(known.state, known.state.project.path) if known.state else None


def project_facts(state: State, clone_of: str | None) -> Preview:
    """Return what is there, in plain words; what stands in the way comes first.

    `clone_of` is the project that the work tree is a clone of: the files in `state` are of no other project.
    """
    here = clone_of is not None and clone_of.lower() == state.project.path.lower()
    elsewhere = f"! This folder is {f'a clone of {clone_of}' if clone_of else 'no clone of it'}: {_BY_API}"
    rows = (*_settings(state), *(_repository(state) if here else ()))
    told = (*missing(state), *(() if here else (elsewhere,)))
    return Preview(state.project.path, (*told, Table(("", ""), rows)))


def missing(state: State) -> tuple[str, ...]:
    """Return what keeps the plan from being made or applied, each with what to do about it."""
    project, told = state.project, []
    scopes = state.identity.scopes
    if project.archived:
        told.append("✗ The project is archived, so GitLab lets nobody change it. Unarchive it first.")
    if not isinstance(scopes, Unknown) and scopes and "api" not in scopes:
        told.append("! The token has no scope `api`: a plan can be made, but not applied. Make one with it.")
    if project.role < Role.MAINTAINER:
        role = role_name(project.role)
        told.append(f"! Your role is {role}: a plan can be made; a Maintainer has to apply it, or make you one.")
    if not project.ci_enabled:
        told.append("! CI/CD is switched off in this project: the pipeline would not run until it is switched on.")
    if project.image_prefix is None and project.registry_access != "disabled":
        told.append("! This GitLab has no container registry: the images must go to another one.")
    if project.empty:
        told.append("! The repository is empty: push a first commit, then the pipeline has something to build.")
    return tuple(told)


def _settings(state: State) -> tuple[tuple[str, str], ...]:
    project = state.project
    access = project.registry_access
    known = "not known: only members are told" if isinstance(access, Unknown) else _ACCESS.get(access, access)
    registry = known if project.image_prefix or access == "disabled" else "none on this GitLab"
    return (
        ("your role", role_name(project.role)),
        ("visibility", project.visibility),
        ("registry", registry),
        ("protected branches", _names(state.protected_branches)),
        ("protected tags", _names(state.protected_tags)),
    )


def _repository(state: State) -> tuple[tuple[str, str], ...]:
    repository, found = state.repository, state.repository.detection
    file = repository.files.get(".gitlab-ci.yml")
    there = file is not None and file.content is not None
    pipeline = ".gitlab-ci.yml is there; its jobs stay as they are" if there else "none yet"
    built = found.dockerfile.path if found.dockerfile else ", ".join(stack.name for stack in found.stacks)
    kind = "" if found.dockerfile or not found.stacks else " (no Dockerfile)"
    return (("pipeline", pipeline), ("to build", f"{built}{kind}" if built else "nothing was recognised"))


def _names(names: Sequence[str] | Unknown) -> str:
    if isinstance(names, Unknown):
        return "not known: your role may not read them"
    return ", ".join(names) or "none"
