"""Pipelines from the configuration in the repository (`Ci::CreatePipelineService`). Their jobs wait: nothing runs."""

from __future__ import annotations

import secrets
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.environments import ensure_environment
from wizard.sandbox.ci.includes import Context
from wizard.sandbox.ci.job_order import stage_of
from wizard.sandbox.ci.linting import lint
from wizard.sandbox.ci.pipelines import is_protected, pipeline_of
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.rules import Chosen, Trigger, chosen_jobs
from wizard.sandbox.ci.showing import show_pipeline
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import may_merge, may_push
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import Refusal, json_reply, model_invalid, not_simulated
from wizard.sandbox.resources.ci_lint import NO_REF, PATH
from wizard.sandbox.resources.pipelines import require_builds
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Job, JobStatus

NO_CONFIGURATION = "Missing CI config file"
NO_VARIABLES = "Insufficient permissions to set pipeline variables"
PROTECTED = (
    "You do not have sufficient permission to run a pipeline on '{ref}'. Please select a different branch or contact "
    "your administrator for assistance."
)


def _refused(text: str) -> Refusal:
    return model_invalid({"base": [text]})


def _create(call: Call) -> Response:
    ref = (call.params["ref"] or "").removeprefix("refs/heads/").removeprefix("refs/tags/")
    repository = repository_of(call.world, call.project)
    if ref not in {**repository.heads, **repository.tags}:
        raise _refused(NO_REF)
    _require_ref(call, ref)
    if call.params.get("variables"):
        # nobody may, unless the project says otherwise (`ci_pipeline_variables_minimum_override_role`, since 17.7)
        raise _refused(NO_VARIABLES)
    if call.params.get("inputs"):
        raise not_simulated("inputs of a pipeline")
    commit = repository.resolve(ref)
    assert commit is not None  # noqa: S101 - the ref was looked at above
    try:
        chosen = _chosen(call, ref, commit)
    except ConfigurationError as error:
        raise _refused(str(error)) from None
    return json_reply(_made(call, ref, chosen), 201)


def _require_ref(call: Call, ref: str) -> None:
    world, user, project = call.world, call.identity.user, call.project
    allowed = may_push(world, user, project, ref) or may_merge(world, user, project, ref)
    if is_protected(project, ref) and not allowed:
        raise _refused(PROTECTED.format(ref=ref))


def _chosen(call: Call, ref: str, commit: Commit) -> list[Chosen]:
    file = commit.files.get(PATH)
    if file is None:
        raise ConfigurationError(NO_CONFIGURATION)
    context = Context(call.world, call.identity.user, call.project, commit)
    verdict = lint(file.content.decode("utf-8", "replace"), context)
    if verdict.errors:
        raise ConfigurationError(verdict.errors[0])
    found = chosen_jobs(verdict, Trigger(call.world, call.project, ref, commit, "api", call.user.username))
    return sorted(found, key=lambda one: verdict.stages.index(stage_of(one.job)))


def _made(call: Call, ref: str, chosen: list[Chosen]) -> dict[str, Any]:
    world, number = call.world, call.world.next_id("pipeline")
    first = stage_of(chosen[0].job)
    for one in chosen:
        environment = _environment(one)
        if environment is not None:
            ensure_environment(world, call.project, environment)
        job = Job(
            id=world.next_id("job"),
            name=one.name,
            stage=stage_of(one.job),
            status=_status(one, waits=stage_of(one.job) != first),
            started_by=call.user.username,
            token=f"glcbt-{secrets.token_urlsafe(15)}",
            ref=ref,
            environment=environment,
            pipeline=number,
            source="api",
        )
        world.add_job(call.project, job)
    shown = show_pipeline(world, pipeline_of(call.project, job))
    return {field: value for field, value in shown.items() if field != "name"}


def _environment(one: Chosen) -> str | None:
    """An environment whose name depends on variables is known only to a job that starts."""
    given = one.job.get("environment")
    name = given.get("name") if isinstance(given, dict) else given
    return str(name) if name and "$" not in str(name) else None


def _status(one: Chosen, *, waits: bool) -> JobStatus:
    if waits:
        return "created"
    return "manual" if one.when == "manual" else "scheduled" if one.when == "delayed" else "pending"


routes = [
    Route(
        method="POST",
        rule="/projects/<id>/pipeline",
        handler=_create,
        params=declare(requires("ref", blank=False), optional("variables", "list"), optional("inputs", "hash")),
        role=Role.DEVELOPER,
        guard=require_builds,
        noun="pipeline",
    )
]
