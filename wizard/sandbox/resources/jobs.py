"""Jobs and their logs, to read (`lib/api/ci/jobs.rb`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.pipelines import visible
from wizard.sandbox.ci.showing import show_job
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional, requires
from wizard.sandbox.replies import json_reply, not_found, text_reply
from wizard.sandbox.resources.pipelines import STATUSES, require_builds
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Job

ONE = declare(requires("job_id", "integer"))


def _find(call: Call) -> Job:
    found = next((job for job in call.project.jobs if job.id == call.params["job_id"]), None)
    if found is None:
        raise not_found()
    return found


def _index(call: Call) -> Response:
    wanted = call.params.get("scope") or STATUSES
    jobs = [job for job in visible(call.project.jobs) if job.status in wanted]
    show = lambda job: show_job(call.world, call.project, job)  # noqa: E731 - one line says it
    return paged(call, jobs, show, keyset=lambda job: job.id, counted=False)


def _show(call: Call) -> Response:
    return json_reply(show_job(call.world, call.project, _find(call)))


def _trace(call: Call) -> Response:
    job = _find(call)
    return text_reply(job.trace, headers={"Content-Disposition": f'infile; filename="{job.id}.log"'})


def _own(call: Call) -> Response:
    """Any other credential is a valid one, too, and has no job."""
    job, project = call.identity.job, call.identity.job_project
    if job is None or project is None:
        raise not_found("Job")
    return json_reply(show_job(call.world, project, job))


def _route(rule: str, handler: Any, params: Parameters, *, takes_job_token: bool = False) -> Route:
    return Route(
        method="GET",
        rule=f"/projects/<id>/jobs{rule}",
        handler=handler,
        params=params,
        guard=require_builds,
        noun="job",
        job_token="allowlist" if takes_job_token else "no",
    )


routes = [
    _route("", _index, declare(optional("scope", "strings", values=STATUSES)), takes_job_token=True),
    _route("/<job_id>", _show, ONE),
    _route("/<job_id>/trace", _trace, ONE),
    Route(method="GET", rule="/job", handler=_own, noun=None, job_token="allowlist"),
]
