"""CI_JOB_TOKEN or deploy token: what is recommended for an image of another project, and why.

Sources: GitLab's documentation of the job token ("Control job token access to your project"), of deploy tokens, and of
the registry's visibility; a job token never outlives its job and never pushes outside its own project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wizard.answers import Pull
from wizard.slug import dns_label, variable_slug
from wizard.state import Role, SourceState, State, Unknown

MOST_ENTRIES = 200
"""Entries that an allowlist takes (GitLab's limit)."""
Way = Literal["job-token", "deploy-token"]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to let the pipeline in: how long it lasts, what speaks for it, what would break it."""

    way: Way
    lifetime: str
    reasons: tuple[str, ...]
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The recommended way first, the other one beside it."""

    chosen: Way
    why: str
    options: tuple[Option, Option]


def token_name(consumer: str) -> str:
    """Return the name of the deploy token that a source project makes for a consumer."""
    return f"pull-{dns_label(consumer)}"


def variable_names(source: str) -> tuple[str, str]:
    """Return the keys under which a consumer stores a source's deploy token: user and token."""
    slug = variable_slug(source)
    return f"PULL_{slug}_USER", f"PULL_{slug}_TOKEN"


def open_to_all(source: SourceState, caller_signed_in: bool = True) -> bool:
    """Whether a job of any project may pull: a public or internal project whose registry is as visible as itself."""
    project = source.project
    return bool(
        project
        and project.registry_access == "enabled"
        and (project.visibility == "public" or (project.visibility == "internal" and caller_signed_in))
    )


def covering_group(source: SourceState, state: State) -> str | None:
    """Return the group of ours that is on the source's allowlist already."""
    scope = source.job_token_scope
    if isinstance(scope, Unknown):
        return None
    listed = {path.lower() for path in scope.groups.values()}
    return next((path for _, path in state.project.groups if path.lower() in listed), None)


def advise(pull: Pull, source: SourceState, state: State) -> Advice:
    """Recommend a way for one image; an explicit answer is kept, with the reasons of both."""
    chosen, why = _chosen(pull, source, state)
    job, deploy = _job_token(source, state), _deploy_token(source)
    return Advice(chosen, why, (job, deploy) if chosen == "job-token" else (deploy, job))


def _chosen(pull: Pull, source: SourceState, state: State) -> tuple[Way, str]:
    if pull.with_ != "auto":
        return pull.with_, "as answered"
    scope = source.job_token_scope
    if _stored(source, state):
        return "deploy-token", "a deploy token for it is set up and works"
    if isinstance(scope, Unknown):
        return "job-token", "nothing to store and nothing that expires; a Maintainer there must add the entry"
    if state.project.id in scope.projects or covering_group(source, state):
        return "job-token", "the allowlist lets this project in already"
    if len(scope.projects) >= MOST_ENTRIES:
        return "deploy-token", f"the allowlist there is full ({MOST_ENTRIES} entries)"
    return "job-token", "nothing to store, nothing that expires"


def _stored(source: SourceState, state: State) -> bool:
    if isinstance(source.deploy_tokens, Unknown) or isinstance(state.variables, Unknown):
        return False
    name = token_name(state.project.path)
    active = any(token.name == name and token.active(state.today) for token in source.deploy_tokens)
    return active and any(found.key == variable_names(source.path)[1] for found in state.variables)


def _job_token(source: SourceState, state: State) -> Option:
    role = source.project.role if source.project else Role.NONE
    breaks = ["the entry leaves the allowlist", "the person who starts the pipeline has no role (Reporter) there"]
    if role < Role.REPORTER and not open_to_all(source):
        breaks.insert(0, "you have no pulling role there yourself, so your own pipelines would fail")
    return Option(
        "job-token",
        "the job",
        ("nothing to store or rotate", f"an entry for {state.project.path} on the allowlist of {source.path}"),
        tuple(breaks),
    )


def _deploy_token(source: SourceState) -> Option:
    return Option(
        "deploy-token",
        "until it expires or is revoked",
        (f"works whoever starts the pipeline: no role in {source.path} is needed", "works after the job, too"),
        ("it expires or is revoked", "somebody deletes the variables that hold it"),
    )
