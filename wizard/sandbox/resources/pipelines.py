"""Pipelines, to read (`lib/api/ci/pipelines.rb`)."""

from __future__ import annotations

from typing import Any, get_args

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.pipelines import Pipeline, is_tag, pipelines, visible
from wizard.sandbox.ci.showing import FINISHED, basic_pipeline, show_job, show_pipeline
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional, requires
from wizard.sandbox.replies import forbidden, json_reply, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import JobStatus

STATUSES: tuple[str, ...] = get_args(JobStatus)
ONE = declare(requires("pipeline_id", "integer"))


def require_builds(call: Call) -> None:
    """Guard: pipelines and jobs are there for all who see the project (`public_jobs`), unless CI/CD is off."""
    if call.project.ci == "disabled":
        raise forbidden()


def _find(call: Call) -> Pipeline:
    found = next((item for item in pipelines(call.project) if item.id == call.params["pipeline_id"]), None)
    if found is None:
        raise not_found()
    return found


def _index(call: Call) -> Response:
    params = call.params
    found = [item for item in pipelines(call.project) if _asked_for(call, item)]
    orders: dict[str, Any] = {"status": lambda item: item.status, "ref": lambda item: item.ref}
    found.sort(key=orders.get(params.get("order_by") or "id", lambda item: item.id))
    if params.get("sort") != "asc":
        found.reverse()
    return paged(call, found, lambda item: basic_pipeline(call.world, item))


def _asked_for(call: Call, item: Pipeline) -> bool:
    params, shown = call.params, basic_pipeline(call.world, item)
    for name in ("status", "ref", "sha", "source"):
        if params.get(name) is not None and shown[name] != params[name]:
            return False
    if params.get("username") is not None and item.started_by != params["username"]:
        return False
    kinds = {
        "running": item.status == "running",
        "pending": item.status == "pending",
        "finished": item.status in FINISHED,
        "branches": not is_tag(call.project, item.ref),
        "tags": is_tag(call.project, item.ref),
    }
    return kinds.get(params.get("scope") or "", True)


def _latest(call: Call) -> Response:
    """GitLab asks whether the caller may read it before whether there is one: without one that is a 403."""
    ref = call.params.get("ref") or call.project.default_branch
    found = [item for item in pipelines(call.project) if item.ref == ref]
    if not found:
        raise forbidden()
    return json_reply(show_pipeline(call.world, found[-1]))


def _show(call: Call) -> Response:
    return json_reply(show_pipeline(call.world, _find(call)))


def _jobs(call: Call) -> Response:
    pipeline, wanted = _find(call), call.params.get("scope") or STATUSES
    jobs = [job for job in visible(pipeline.jobs) if job.status in wanted]
    return paged(call, jobs, lambda job: show_job(call.world, call.project, job))


def _variables(call: Call) -> Response:
    """The variables that somebody gave by hand: the world's pipelines have none."""
    _find(call)
    if call.role < Role.DEVELOPER:
        raise forbidden()
    return json_reply([])


def _route(rule: str, handler: Any, params: Parameters) -> Route:
    jobs = rule.endswith("/jobs")
    return Route(
        method="GET",
        rule=f"/projects/<id>/pipelines{rule}",
        handler=handler,
        params=params,
        anonymous=True,
        guard=require_builds,
        noun="job" if jobs else "pipeline",
        job_token="allowlist" if jobs else "no",
    )


_LIST = declare(
    optional("scope", values=("running", "pending", "finished", "branches", "tags")),
    optional("status", values=STATUSES),
    optional("ref"),
    optional("sha"),
    optional("username"),
    optional("source"),
    optional("order_by", values=("id", "status", "ref", "updated_at", "user_id")),
    optional("sort", values=("asc", "desc")),
    unsimulated=("yaml_errors", "updated_before", "updated_after", "created_before", "created_after", "name"),
)
_JOBS = declare(*ONE.declared, optional("scope", "strings", values=STATUSES), optional("include_retried", "boolean"))

routes = [
    _route("", _index, _LIST),
    _route("/latest", _latest, declare(optional("ref"))),
    _route("/<pipeline_id>", _show, ONE),
    _route("/<pipeline_id>/jobs", _jobs, _JOBS),
    _route("/<pipeline_id>/variables", _variables, ONE),
]
