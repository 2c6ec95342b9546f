"""Files and folders of a repository, to read (`lib/api/files.rb`, `lib/api/repositories.rb`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.git.objects import Commit, Entry, File, trees
from wizard.sandbox.git.protection import require_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.paging import MOST_PER_PAGE, paged
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import json_reply, not_found, parameters_invalid
from wizard.sandbox.routing import Route


def _commit(call: Call, what: str = "Commit") -> Commit:
    found = repository_of(call.world, call.project).resolve(call.params.get("ref"))
    if found is None:
        raise not_found(what)
    return found


def _found(call: Call) -> tuple[str, File, dict[str, Any]]:
    """Return the path, the file, and all that is known of it beside its content."""
    path = call.arguments["file_path"]
    if path.startswith("/") or ".." in path.split("/"):
        raise parameters_invalid(["file_path should be a valid file path"])
    commit = _commit(call)
    file = commit.files.get(path)
    if file is None:
        raise not_found("File")
    last = repository_of(call.world, call.project).last_change(commit, path) or commit
    about = {
        "file_name": path.rpartition("/")[2],
        "file_path": path,
        "size": len(file.content),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(file.content).hexdigest(),
        "ref": call.params.get("ref") or "HEAD",
        "blob_id": file.id,
        "commit_id": commit.id,
        "last_commit_id": last.id,
        "execute_filemode": file.executable,
    }
    return path, file, about


def _headers(about: dict[str, Any]) -> dict[str, str]:
    names = {name: "-".join(part.capitalize() for part in name.split("_")) for name in about}
    return {f"X-Gitlab-{names[name]}": str(value).lower() if value in (True, False) else str(value)
            for name, value in about.items()}  # fmt: skip


def _show(call: Call) -> Response:
    _, file, about = _found(call)
    body = about | {"content": base64.b64encode(file.content).decode()}
    return json_reply(body, headers=_headers(about))


def _raw(call: Call) -> Response:
    _, file, about = _found(call)
    return Response(file.content, 200, _headers(about), content_type="text/plain; charset=utf-8")


def _blob(call: Call) -> File:
    commits = repository_of(call.world, call.project).commits.values()
    wanted = call.arguments["sha"]
    found = (file for commit in commits for file in commit.files.values() if file.id == wanted)
    file = next(found, None)
    if file is None:
        raise not_found("Blob")
    return file


def _show_blob(call: Call) -> Response:
    file = _blob(call)
    content = base64.b64encode(file.content).decode()
    return json_reply({"size": len(file.content), "encoding": "base64", "content": content, "sha": file.id})


def _raw_blob(call: Call) -> Response:
    return Response(_blob(call).content, content_type="text/plain; charset=utf-8")


def _tree(call: Call) -> Response:
    commit = _commit(call, "Tree")
    folder = (call.params.get("path") or "").strip("/")
    found = trees(commit.files)
    if folder not in found:
        raise not_found("invalid revision or path")
    entries = _walked(found, folder) if call.params.get("recursive") else found[folder][1]
    if call.params.get("pagination") == "keyset":
        return _by_keyset(call, entries)
    return paged(call, entries, _show_entry)


def _walked(found: dict[str, tuple[str, list[Entry]]], folder: str) -> list[Entry]:
    walked: list[Entry] = []
    for entry in found[folder][1]:
        walked.append(entry)
        if entry.is_tree:
            walked += _walked(found, entry.path)
    return walked


def _show_entry(entry: Entry) -> dict[str, str]:
    kind = "tree" if entry.is_tree else "blob"
    return {"id": entry.id, "name": entry.name, "type": kind, "path": entry.path, "mode": entry.mode}


def _by_keyset(call: Call, entries: list[Entry]) -> Response:
    """Page by the last path shown; the token is opaque to clients, as Gitaly's is."""
    size = min(max(call.params.get("per_page") or 20, 1), MOST_PER_PAGE)
    after = _path_of(call.params.get("page_token") or "")
    if after:
        paths = [entry.path for entry in entries]
        if after not in paths:
            raise not_found("invalid revision or path")
        entries = entries[paths.index(after) + 1 :]
    headers = {}
    if len(entries) > size:
        token = base64.urlsafe_b64encode(json.dumps({"file_name": entries[size - 1].path}).encode()).decode()
        query = {name: value for name, value in call.request.args.items() if name != "private_token"}
        address = f"{call.url}{call.request.path}?{urlencode({**query, 'page_token': token})}"
        headers["Link"] = f'<{address}>; rel="next"'
    return json_reply([_show_entry(entry) for entry in entries[:size]], headers=headers)


def _path_of(token: str) -> str:
    try:
        return str(json.loads(base64.urlsafe_b64decode(token))["file_name"]) if token else ""
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise parameters_invalid(["page_token is invalid"]) from None


_FILE = "/projects/<id>/repository/files/<file_path>"
_BLOB = "/projects/<id>/repository/blobs/<sha>"
_TREE = declare(
    optional("ref"),
    optional("path"),
    optional("recursive", "boolean"),
    optional("pagination", values=("legacy", "keyset", "none")),
    optional("page_token"),
    optional("per_page", "integer"),
)


def _route(rule: str, handler: Any, params: Any) -> Route:
    return Route(
        method="GET",
        rule=rule,
        handler=handler,
        params=params,
        anonymous=True,
        guard=require_code,
        scopes=("api", "read_api", "read_repository") if "/files/" in rule else (),
        noun="repository",
    )


routes = [
    _route(_FILE, _show, declare(requires("ref", blank=False))),
    _route(f"{_FILE}/raw", _raw, declare(optional("ref"), unsimulated=("lfs",))),
    _route(_BLOB, _show_blob, declare()),
    _route(f"{_BLOB}/raw", _raw_blob, declare()),
    _route("/projects/<id>/repository/tree", _tree, _TREE),
]
