"""Container repositories and their tags through the API (`doc/api/container_registry`)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.access import may_pull, role_in, sees_project
from wizard.sandbox.call import Call
from wizard.sandbox.entities import made, moment
from wizard.sandbox.images import Row, configuration_of, protected_path, protected_tag, rows, size_of
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import empty, forbidden, json_reply, message, not_found, parameters_invalid
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.world import World
from wizard.validators import check_regex

ONCE_AN_HOUR = (
    "This request has already been made. You can run this at most once an hour for a given container repository"
)
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "month": 2_592_000}


class BulkDeletes:
    """When each repository was last cleaned in bulk."""

    def __init__(self, _world: World) -> None:
        """Start with none."""
        self.last: dict[int, datetime] = {}


def _require_reading(call: Call) -> None:
    if not may_pull(call.world, call.identity.user, call.project):
        raise forbidden()


def _require(call: Call, least: Role) -> None:
    _require_reading(call)
    if call.role < least:
        raise forbidden()


def _row(call: Call) -> Row:
    for row in rows(call.world):
        if row.id == call.params["repository_id"] and row.project is call.project:
            return row
    raise not_found()


def _show_row(call: Call, row: Row) -> dict[str, Any]:
    body = {
        "id": row.id,
        "name": row.name,
        "path": row.path,
        "project_id": row.project.id,
        "location": row.location(call.world),
        "created_at": made(call.world),
        "cleanup_policy_started_at": None,
        "status": None,
    }
    if call.params.get("tags_count"):
        body["tags_count"] = len(row.tags)
    if call.params.get("tags"):
        body["tags"] = [_show_tag(call, row, tag) for tag in sorted(row.tags)]
    if call.params.get("size"):
        body["size"] = sum({digest: size_of(digest) for digest in row.tags.values()}.values())
    return body


def _show_tag(call: Call, row: Row, tag: str) -> dict[str, Any]:
    return {"name": tag, "path": f"{row.path}:{tag}", "location": f"{row.location(call.world)}:{tag}"}


def _index(call: Call) -> Response:
    _require_reading(call)
    found = [row for row in rows(call.world) if row.project is call.project]
    return paged(call, found, lambda row: _show_row(call, row))


def _group_index(call: Call) -> Response:
    start = call.group.path.lower() + "/"
    inside = [row for row in rows(call.world) if row.project.path.lower().startswith(start)]
    found = [row for row in inside if may_pull(call.world, call.identity.user, row.project)]
    return paged(call, found, lambda row: _show_row(call, row))


def _by_id(call: Call) -> Response:
    row = next((row for row in rows(call.world) if row.id == call.params["repository_id"]), None)
    user = call.identity.user
    if row is None or not sees_project(call.world, user, row.project):
        raise not_found()
    if not may_pull(call.world, user, row.project):
        raise forbidden()
    return json_reply(_show_row(call, row))


def _tags(call: Call) -> Response:
    _require_reading(call)
    row = _row(call)
    return paged(call, sorted(row.tags), lambda tag: _show_tag(call, row, tag))


def _tag(call: Call) -> Response:
    _require_reading(call)
    row, tag = _row(call), call.arguments["tag_name"]
    if tag not in row.tags:
        raise not_found("Tag")
    digest = row.tags[tag]
    revision = configuration_of(digest)
    detail = {
        "revision": revision,
        "short_revision": revision[:9],
        "digest": digest,
        "created_at": moment(row.created(call.world, tag)),
        "total_size": size_of(digest),
    }
    return json_reply(_show_tag(call, row, tag) | detail)


def _delete_repository(call: Call) -> Response:
    _require(call, Role.MAINTAINER)
    row = _row(call)
    user = call.identity.user
    if protected_path(call.world, user, row.path, row.project, "delete"):
        raise forbidden()
    if any(protected_tag(call.world, user, row.project, tag, "delete") for tag in row.tags):
        raise forbidden()
    del call.project.images[row.name]
    return json_reply(202, 202)


def _delete_tag(call: Call) -> Response:
    _require(call, Role.DEVELOPER)
    row, tag = _row(call), call.arguments["tag_name"]
    if tag not in row.tags:
        raise not_found("Tag")
    user = call.identity.user
    if protected_path(call.world, user, row.path, row.project, "delete"):
        raise forbidden()
    if protected_tag(call.world, user, row.project, tag, "delete"):
        raise forbidden()
    del row.tags[tag]
    return empty(200)


def _delete_tags(call: Call) -> Response:
    _require(call, Role.MAINTAINER)
    row, params = _row(call), call.params
    pattern = params.get("name_regex_delete") or params.get("name_regex")
    if not pattern:
        raise parameters_invalid(["name_regex_delete is missing"])
    kept = params.get("name_regex_keep") or ""
    names = {"name_regex_delete": pattern, "name_regex_keep": kept}
    problems = [f"{name} is an invalid regexp" for name, given in names.items() if check_regex(given)]
    age = _age(params.get("older_than"))
    if age is None:
        problems.append("older_than is invalid")
    if age is None or problems:
        raise parameters_invalid(problems)
    last, now = call.world.attached(BulkDeletes).last, call.world.now()
    if row.id in last and now < last[row.id] + timedelta(hours=1):
        raise message(400, ONCE_AN_HOUR)
    last[row.id] = now
    _clean(call, row, (pattern, kept), now - age)
    return json_reply(202, 202)


def _clean(call: Call, row: Row, patterns: tuple[str, str], before: datetime) -> None:
    """Remove what matches in full, the newest `keep_n` of it left, `latest` and protected tags always."""
    user, (pattern, kept) = call.identity.user, patterns
    doomed = [tag for tag in row.tags if tag != "latest" and re.fullmatch(pattern, tag)]
    doomed = [tag for tag in doomed if not (kept and re.fullmatch(kept, tag))]
    doomed.sort(key=lambda tag: row.created(call.world, tag))
    doomed = doomed[: max(len(doomed) - (call.params.get("keep_n") or 0), 0)]
    doomed = [tag for tag in doomed if row.created(call.world, tag) <= before]
    for tag in doomed:
        if not protected_tag(call.world, user, row.project, tag, "delete"):
            del row.tags[tag]


def _age(text: str | None) -> timedelta | None:
    """Read `1h`, `7d`, `1month`; nothing given: no age."""
    if not text:
        return timedelta(0)
    parts = re.fullmatch(r"(\d+)\s*(s|min|h|d|w|month)s?", text)
    return timedelta(seconds=int(parts[1]) * _UNITS[parts[2]]) if parts else None


def group_reader(call: Call) -> Response:
    """List the repositories of a group for a Reporter of it."""
    if role_in(call.world, call.identity.user, call.group) < Role.REPORTER:
        raise forbidden()
    return _group_index(call)


_ID = requires("repository_id", "integer")
_COUNTS = (optional("tags", "boolean"), optional("tags_count", "boolean"))
_BULK = declare(
    _ID,
    optional("name_regex_delete"),
    optional("name_regex"),
    optional("name_regex_keep"),
    optional("keep_n", "integer"),
    optional("older_than"),
)
_BASE = "/projects/<id>/registry/repositories"


def _route(method: str, rule: str, handler: Any, params: Any) -> Route:
    return Route(
        method=method,
        rule=rule,
        handler=handler,
        params=params,
        anonymous=True,
        job_token="own" if rule.startswith("/projects") else "no",
        noun="container_repository",
    )


routes = [
    _route("GET", _BASE, _index, declare(*_COUNTS)),
    _route("GET", "/groups/<id>/registry/repositories", group_reader, declare()),
    _route(
        "GET", "/registry/repositories/<repository_id>", _by_id, declare(_ID, *_COUNTS, optional("size", "boolean"))
    ),
    _route("DELETE", f"{_BASE}/<repository_id>", _delete_repository, declare(_ID)),
    _route("GET", f"{_BASE}/<repository_id>/tags", _tags, declare(_ID)),
    _route("DELETE", f"{_BASE}/<repository_id>/tags", _delete_tags, _BULK),
    _route("GET", f"{_BASE}/<repository_id>/tags/<tag_name>", _tag, declare(_ID)),
    _route("DELETE", f"{_BASE}/<repository_id>/tags/<tag_name>", _delete_tag, declare(_ID)),
]
