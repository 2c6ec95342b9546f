"""Whose CI/CD job tokens may come into a project (`lib/api/project_job_token_scope.rb` and its services)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from wizard.sandbox.access import sees_group, sees_project
from wizard.sandbox.call import Call
from wizard.sandbox.entities import basic_group, basic_project
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, requires
from wizard.sandbox.replies import bad_request, empty, json_reply, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Group, Project

ENFORCED = "Job token scope cannot be disabled for this project because it is enforced for the instance."
MAY_NOT_REMOVE = "Insufficient permissions to modify the job token scope"
UNREADABLE = (
    "The target_{kind} that you are attempting to access does not exist or you don't have permission "
    "to perform this action"
)
TOO_MANY = "Validation failed: Source project exceeds the allowable number of {kind} links in this direction"
ITSELF = "Validation failed: Target project can't be the same as the source project"

SWITCH = declare(requires("enabled", "boolean", blank=False))
PROJECT = declare(requires("target_project_id", "integer", blank=False))
GROUP = declare(requires("target_group_id", "integer", blank=False))


def _show(call: Call) -> Response:
    enforced = call.world.state.instance.enforce_job_token_allowlist
    enabled = call.project.job_token_scope.enabled or enforced
    return json_reply({"inbound_enabled": enabled, "outbound_enabled": False})


def _switch(call: Call) -> Response:
    if not call.params["enabled"] and call.world.state.instance.enforce_job_token_allowlist:
        raise bad_request(ENFORCED)
    call.project.job_token_scope.enabled = call.params["enabled"]
    return empty()


def _projects(call: Call) -> Response:
    world, project = call.world, call.project
    listed = [world.project(path) for path in project.job_token_scope.projects]
    shown = [project, *(item for item in listed if item is not None)]
    return paged(call, shown, lambda item: basic_project(world, item))


def _groups(call: Call) -> Response:
    listed = [call.world.group(path) for path in call.project.job_token_scope.groups]
    return paged(call, [group for group in listed if group], lambda group: basic_group(call.world, group))


def _target_project(call: Call) -> Project | None:
    return call.world.project(str(call.params["target_project_id"]))


def _target_group(call: Call) -> Group | None:
    return call.world.group(str(call.params["target_group_id"]))


def _add_project(call: Call) -> Response:
    target, project = _target_project(call), call.project
    if target is None:
        raise not_found("target_project_id not found")
    if not sees_project(call.world, call.user, target):
        raise bad_request(UNREADABLE.format(kind="project"))
    if target is project:
        raise bad_request(ITSELF)
    _append(call, project.job_token_scope.projects, target.path, "project")
    return json_reply({"source_project_id": project.id, "target_project_id": target.id}, 201)


def _add_group(call: Call) -> Response:
    target, project = _target_group(call), call.project
    if target is None:
        raise not_found("target_group_id not found")
    if not sees_group(call.world, call.user, target):
        raise bad_request(UNREADABLE.format(kind="group"))
    _append(call, project.job_token_scope.groups, target.path, "group")
    return json_reply({"source_project_id": project.id, "target_group_id": target.id}, 201)


def _append(call: Call, entries: list[str], path: str, kind: str) -> None:
    if path in entries:
        raise bad_request(f"This {kind} is already in the job token allowlist.")
    if len(entries) >= call.world.state.instance.limits.allowlist:
        raise bad_request(TOO_MANY.format(kind=kind))
    entries.append(path)


def _remove_project(call: Call) -> Response:
    target = _target_project(call)
    if target is None:
        raise not_found("Project")
    _remove(call.project.job_token_scope.projects, target.path, "project")
    return empty()


def _remove_group(call: Call) -> Response:
    target = _target_group(call)
    if target is None:
        raise not_found("target_group_id not found")
    _remove(call.project.job_token_scope.groups, target.path, "group")
    return empty()


def _remove(entries: list[str], path: str, kind: str) -> None:
    if path not in entries:
        raise bad_request(f"Target {kind} is not in the job token scope")
    entries.remove(path)


_BASE = "/projects/<id>/job_token_scope"


def _lists(name: str, target: str) -> list[Route]:
    index, add, remove, params = {
        "allowlist": (_projects, _add_project, _remove_project, PROJECT),
        "groups_allowlist": (_groups, _add_group, _remove_group, GROUP),
    }[name]
    least, noun = Role.MAINTAINER, "job_token_scope"
    every, one = f"{_BASE}/{name}", f"{_BASE}/{name}/<{target}>"
    return [
        Route(method="GET", rule=every, handler=index, role=least, noun=noun),
        Route(
            method="POST",
            rule=every,
            handler=add,
            params=params,
            role=least,
            noun=noun,
            integer_id=True,
            settings=True,
        ),
        Route(
            method="DELETE",
            rule=one,
            handler=remove,
            params=params,
            role=least,
            refusal=MAY_NOT_REMOVE,
            noun=noun,
            integer_id=True,
            settings=True,
        ),
    ]


routes = [
    Route(method="GET", rule=_BASE, handler=_show, role=Role.MAINTAINER, noun="job_token_scope"),
    Route(
        method="PATCH",
        rule=_BASE,
        handler=_switch,
        params=SWITCH,
        role=Role.MAINTAINER,
        noun="job_token_scope",
        settings=True,
    ),
    *_lists("allowlist", "target_project_id"),
    *_lists("groups_allowlist", "target_group_id"),
]
