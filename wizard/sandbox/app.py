"""The dispatcher of the simulated GitLab: one order of checks for every route, one log of all calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from wizard.sandbox.access import allowlisted, sees_group, sees_project
from wizard.sandbox.call import Call
from wizard.sandbox.identity import identify
from wizard.sandbox.parameters import raw_parameters
from wizard.sandbox.replies import (
    Refusal,
    forbidden,
    json_reply,
    locked,
    message,
    no_route,
    not_found,
    parameters_invalid,
    text_reply,
    unauthorized,
)
from wizard.sandbox.routing import API, RouteTable, raw_path
from wizard.sandbox.schema import Group, Project
from wizard.sandbox.throttle import Throttle
from wizard.sandbox.world import LoggedCall, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from wizard.sandbox.instance import Instance

MAINTENANCE = "GitLab Maintenance: system is in maintenance mode"
OTHER_PROJECT = (
    "This project's CI/CD job token cannot be used to authenticate with the container registry of a different project."
)
_LOG = logging.getLogger(__name__)


class Application:
    """The WSGI application of one of the two servers."""

    def __init__(self, instance: Instance, table: RouteTable, *, throttled: bool = True) -> None:
        """Serve the instance through these routes; `throttled`: the instance's rate limit counts here."""
        self._instance = instance
        self._table = table
        self._throttled = throttled

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer one request, log it, and never let an exception out."""
        path = raw_path(request)
        control = path.startswith("/-/sandbox")
        world = self._instance.world
        if not control and world.state.instance.latency_ms:
            time.sleep(world.state.instance.latency_ms / 1000)
        with world.lock:
            headers: dict[str, str] = {}
            try:
                if self._throttled and not control:
                    headers = world.attached(Throttle).admit(request)
                response = self._served(world, request, path)
            except Refusal as refusal:
                response = refusal.response
            except Exception:
                _LOG.exception("%s %s", request.method, path)
                response = json_reply({"message": "500 Internal Server Error"}, 500)
            response.headers.extend(headers)
            if not control:
                query = request.query_string.decode("utf-8", "replace")
                shown = f"{path}?{query}" if query else path
                world.log.append(LoggedCall(request.method, shown, response.status_code))
        return response

    def _served(self, world: World, request: Request, path: str) -> Response:
        route, arguments = self._table.find(request.method, path)
        call = Call(self._instance, world, request, route, arguments)
        if route.is_control:
            if not self._instance.control:
                raise no_route()
            return route.handler(call)
        if route.base != API:
            return route.handler(call)
        if world.version < route.since:
            raise no_route()
        if call.world.state.instance.maintenance and route.writes:
            raise message(503, MAINTENANCE)
        _authenticate(call)
        _find_subject(call)
        _authorize(call)
        call.params = route.params.validated({**raw_parameters(request), **_path_parameters(call)})
        if route.settings and isinstance(call.subject, Project) and call.subject.locked:
            raise locked()
        return route.handler(call)


def _path_parameters(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.arguments.items() if name != "id" or call.subject is None}


def _authenticate(call: Call) -> None:
    route = call.route
    call.identity = identify(call.world, call.request, route.job_token != "no")
    if call.identity.user is None and not route.anonymous:
        raise unauthorized()
    call.identity.require(route.needed_scopes, route.right)


def _find_subject(call: Call) -> None:
    kind, reference = call.route.rule.split("/")[1], call.arguments.get("id")
    if reference is None or kind not in ("projects", "groups") or not call.route.rule.startswith(f"/{kind}/<id>"):
        return
    if call.route.integer_id and not reference.isdigit():
        raise parameters_invalid(["id is invalid"])
    call.subject = _project(call, reference) if kind == "projects" else _group(call, reference)


def _project(call: Call, reference: str) -> Project:
    project = call.world.project(reference)
    identity = call.identity
    if call.route.job_token == "own" and identity.job_project not in (None, project):
        raise forbidden(OTHER_PROJECT)
    if project is None:
        raise not_found("Project")
    if not sees_project(call.world, identity.user, project) or not _job_enters(call, project):
        raise _hidden(identity.job_project, project)
    if not reference.isdigit() and reference.lower() != project.path.lower():
        _send_on(call, project)
    return project


def _hidden(job_project: Project | None, project: Project) -> Refusal:
    """A job learns that a project is there and does not let it in; for anybody else it does not exist."""
    if job_project is None:
        return not_found("Project")
    here, there = (one.path.rpartition("/")[2] for one in (job_project, project))
    return forbidden(f"Authentication by CI/CD job token not allowed from {here} to {there}.")


def _job_enters(call: Call, project: Project) -> bool:
    job_project = call.identity.job_project
    return job_project is None or project.visibility != "private" or allowlisted(call.world, job_project, project)


def _send_on(call: Call, project: Project) -> None:
    """A renamed project is answered with a redirect for reading; writing to its old path is refused."""
    if call.request.method not in ("GET", "HEAD"):
        raise message(405, "Non GET methods are not allowed for moved projects")
    _, _, rest = raw_path(call.request).removeprefix(f"{API}/projects/").partition("/")
    query = call.request.query_string.decode("ascii", "replace")
    target = f"{call.url}{API}/projects/{project.id}{f'/{rest}' if rest else ''}{f'?{query}' if query else ''}"
    text = f"This resource has been moved permanently to {target}."
    raise Refusal(text_reply(text, 301, {"Location": target}))


def _group(call: Call, reference: str) -> Group:
    group = call.world.group(reference)
    if group is None or not sees_group(call.world, call.identity.user, group):
        raise not_found("Group")
    return group


def _authorize(call: Call) -> None:
    route = call.route
    if route.admin and not (call.identity.user and call.identity.user.admin):
        raise forbidden()
    if call.subject is None:
        return
    if call.role < route.role:
        raise forbidden(route.refusal)
    if isinstance(call.subject, Project) and call.subject.archived and route.writes:
        raise forbidden()
    if route.guard is not None:
        route.guard(call)
