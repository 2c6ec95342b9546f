"""Branches of a repository (`lib/api/branches.rb` and the services below `app/services/branches`)."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.git.protection import may_merge, may_push, protections, require_code
from wizard.sandbox.git.repository import Repository, repository_of
from wizard.sandbox.git.showing import show_commit
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import empty, forbidden, json_reply, message, not_found, parameters_invalid
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route

SORTS = ("name_asc", "updated_asc", "updated_desc")
NOT_BY_YOU = (
    "You are not allowed to delete protected branches from this project. "
    "Only a project maintainer or owner can delete a protected branch."
)
_REFUSED = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|^refs/|[./]$|^@$|^HEAD$|^[0-9a-f]{40}$"
)


def is_branch_name(name: str) -> bool:
    """Whether git and GitLab take this as the name of a branch (`git check-ref-format`)."""
    return bool(name) and not _REFUSED.search(name)


def _repository(call: Call) -> Repository:
    return repository_of(call.world, call.project)


def _show(call: Call, name: str) -> dict[str, Any]:
    world, project, user, repository = call.world, call.project, call.identity.user, _repository(call)
    head = repository.heads[name]
    root = repository.heads.get(repository.default_branch)
    found = protections(project, name)
    return {
        "name": name,
        "commit": show_commit(world, project, head),
        "merged": root is not None and head.id != root.id and repository.contains(root, head),
        "protected": bool(found),
        "developers_can_push": any(protection.push == "developer" for protection in found),
        "developers_can_merge": any(protection.merge == "developer" for protection in found),
        "can_push": may_push(world, user, project, name),
        "default": name == repository.default_branch,
        "web_url": f"{call.url}/{project.path}/-/tree/{name}",
    }


def _index(call: Call) -> Response:
    params, heads = call.params, _repository(call).heads
    names = [name for name in heads if _is_sought(params.get("search") or "", name)]
    if params.get("regex"):
        try:
            names = [name for name in names if re.search(params["regex"], name)]
        except re.error:
            raise message(400, "Regex is invalid") from None
    names.sort()
    if (params.get("sort") or "name_asc") != "name_asc":
        names.sort(key=lambda name: heads[name].committer.at, reverse=params["sort"] == "updated_desc")
    return paged(call, names, lambda name: _show(call, name))


def _is_sought(words: str, name: str) -> bool:
    """GitLab reads `^` at the start and `$` at the end of the words."""
    words, name = words.lower(), name.lower()
    if words.startswith("^"):
        return name == words[1:-1] if words.endswith("$") else name.startswith(words[1:])
    return name.endswith(words[:-1]) if words.endswith("$") else words in name


def _named(call: Call) -> str:
    name = call.arguments["branch"]
    if name not in _repository(call).heads:
        raise not_found("Branch")
    return name


def _one(call: Call) -> Response:
    if call.request.method == "HEAD":
        return empty(204 if call.arguments["branch"] in _repository(call).heads else 404)
    return json_reply(_show(call, _named(call)))


def _create(call: Call) -> Response:
    repository, name, ref = _repository(call), call.params["branch"], call.params["ref"]
    if call.role < Role.DEVELOPER:
        raise forbidden()
    if not is_branch_name(name):
        raise message(400, "Branch name is invalid")
    if name in repository.heads:
        raise message(400, "Branch already exists")
    start = repository.resolve(ref)
    if start is None:
        raise message(400, f"Invalid reference name: {ref}")
    if protections(call.project, name) and not may_merge(call.world, call.user, call.project, name):
        raise message(400, "You are not allowed to create protected branches on this project.")
    repository.move(name, start)
    return json_reply(_show(call, name), 201)


def _delete(call: Call) -> Response:
    if call.role < Role.DEVELOPER:
        raise forbidden()
    name, repository = _named(call), _repository(call)
    if name == repository.default_branch:
        raise message(400, "The default branch of a project cannot be deleted.")
    if protections(call.project, name) and call.role < Role.MAINTAINER:
        raise message(400, NOT_BY_YOU)
    repository.delete(name)
    for request in call.project.merge_requests:
        if request.source == name and request.state == "opened":
            request.state = "closed"
    return empty()


def _refuse_bad_name(call: Call) -> None:
    require_code(call)
    if not is_branch_name(call.arguments["branch"]):
        raise parameters_invalid(["The branch refname is invalid"])


_EVERY, _ONE = "/projects/<id>/repository/branches", "/projects/<id>/repository/branches/<branch>"
_LIST = declare(
    optional("search"), optional("regex"), optional("sort", values=SORTS), unsimulated=("pagination", "page_token")
)
_NEW = declare(requires("branch", blank=False), requires("ref", blank=False))

routes = [
    Route(method="GET", rule=_EVERY, handler=_index, params=_LIST, anonymous=True, guard=require_code, noun="branch"),
    Route(method="GET", rule=_ONE, handler=_one, anonymous=True, guard=_refuse_bad_name, noun="branch"),
    Route(method="POST", rule=_EVERY, handler=_create, params=_NEW, guard=require_code, noun="branch"),
    Route(method="DELETE", rule=_ONE, handler=_delete, guard=require_code, noun="branch"),
]
