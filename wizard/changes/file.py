"""Files of the repository, delivered into the work tree: all of one plan together, or none."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wizard.change import Change
from wizard.changes.kind import Hands, Left, Outcome, Seen, moved
from wizard.errors import WizardError
from wizard.gateways.work_tree import WorkTree

WORK_TREE = "work-tree"
"""`via` of files that are written into the work tree."""


def blob_id(content: bytes | None) -> str | None:
    """Return git's object id of a file's content; None where there is no file."""
    if content is None:
        return None
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def blob_ids(paths: Iterable[str], contents: Mapping[str, bytes]) -> dict[str, str]:
    """Return git's object ids of the files at `paths`, which are all there."""
    return {path: str(blob_id(contents[path])) for path in paths}


def content_of(change: Change) -> bytes:
    """Return the whole content that the change writes."""
    return base64.b64decode(change.inputs["content"])


def check_sources(change: Change, found: Callable[[str], str | None]) -> None:
    """Raise StaleError where a file that the change was made from has another blob id; `found` returns it by path."""
    for path, blob in change.expects.get("sources", {}).items():
        if found(path) != blob:
            raise moved(change, f"{path}, on which it builds, changed")


class Files:
    """Writes the files of one delivery."""

    def observe(self, change: Change, hands: Hands) -> Seen:
        """Compare the file with what the plan saw, by its git blob id."""
        found = blob_id(_tree(hands).read(change.target))
        if found == blob_id(content_of(change)):
            return Seen.AS_WANTED
        if found != change.expects["blob"]:
            raise moved(change, "the file changed")
        check_sources(change, lambda path: blob_id(_tree(hands).read(path)))
        return Seen.AS_EXPECTED

    def foresee(self, change: Change, hands: Hands) -> Mapping[str, Any]:
        """Keep what is there now, and how ours is known."""
        return {"blob": blob_id(content_of(change)), "previous": _text(_tree(hands).read(change.target))}

    def perform(self, changes: Sequence[Change], hands: Hands) -> list[Outcome]:
        """Write them all."""
        tree = _tree(hands)
        foreseen = [self.foresee(change, hands) for change in changes]
        for change, undo in zip(changes, foreseen, strict=True):
            if blob_id(_bytes(undo["previous"])) != change.expects["blob"]:
                raise moved(change, "the file changed")
        tree.write_all({change.target: content_of(change) for change in changes})
        return [Outcome("created" if undo["previous"] is None else "updated", undo) for undo in foreseen]

    def revert(self, change: Change, undo: Mapping[str, Any], hands: Hands) -> Left | None:
        """Put the previous content back, if the file is still as we wrote it."""
        tree = _tree(hands)
        previous = _bytes(undo["previous"])
        found = blob_id(tree.read(change.target))
        if found == blob_id(previous):
            return None
        if found != undo["blob"]:
            return Left(f"{change.target} was edited since; left as it is")
        tree.write_all({change.target: previous})
        return None


def _text(content: bytes | None) -> str | None:
    return base64.b64encode(content).decode() if content is not None else None


def _bytes(text: str | None) -> bytes | None:
    return base64.b64decode(text) if text is not None else None


def _tree(hands: Hands) -> WorkTree:
    if hands.work_tree is None:
        raise WizardError(
            "no-work-tree", "this plan writes into a git work tree, and there is none here", "Use --repo."
        )
    return hands.work_tree
