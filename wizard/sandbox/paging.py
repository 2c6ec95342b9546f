"""Pages by offset and by keyset, with GitLab's headers (`doc/api/rest` pagination)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.replies import failure, json_reply

Item = TypeVar("Item")

MOST_PER_PAGE = 100
MOST_COUNTED = 10_000
FARTHEST = 50_000
TOO_FAR = (
    "Offset pagination has a maximum allowed offset of {limit} for requests that return objects of type {kind}. "
    "Remaining records can be retrieved using keyset pagination."
)
_KINDS = {
    "projects": "Project",
    "groups": "Group",
    "subgroups": "Group",
    "descendant_groups": "Group",
    "jobs": "Ci::Build",
}

PAGING = declare(optional("page", "integer"), optional("per_page", "integer"))


def paged(
    call: Call,
    items: Sequence[Item],
    show: Callable[[Item], object],
    keyset: Callable[[Item], int] | None = None,
    *,
    counted: bool = True,
) -> Response:
    """Answer with one page; with `keyset`, an id by which to page, `pagination=keyset` is honoured too.

    Pages are cut before `show` runs. Totals are left out above 10,000 rows, and where GitLab never counts them.
    """
    asked = PAGING.validated(call.request.args.to_dict())
    size = min(max(asked.get("per_page") or 20, 1), MOST_PER_PAGE)
    if keyset is not None and call.request.args.get("pagination") == "keyset":
        return _by_keyset(call, items, show, keyset, size)
    page = max(asked.get("page") or 1, 1)
    if keyset is not None and page * size > FARTHEST:
        raise failure(405, {"error": TOO_FAR.format(limit=FARTHEST, kind=_KINDS[call.route.rule.rpartition("/")[2]])})
    total, pages = len(items), max(-(-len(items) // size), 1)
    following = page + 1 if page < pages else None
    before = page - 1 if page > 1 else None
    links = {"prev": before, "next": following, "first": 1, "last": pages}
    headers = {
        "x-page": str(page),
        "x-per-page": str(size),
        "x-next-page": str(following or ""),
        "x-prev-page": str(before or ""),
    }
    if total > MOST_COUNTED or not counted:
        del links["last"]
    else:
        headers |= {"x-total": str(total), "x-total-pages": str(pages)}
    headers["Link"] = ", ".join(
        f'<{_address(call, page=number, per_page=size)}>; rel="{name}"' for name, number in links.items() if number
    )
    return json_reply([show(item) for item in items[(page - 1) * size : page * size]], headers=headers)


def _by_keyset(
    call: Call, items: Sequence[Item], show: Callable[[Item], object], keyset: Callable[[Item], int], size: int
) -> Response:
    descending = call.request.args.get("sort", "desc") != "asc"
    rows = sorted(items, key=keyset, reverse=descending)
    after = call.request.args.get("id_before" if descending else "id_after", type=int)
    if after is not None:
        rows = [item for item in rows if (keyset(item) < after if descending else keyset(item) > after)]
    shown = rows[:size]
    headers = {}
    if len(rows) > size:
        marker = {"id_before" if descending else "id_after": keyset(shown[-1])}
        headers["Link"] = f'<{_address(call, per_page=size, **marker)}>; rel="next"'
    return json_reply([show(item) for item in shown], headers=headers)


def _address(call: Call, **changed: Any) -> str:
    query = {name: value for name, value in call.request.args.items(multi=True) if name not in changed}
    query.pop("private_token", None)
    return f"{call.url}{call.request.path}?{urlencode({**query, **changed})}"
