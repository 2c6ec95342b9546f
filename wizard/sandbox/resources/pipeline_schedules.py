"""Pipeline schedules (`lib/api/ci/pipeline_schedules.rb`). Nothing runs by them: it is only told when it would."""

from __future__ import annotations

import dataclasses
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.cron import parse_cron, parse_zone
from wizard.sandbox.completing import full_ref
from wizard.sandbox.entities import basic_user, made, moment
from wizard.sandbox.git.protection import may_merge, may_push, protections
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional, requires
from wizard.sandbox.replies import empty, forbidden, json_reply, model_invalid, not_found
from wizard.sandbox.resources.pipelines import require_builds
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Schedule

MAY_NOT = "The current user is not authorized to {what} the pipeline schedule"
AMBIGUOUS = "Ref is ambiguous"
ONE = declare(requires("pipeline_schedule_id", "integer"))
_FIELDS = ("description", "ref", "cron", "cron_timezone", "active")


def _show_schedule(call: Call, schedule: Schedule) -> dict[str, Any]:
    owner = call.world.user(schedule.owner) if schedule.owner else None
    return {
        "id": schedule.id,
        "description": schedule.description,
        "ref": schedule.ref,
        "cron": schedule.cron,
        "cron_timezone": schedule.cron_timezone,
        "next_run_at": _next_run(call, schedule),
        "active": schedule.active,
        "created_at": made(call.world),
        "updated_at": made(call.world),
        "owner": basic_user(owner, call.url) if owner else None,
        "inputs": [],
    }


def _next_run(call: Call, schedule: Schedule) -> str | None:
    cron, zone = parse_cron(schedule.cron), parse_zone(schedule.cron_timezone)
    following = cron.next_after(call.world.now(), zone) if cron and zone else None
    return moment(following) if following else None


def _detail(call: Call, schedule: Schedule) -> dict[str, Any]:
    shown = _show_schedule(call, schedule) | {"last_pipeline": None}
    return shown | ({"variables": []} if _may_change(call, schedule) else {})


def _may_change(call: Call, schedule: Schedule) -> bool:
    user = call.identity.user
    owns = user is not None and schedule.owner == user.username and call.role >= Role.DEVELOPER
    return owns or call.role >= Role.MAINTAINER


def _find(call: Call) -> Schedule:
    wanted = call.params["pipeline_schedule_id"]
    found = next((item for item in call.project.pipeline_schedules if item.id == wanted), None)
    if found is None:
        raise not_found("Pipeline Schedule")
    return found


def _index(call: Call) -> Response:
    scope = call.params.get("scope")
    found = [item for item in call.project.pipeline_schedules if scope is None or item.active == (scope == "active")]
    return paged(call, found, lambda item: _show_schedule(call, item))


def _show(call: Call) -> Response:
    return json_reply(_detail(call, _find(call)))


def _check(call: Call, given: dict[str, Any], what: str) -> None:
    """A branch has to be there, and its protection has to let the caller run pipelines on it."""
    ref = given["ref"].removeprefix("refs/heads/")
    heads = repository_of(call.world, call.project).heads
    if not given["ref"].startswith("refs/tags/"):
        if ref not in heads:
            raise model_invalid({"base": [AMBIGUOUS]})
        world, user, project = call.world, call.identity.user, call.project
        allowed = may_push(world, user, project, ref) or may_merge(world, user, project, ref)
        if protections(project, ref) and not allowed:
            raise model_invalid({"base": [MAY_NOT.format(what=what)]})
    errors: dict[str, list[str]] = {}
    if parse_cron(given["cron"]) is None:
        errors["cron"] = ["syntax is invalid"]
    if parse_zone(given["cron_timezone"]) is None:
        errors["cron_timezone"] = ["syntax is invalid"]
    if not given["description"]:
        errors["description"] = ["can't be blank"]
    if errors:
        raise model_invalid(errors)


def _create(call: Call) -> Response:
    params = call.params
    given: dict[str, Any] = {
        "description": params["description"] or "",
        "ref": full_ref(params["ref"]),
        "cron": (params["cron"] or "").strip(),
        "cron_timezone": params.get("cron_timezone") or "UTC",
        "active": params.get("active") is not False,
    }
    _check(call, given, "create")
    schedule = Schedule(id=call.world.next_id("schedule"), owner=call.user.username, **given)
    call.project.pipeline_schedules.append(schedule)
    return json_reply(_detail(call, schedule), 201)


def _update(call: Call) -> Response:
    schedule = _find(call)
    if not _may_change(call, schedule):
        raise forbidden()
    stored = {name: getattr(schedule, name) for name in _FIELDS}
    given = stored | {name: call.params[name] for name in _FIELDS if call.params.get(name) is not None}
    given["ref"] = full_ref(given["ref"])
    _check(call, given, "update")
    changed = dataclasses.replace(schedule, **given)
    schedules = call.project.pipeline_schedules
    schedules[schedules.index(schedule)] = changed
    return json_reply(_detail(call, changed))


def _delete(call: Call) -> Response:
    schedule = _find(call)
    if not _may_change(call, schedule):
        raise forbidden()
    call.project.pipeline_schedules.remove(schedule)
    return empty()


def _route(method: str, rule: str, handler: Any, params: Parameters) -> Route:
    return Route(
        method=method,
        rule=f"/projects/<id>/pipeline_schedules{rule}",
        handler=handler,
        params=params,
        role=Role.NONE if method == "GET" else Role.DEVELOPER,
        guard=require_builds,
        noun="pipeline_schedule",
    )


_OPTIONAL = (optional("cron_timezone"), optional("active", "boolean"))
_NEW = declare(
    requires("description"), requires("ref", blank=False), requires("cron"), *_OPTIONAL, unsimulated=("inputs",)
)
_CHANGE = declare(
    *ONE.declared, optional("description"), optional("ref"), optional("cron"), *_OPTIONAL, unsimulated=("inputs",)
)

routes = [
    _route("GET", "", _index, declare(optional("scope", values=("active", "inactive")))),
    _route("POST", "", _create, _NEW),
    _route("GET", "/<pipeline_schedule_id>", _show, ONE),
    _route("PUT", "/<pipeline_schedule_id>", _update, _CHANGE),
    _route("DELETE", "/<pipeline_schedule_id>", _delete, ONE),
]
