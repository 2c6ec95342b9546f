"""Commits: made with several actions, shown, compared (`lib/api/commits.rb`, `Commits::CreateService`)."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.git.editing import edited, read_actions
from wizard.sandbox.git.objects import Author, Commit, Files
from wizard.sandbox.git.protection import matches, may_push, require_code
from wizard.sandbox.git.repository import Repository, repository_of
from wizard.sandbox.git.showing import differences, show_commit, stats
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import forbidden, json_reply, message, not_found, not_simulated
from wizard.sandbox.resources.branches import is_branch_name
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import ProtectedBranch

NO_PUSH = "You are not allowed to push into this branch"
NO_BRANCH = "You can only create or edit files when you are on a branch"
BRANCH_THERE = "A branch called '{name}' already exists. Switch to that branch in order to make changes"
BAD_BRANCH = "Something went wrong when we tried to create '{name}' for you: Branch name is invalid"


def _repository(call: Call) -> Repository:
    return repository_of(call.world, call.project)


def _before(repository: Repository, commit: Commit) -> Files:
    parent = repository.parent(commit)
    return parent.files if parent else {}


def _detail(call: Call, commit: Commit, *, with_stats: bool = True) -> dict[str, Any]:
    body = show_commit(call.world, call.project, commit)
    if with_stats:
        body["stats"] = stats(_before(_repository(call), commit), commit.files)
    return body | {"status": None, "project_id": call.project.id, "last_pipeline": None}


def _named(call: Call) -> Commit:
    found = _repository(call).resolve(call.arguments["sha"])
    if found is None:
        raise not_found("Commit")
    return found


def _index(call: Call) -> Response:
    repository, path = _repository(call), (call.params.get("path") or "").strip("/")
    start = repository.resolve(call.params.get("ref_name"))
    if start is None:
        raise not_found("Commit") if call.params.get("ref_name") else not_found("Repository")
    found = list(repository.history(start))
    if path:
        found = [commit for commit in found if _touches(repository, commit, path)]
    return paged(call, found, lambda commit: show_commit(call.world, call.project, commit), counted=False)


def _touches(repository: Repository, commit: Commit, path: str) -> bool:
    last = repository.last_change(commit, path)
    return last is not None and last.id == commit.id


def _show(call: Call) -> Response:
    return json_reply(_detail(call, _named(call), with_stats=call.params.get("stats") is not False))


def _diff(call: Call) -> Response:
    commit = _named(call)
    found = differences(_before(_repository(call), commit), commit.files)
    return paged(call, found, lambda difference: difference)


def _refs(call: Call) -> Response:
    commit, repository = _named(call), _repository(call)
    wanted = call.params.get("type") or "all"
    found = [
        {"type": kind, "name": name}
        for kind, refs in (("branch", repository.heads), ("tag", repository.tags))
        for name, head in sorted(refs.items())
        if wanted in ("all", kind) and repository.contains(head, commit)
    ]
    return paged(call, found, lambda ref: ref)


def _create(call: Call) -> Response:
    params, repository = call.params, _repository(call)
    branch = params["branch"]
    actions = read_actions(params["actions"])
    if not actions:
        raise not_simulated("commits without actions")
    if not may_push(call.world, call.user, call.project, branch):
        raise forbidden(NO_PUSH)
    start = _start(call, repository)
    files = edited(repository, start, actions)
    user, now = call.user, call.world.now()
    committer = Author(user.name, user.email, now)
    author = Author(params.get("author_name") or user.name, params.get("author_email") or user.email, now)
    first = repository.is_empty
    made = repository.add(branch, start, files, author, committer, params["commit_message"])
    if first and not any(matches(pattern, branch) for pattern in call.project.protected_branches):
        # the first push makes a branch the default one, and GitLab protects that
        call.project.protected_branches[branch] = ProtectedBranch()
    return json_reply(_detail(call, made, with_stats=params.get("stats") is not False), 201)


def _start(call: Call, repository: Repository) -> Commit | None:
    """Return what the commit stands on, after the checks of `Commits::CreateService#validate!`, in their order."""
    params, branch = call.params, call.params["branch"]
    start_branch, start_sha = params.get("start_branch") or branch, params.get("start_sha")
    if start_sha and not re.fullmatch(r"[0-9a-f]{40}", start_sha):
        raise message(400, f"Invalid start_sha '{start_sha}'")
    if start_sha and start_sha not in repository.commits:
        raise message(400, f"Cannot find start_sha '{start_sha}'")
    if not start_sha and not repository.is_empty and start_branch not in repository.heads:
        raise message(400, NO_BRANCH)
    different = bool(start_sha) or start_branch != branch
    if different and branch in repository.heads and not params.get("force"):
        raise message(400, BRANCH_THERE.format(name=branch))
    if (different or repository.is_empty) and not is_branch_name(branch):
        raise message(400, BAD_BRANCH.format(name=branch))
    return repository.commits[start_sha] if start_sha else repository.heads.get(start_branch)


def _compare(call: Call) -> Response:
    repository, params = _repository(call), call.params
    start, end = repository.resolve(params["from"]), repository.resolve(params["to"])
    if start is None or end is None:
        raise not_found("Ref")
    known = {commit.id for commit in repository.history(start)}
    commits = [commit for commit in repository.history(end) if commit.id not in known][::-1]
    base = start if params.get("straight") else repository.merge_base(start, end)
    shown = [show_commit(call.world, call.project, commit) for commit in commits]
    return json_reply(
        {
            "commit": shown[-1] if shown else None,
            "commits": shown,
            "diffs": differences(base.files if base else {}, end.files),
            "compare_timeout": False,
            "compare_same_ref": start.id == end.id,
            "web_url": f"{call.url}/{call.project.path}/-/compare/{start.id}...{end.id}",
        }
    )


_EVERY, _ONE = "/projects/<id>/repository/commits", "/projects/<id>/repository/commits/<sha>"
_STATS = optional("stats", "boolean")
_LIST = declare(
    optional("ref_name"),
    optional("path"),
    unsimulated=("since", "until", "author", "all", "with_stats", "first_parent", "order", "trailers", "follow"),
)
_NEW = declare(
    requires("branch", blank=False),
    requires("commit_message", blank=False),
    requires("actions", "list"),
    optional("start_branch", blank=False),
    optional("start_sha", blank=False),
    optional("author_email"),
    optional("author_name"),
    _STATS,
    optional("force", "boolean"),
    exclusive=("start_branch", "start_sha"),
    unsimulated=("start_project", "allow_empty"),
)
_COMPARE = declare(
    requires("from", blank=False), requires("to", blank=False), optional("straight", "boolean"),
    unsimulated=("from_project_id", "unidiff"),
)  # fmt: skip


def _reading(rule: str, handler: Any, params: Any) -> Route:
    return Route(
        method="GET", rule=rule, handler=handler, params=params, anonymous=True, guard=require_code, noun="commit"
    )


routes = [
    _reading(_EVERY, _index, _LIST),
    _reading(_ONE, _show, declare(_STATS)),
    _reading(f"{_ONE}/diff", _diff, declare(unsimulated=("unidiff",))),
    _reading(f"{_ONE}/refs", _refs, declare(optional("type", values=("branch", "tag", "all")))),
    _reading("/projects/<id>/repository/compare", _compare, _COMPARE),
    Route(method="POST", rule=_EVERY, handler=_create, params=_NEW, guard=require_code, noun="commit"),
]
