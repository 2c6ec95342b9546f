"""The control call that starts a job as GitLab would: with a token of its own and the variables that it would get.

It plays the moment after a job was started. Whether this person may run pipelines on this ref is not asked, as somebody
may have lost the role since; what the job may do is asked of this person wherever its token is used.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, get_args

from werkzeug.wrappers import Response

from wizard.documents import Mistake, nearest
from wizard.sandbox.call import Call
from wizard.sandbox.ci.environments import ensure_environment
from wizard.sandbox.ci.variables import job_variables
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.replies import json_reply
from wizard.sandbox.resources.control import wrong
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Job, PipelineSource, Project
from wizard.sandbox.world import World

KEYS = ["project", "ref", "environment", "started_by", "name", "stage", "pipeline", "source"]
SOURCES = list(get_args(PipelineSource))
NEEDED = ("project", "started_by")


def _start(call: Call) -> Response:
    try:
        given = json.loads(call.request.get_data())
    except ValueError as error:
        return wrong([Mistake("", None, f"not valid JSON: {error}")])
    mistakes = list(_mistakes(call.world, given))
    if mistakes:
        return wrong(mistakes)
    project = call.world.project(given["project"])
    assert project is not None  # noqa: S101 - looked at above
    job = _started(call.world, project, given)
    variables = [asdict(variable) for variable in job_variables(call.world, project, job)]
    return json_reply({"id": job.id, "pipeline": job.pipeline, "token": job.token, "variables": variables}, 201)


def _mistakes(world: World, given: object) -> Iterator[Mistake]:
    if not isinstance(given, Mapping):
        yield Mistake("", None, "must be a mapping")
        return
    for key in given:
        if key not in KEYS:
            yield Mistake(str(key), None, f"there is no such key{nearest(str(key), KEYS)}")
    for key in NEEDED:
        if key not in given:
            yield Mistake(key, None, "is missing")
    for key, value in given.items():
        kind = int if key == "pipeline" else str
        if key in KEYS and value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            yield Mistake(str(key), None, f"must be {'a number' if kind is int else 'a text'}")
        elif key in KEYS and value in (None, "") and key != "environment":
            yield Mistake(str(key), None, "is empty")
        elif value is not None:
            yield from _unknown(world, given, str(key))


def _unknown(world: World, given: Mapping[str, Any], key: str) -> Iterator[Mistake]:
    named = given.get("project")
    project = world.project(named) if isinstance(named, str) else None
    check = _CHECKS.get(key)
    problem = check(world, project, given) if check else None
    if problem:
        yield Mistake(key, None, problem)


def _about_project(world: World, project: Project | None, given: Mapping[str, Any]) -> str | None:
    if project is None:
        return f"there is no project {given['project']!r}{nearest(given['project'], _paths(world))}"
    if project.ci == "disabled":
        return f"CI/CD is switched off in {project.path}: no job starts there"
    return f"{project.path} is archived: no job starts there" if project.archived else None


def _paths(world: World) -> list[str]:
    return [item.path for item in world.state.projects]


def _about_person(world: World, _project: Project | None, given: Mapping[str, Any]) -> str | None:
    name = given["started_by"]
    user = world.user(name)
    if user is None:
        return f"there is no user {name!r}{nearest(name, [item.username for item in world.state.users])}"
    return f"{name!r} is blocked and starts no job" if user.blocked else None


def _about_ref(world: World, project: Project | None, given: Mapping[str, Any]) -> str | None:
    """A world that says nothing of a repository leaves every ref open."""
    repository = repository_of(world, project) if project else None
    known = [*repository.heads, *repository.tags] if repository else []
    if known and given["ref"] not in known:
        return f"there is no branch or tag {given['ref']!r}{nearest(given['ref'], known)}"
    return None


def _about_pipeline(_world: World, project: Project | None, given: Mapping[str, Any]) -> str | None:
    if project is None:
        return None
    refs = [job.ref for job in project.jobs if job.pipeline == given["pipeline"]]
    if not refs:
        return f"{project.path} has no pipeline {given['pipeline']}"
    wanted = given.get("ref", project.default_branch)
    return f"the pipeline {given['pipeline']} runs on {refs[0]!r}" if refs[0] != wanted else None


def _about_source(_world: World, _project: Project | None, given: Mapping[str, Any]) -> str | None:
    wrong = given["source"] not in SOURCES
    return f"there is no source {given['source']!r}{nearest(given['source'], SOURCES)}" if wrong else None


_CHECKS: dict[str, Callable[[World, Project | None, Mapping[str, Any]], str | None]] = {
    "project": _about_project,
    "started_by": _about_person,
    "ref": _about_ref,
    "pipeline": _about_pipeline,
    "source": _about_source,
}


def _started(world: World, project: Project, given: Mapping[str, Any]) -> Job:
    user = world.user(given["started_by"])
    environment = given.get("environment") or None
    if environment:
        ensure_environment(world, project, environment)
    job = Job(
        id=world.next_id("job"),
        name=given.get("name", "build"),
        stage=given.get("stage", "test"),
        started_by=user.username if user else given["started_by"],
        token=f"glcbt-{secrets.token_urlsafe(15)}",
        ref=given.get("ref", project.default_branch),
        environment=environment,
        pipeline=given.get("pipeline") or world.next_id("pipeline"),
        source=given.get("source", "push"),
    )
    world.add_job(project, job)
    return job


routes = [Route(method="POST", rule="/jobs", handler=_start, base="/-/sandbox")]
