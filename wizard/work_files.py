"""The repository's files as they stand in the work tree."""

from __future__ import annotations

from dataclasses import replace

from wizard import layout
from wizard.answers import Answers
from wizard.changes.file import blob_id, blob_ids
from wizard.errors import UsageError
from wizard.gateways.work_tree import WorkTree
from wizard.generate.detection import detect, wanted
from wizard.generate.owned import Ownership, ownership
from wizard.state import FileState, Remembered, RepositoryState


def work_tree_repository(tree: WorkTree | None, answers: Answers, remembered: Remembered) -> RepositoryState:
    """Read what a delivery into the work tree needs."""
    if tree is None:
        raise UsageError(
            "no-work-tree",
            "the files go into a git work tree, and there is none here",
            "Run inside the project's clone, name it with --repo, or deliver by API: --set delivery.mode=branch.",
        )
    paths = layout.writable(answers)
    uncommitted, left_out, ignored = tree.uncommitted(paths), tree.left_out(paths), tree.ignored(paths)
    named = layout.manifests(answers)
    contents = {path: (tree.read(path) or b"") if path in named or wanted(path) else b"" for path in tree.paths()}
    detection = detect(contents, named)
    return RepositoryState(
        files={
            path: replace(
                _left_out(path) if path in left_out else _file(tree, path, path in uncommitted, remembered),
                ignored=path in ignored,
            )
            for path in paths
        },
        detection=detection,
        sources=blob_ids((found.path for found in detection.workloads), contents),
    )


def _left_out(path: str) -> FileState:
    """Return a file that nobody here has seen: what would be written in its place would undo it in the next commit."""
    return FileState(path, obstacle=f"{path} is in the repository, but this sparse checkout leaves it out")


def _file(tree: WorkTree, path: str, uncommitted: bool, remembered: Remembered) -> FileState:
    obstacle = tree.obstacle(path)
    content = None if obstacle and "read-only" not in obstacle else tree.read(path)
    remembered_blob = remembered.blobs.get(f"file:{path}")
    sealed = content is not None and ownership(content) is Ownership.INTACT
    return FileState(
        path=path,
        content=content,
        uncommitted=uncommitted,
        ours=content is not None and (sealed or blob_id(content) == remembered_blob),
        obstacle=obstacle,
    )
