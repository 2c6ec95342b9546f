"""Git tags, to read (`lib/api/tags.rb`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.pipelines import is_protected
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import require_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.git.showing import show_commit
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional
from wizard.sandbox.replies import json_reply, not_found
from wizard.sandbox.routing import Route


def _show_tag(call: Call, name: str, commit: Commit) -> dict[str, Any]:
    return {
        "name": name,
        "message": "",
        "target": commit.id,
        "commit": show_commit(call.world, call.project, commit),
        "release": None,
        "protected": is_protected(call.project, name),
        "created_at": None,
    }


def _index(call: Call) -> Response:
    words = call.params.get("search") or ""
    tags = repository_of(call.world, call.project).tags
    found = sorted((pair for pair in tags.items() if words in pair[0]), reverse=call.params.get("sort") != "asc")
    return paged(call, found, lambda pair: _show_tag(call, *pair))


def _show(call: Call) -> Response:
    name = call.arguments["tag_name"]
    commit = repository_of(call.world, call.project).tags.get(name)
    if commit is None:
        raise not_found("Tag")
    return json_reply(_show_tag(call, name, commit))


def _route(rule: str, handler: Any, params: Parameters) -> Route:
    return Route(
        method="GET",
        rule=f"/projects/<id>/repository/tags{rule}",
        handler=handler,
        params=params,
        anonymous=True,
        guard=require_code,
        noun="tag",
        job_token="allowlist",
    )


_LIST = declare(
    optional("search"),
    optional("sort", values=("asc", "desc")),
    optional("order_by", values=("name", "updated", "version")),
)

routes = [_route("", _index, _LIST), _route("/<tag_name>", _show, declare())]
