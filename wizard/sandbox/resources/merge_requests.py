"""Merge requests within one project (`lib/api/merge_requests.rb`, `app/models/merge_request.rb`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.access import role_in
from wizard.sandbox.call import Call
from wizard.sandbox.entities import basic_user, moment
from wizard.sandbox.git.protection import may_merge, may_read_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import empty, forbidden, json_reply, message, model_invalid, not_found, not_simulated
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import MergeRequest, User
from wizard.sandbox.world import World

SAME_BRANCH = "You can't use same project/branch for source and target"
ANOTHER = "Another open merge request already exists for this source branch: !{iid}"
LONGEST_TITLE = 255
STATES = ("opened", "closed", "locked", "merged", "all")
_NEVER_SET = {
    "user_notes_count": 0,
    "upvotes": 0,
    "downvotes": 0,
    "assignees": [],
    "assignee": None,
    "reviewers": [],
    "milestone": None,
    "merge_when_pipeline_succeeds": False,
    "merge_commit_sha": None,
    "squash_commit_sha": None,
    "should_remove_source_branch": None,
    "has_conflicts": False,
}
"""What nobody can change in the sandbox."""
_GHOST = User(id=1_000_000, username="ghost", name="Ghost User")


@dataclass(slots=True)
class _Details:
    """What a world file does not tell of a merge request; of one that stands there, nobody is the author any more."""

    made: datetime
    changed: datetime
    author: User | None = None
    description: str | None = None
    labels: list[str] = field(default_factory=list)
    remove_source_branch: bool | None = None
    squash: bool = False


class _Known:
    def __init__(self, world: World) -> None:
        self._start = world.started
        self._details: dict[tuple[int, int], _Details] = {}

    def of(self, project_id: int, request: MergeRequest) -> _Details:
        return self._details.setdefault((project_id, request.iid), _Details(self._start, self._start))


def _details(call: Call, request: MergeRequest) -> _Details:
    return call.world.attached(_Known).of(call.project.id, request)


def _require_reading(call: Call) -> None:
    if call.project.repository == "disabled" or not may_read_code(call.world, call.identity.user, call.project):
        raise forbidden()


def _show(call: Call, request: MergeRequest) -> dict[str, Any]:
    project, details = call.project, _details(call, request)
    head = repository_of(call.world, project).heads.get(request.source)
    draft = request.title.lower().startswith(("draft:", "[draft]", "(draft)"))
    path = f"{call.url}/{project.path}"
    return _NEVER_SET | {
        "id": call.world.stable_id("merge_request", (project.id, request.iid)),
        "iid": request.iid,
        "project_id": project.id,
        "title": request.title,
        "description": details.description,
        "state": request.state,
        "created_at": moment(details.made),
        "updated_at": moment(details.changed),
        "merged_at": moment(details.changed) if request.state == "merged" else None,
        "closed_at": moment(details.changed) if request.state == "closed" else None,
        "target_branch": request.target,
        "source_branch": request.source,
        "author": basic_user(details.author or _GHOST, call.url),
        "source_project_id": project.id,
        "target_project_id": project.id,
        "labels": sorted(details.labels),
        "draft": draft,
        "work_in_progress": draft,
        "detailed_merge_status": _merge_status(request, draft, head is not None),
        "sha": head.id if head else None,
        "force_remove_source_branch": details.remove_source_branch,
        "squash": details.squash,
        "reference": f"!{request.iid}",
        "references": {
            "short": f"!{request.iid}", "relative": f"!{request.iid}", "full": f"{project.path}!{request.iid}"
        },
        "web_url": f"{path}/-/merge_requests/{request.iid}",
    }  # fmt: skip


def _detail(call: Call, request: MergeRequest) -> dict[str, Any]:
    """Show one by itself, with what lists leave out."""
    project, repository = call.project, repository_of(call.world, call.project)
    head, target = repository.heads.get(request.source), repository.heads.get(request.target)
    base = repository.merge_base(head, target) if head and target else None
    refs = None
    if head and target and base:
        refs = {"base_sha": base.id, "head_sha": head.id, "start_sha": target.id}
    can_merge = may_merge(call.world, call.identity.user, project, request.target)
    return _show(call, request) | {"diff_refs": refs, "user": {"can_merge": can_merge}}


def _merge_status(request: MergeRequest, draft: bool, has_source: bool) -> str:
    if request.state != "opened":
        return "not_open"
    if not has_source:
        return "broken_status"
    return "draft_status" if draft else "mergeable"


def _index(call: Call) -> Response:
    found = [request for request in call.project.merge_requests if _is_sought(call, request)]
    changed = call.params.get("order_by") == "updated_at"

    def key(request: MergeRequest) -> tuple[datetime, int]:
        details = _details(call, request)
        return details.changed if changed else details.made, request.iid

    found.sort(key=key, reverse=call.params.get("sort") != "asc")
    return paged(call, found, lambda request: _show(call, request))


def _is_sought(call: Call, request: MergeRequest) -> bool:
    params = call.params
    state = params.get("state") or "all"
    words = (params.get("search") or "").lower()
    author = params.get("author_id")
    numbers = [int(number) for number in params.get("iids") or [] if number.isdigit()]
    return all(
        (
            state in ("all", request.state),
            params.get("source_branch") in (None, request.source),
            params.get("target_branch") in (None, request.target),
            words in f"{request.title} {_details(call, request).description or ''}".lower(),
            author in (None, (_details(call, request).author or _GHOST).id),
            not params.get("iids") or request.iid in numbers,
        )
    )


def _named(call: Call) -> MergeRequest:
    for request in call.project.merge_requests:
        if request.iid == call.params["merge_request_iid"]:
            return request
    raise not_found()


def _one(call: Call) -> Response:
    return json_reply(_detail(call, _named(call)))


def _validated(call: Call, wanted: MergeRequest) -> None:
    """Refuse as `handle_merge_request_errors!` does: conflicts of branches before everything else."""
    if wanted.source == wanted.target:
        raise message(422, [SAME_BRANCH])
    for other in call.project.merge_requests:
        same = (other.source, other.target) == (wanted.source, wanted.target)
        if same and other.state == "opened" == wanted.state and other.iid != wanted.iid:
            raise message(409, [ANOTHER.format(iid=other.iid)])
    if not wanted.title.strip():
        raise model_invalid({"title": ["can't be blank"]})
    if len(wanted.title) > LONGEST_TITLE:
        raise model_invalid({"title": [f"is too long (maximum is {LONGEST_TITLE} characters)"]})


def _create(call: Call) -> Response:
    params, project, now = call.params, call.project, call.world.now()
    if call.role < Role.DEVELOPER:
        raise forbidden()
    if params.get("target_project_id") not in (None, project.id):
        raise not_found("Project")
    wanted = MergeRequest(source=params["source_branch"], target=params["target_branch"], title=params["title"] or "")
    _validated(call, wanted)
    missing = {wanted.source, wanted.target} - repository_of(call.world, project).heads.keys()
    if missing:
        raise not_simulated("merge requests of branches that do not exist")
    wanted.iid = max((request.iid for request in project.merge_requests), default=0) + 1
    project.merge_requests.append(wanted)
    details = _details(call, wanted)
    details.made = details.changed = now
    details.author = call.user
    _describe(call, details)
    return json_reply(_detail(call, wanted), 201)


def _describe(call: Call, details: _Details) -> None:
    params = call.params
    if "description" in params:
        details.description = params["description"]
    if params.get("labels") is not None:
        details.labels = params["labels"]
    if params.get("remove_source_branch") is not None:
        details.remove_source_branch = params["remove_source_branch"]
    if params.get("squash") is not None:
        details.squash = params["squash"]


def _update(call: Call) -> Response:
    request, params = _named(call), call.params
    details = _details(call, request)
    if call.role < Role.DEVELOPER and details.author is not call.user:
        raise forbidden()
    states = {"close": "closed", "reopen": "opened"}
    asked = states.get(params.get("state_event") or "", request.state)
    wanted = MergeRequest(
        iid=request.iid,
        source=request.source,
        target=params.get("target_branch") or request.target,
        title=request.title if params.get("title") is None else params["title"],
        state=request.state if request.state in ("merged", "locked") else asked,  # type: ignore[arg-type]  # by name
    )
    _validated(call, wanted)
    request.target, request.title, request.state = wanted.target, wanted.title, wanted.state
    details.changed = call.world.now()
    _describe(call, details)
    return json_reply(_detail(call, request))


def _delete(call: Call) -> Response:
    request = _named(call)
    if role_in(call.world, call.user, call.project) < Role.OWNER:
        raise forbidden()
    call.project.merge_requests.remove(request)
    return empty()


_EVERY, _ONE = "/projects/<id>/merge_requests", "/projects/<id>/merge_requests/<merge_request_iid>"
_IID = requires("merge_request_iid", "integer")
_OPTIONAL = (
    optional("description"),
    optional("labels", "strings"),
    optional("remove_source_branch", "boolean"),
    optional("squash", "boolean"),
)
_UNSIMULATED = (
    "assignee_id", "assignee_ids", "reviewer_ids", "milestone_id", "add_labels", "remove_labels", "merge_after",
)  # fmt: skip
_LIST = declare(
    optional("state", values=STATES),
    optional("source_branch"),
    optional("target_branch"),
    optional("search"),
    optional("author_id", "integer"),
    optional("iids", "strings"),
    optional("order_by", values=("created_at", "updated_at")),
    optional("sort", values=("asc", "desc")),
    optional("scope", values=("all",)),
    unsimulated=("labels", "milestone", "author_username", "assignee_id", "reviewer_id", "created_after", "wip", "in"),
)
_NEW = declare(
    requires("title"),
    requires("source_branch"),
    requires("target_branch"),
    optional("target_project_id", "integer"),
    *_OPTIONAL,
    unsimulated=_UNSIMULATED,
)
_CHANGE = declare(
    _IID,
    optional("title"),
    optional("target_branch"),
    optional("state_event", values=("close", "reopen")),
    *_OPTIONAL,
    unsimulated=_UNSIMULATED,
)


def _route(method: str, rule: str, handler: Any, params: Any) -> Route:
    return Route(
        method=method,
        rule=rule,
        handler=handler,
        params=params,
        anonymous=method == "GET",
        guard=_require_reading,
        noun="merge_request",
    )


routes = [
    _route("GET", _EVERY, _index, _LIST),
    _route("POST", _EVERY, _create, _NEW),
    _route("GET", _ONE, _one, declare(_IID)),
    _route("PUT", _ONE, _update, _CHANGE),
    _route("DELETE", _ONE, _delete, declare(_IID)),
]
