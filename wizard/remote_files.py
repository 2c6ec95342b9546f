"""The repository's files as they stand on a branch in GitLab, for a delivery through the API."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from wizard import layout
from wizard.answers import Answers
from wizard.changes.delivery import TRAILER
from wizard.changes.file import blob_ids
from wizard.errors import WizardError
from wizard.gateways.gitlab import Api, encoded
from wizard.generate.detection import detect, wanted
from wizard.generate.manifests import is_manifest
from wizard.reading import Reader, present
from wizard.state import DeliveryBranch, FileState, ProjectState, RepositoryState

_MOST_READ = 60
"""Files that are read for detection; each is one request."""


def branch_reads(api: Api, project: ProjectState, name: str) -> dict[str, Callable[[], Any]]:
    """Return the reads that tell where a delivery would start and end."""
    at = f"/projects/{project.id}"
    if project.empty or project.default_branch is None:
        raise WizardError(
            "empty-repository",
            f"{project.path} has no commit yet, so there is nothing to branch from",
            "Push a first commit, or deliver into a clone: delivery.mode: working-tree.",
        )
    if name == project.default_branch:
        raise WizardError("delivery-branch", f"{name} is the default branch", "Name another one: delivery.branch.")
    base = project.default_branch
    return {
        "branch": present(lambda: api.get(f"{at}/repository/branches/{encoded(name)}")),
        "base": lambda: api.get(f"{at}/repository/branches/{encoded(base)}"),
        "merge_requests": lambda: api.rows(
            f"{at}/merge_requests", state="opened", source_branch=name, target_branch=base
        ),
    }


def delivery_branch(name: str, found: Mapping[str, Any]) -> DeliveryBranch:
    """Read the branch; it is ours when its last commit carries our trailer."""
    branch, base = found["branch"], found["base"]
    open_requests = found["merge_requests"]
    if branch is None:
        return DeliveryBranch(name, base=base["commit"]["id"])
    ours = f"{TRAILER}: " in branch["commit"].get("message", "")
    merged = bool(branch.get("merged")) and not open_requests
    if not ours and branch["commit"]["id"] != base["commit"]["id"]:
        raise WizardError(
            "branch-not-ours",
            f"the branch {name} exists and its last commit is not ours",
            "Name another one (delivery.branch), or delete it.",
        )
    return DeliveryBranch(
        name,
        exists=True,
        ours=ours,
        merged=merged,
        head=branch["commit"]["id"],
        base=base["commit"]["id"],
        can_push=bool(branch.get("can_push", True)),
        merge_request=open_requests[0]["iid"] if open_requests else None,
    )


def remote_repository(
    api: Api, reader: Reader, project: ProjectState, branch: DeliveryBranch, answers: Answers
) -> RepositoryState:
    """Read the files from our branch where it stands, else from the default branch."""
    ref = branch.name if branch.exists and branch.ours and not branch.merged else str(project.default_branch)
    at = f"/projects/{project.id}/repository"
    tree = api.rows(f"{at}/tree", ref=ref, recursive=True)
    names = [entry["path"] for entry in tree if entry["type"] == "blob"]
    kinds = {entry["path"]: entry for entry in tree}
    ours = layout.writable(answers)
    named = layout.manifests(answers)
    # Manifests may be many: what tells how to build comes before them.
    others = sorted(filter(wanted, names), key=is_manifest)[:_MOST_READ]
    needed = dict.fromkeys([*(path for path in (*ours, *sorted(named)) if path in kinds), *others])
    found = reader.together({path: _reading(api, at, path, ref) for path in needed})
    contents = {path: base64.b64decode(found[path]["content"]) if found.get(path) else b"" for path in names}
    files = {path: _file(path, kinds, found.get(path), contents.get(path)) for path in ours}
    detection = detect(contents, named)
    sources = blob_ids((workload.path for workload in detection.workloads), contents)
    return RepositoryState(files=files, detection=detection, branch=branch, sources=sources)


def _reading(api: Api, at: str, path: str, ref: str) -> Callable[[], Any]:
    return present(lambda: api.get(f"{at}/files/{encoded(path)}", ref=ref))


def _file(path: str, kinds: Mapping[str, Any], found: Any, content: bytes | None) -> FileState:
    entry = kinds.get(path)
    if entry is None:
        blocking = next((part for part in _parents(path) if kinds.get(part, {}).get("type") == "blob"), None)
        return FileState(path, obstacle=f"{blocking} is a file, not a folder" if blocking else None)
    if entry["type"] != "blob" or entry.get("mode") == "120000":
        return FileState(path, obstacle=f"{path} is not a plain file")
    return FileState(path, content, last_commit_id=found["last_commit_id"] if found else None)


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]
