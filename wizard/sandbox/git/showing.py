"""Commits and differences as GitLab's API shows them (`lib/api/entities/commit.rb`, `.../diff.rb`)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from wizard.sandbox.git.objects import Commit, File, Files
from wizard.sandbox.schema import Project
from wizard.sandbox.world import World

_NOTHING = File(b"")


def show_commit(world: World, project: Project, commit: Commit) -> dict[str, Any]:
    """Show a commit as it stands in lists and branches."""
    author, committer, trailers = commit.author, commit.committer, _trailers(commit.message)
    return {
        "id": commit.id,
        "short_id": commit.id[:8],
        "created_at": _date(committer.at),
        "parent_ids": list(commit.parents),
        "title": commit.message.partition("\n")[0],
        "message": commit.message,
        "author_name": author.name,
        "author_email": author.email,
        "authored_date": _date(author.at),
        "committer_name": committer.name,
        "committer_email": committer.email,
        "committed_date": _date(committer.at),
        "trailers": {name: values[-1] for name, values in trailers.items()},
        "extended_trailers": trailers,
        "web_url": f"{world.addresses.url}/{project.path}/-/commit/{commit.id}",
    }


def _trailers(message: str) -> dict[str, list[str]]:
    """Read the `Name: value` lines that end a message (`git interpret-trailers`)."""
    paragraphs = message.strip().split("\n\n")
    lines = paragraphs[-1].split("\n") if len(paragraphs) > 1 else []
    found: dict[str, list[str]] = {}
    for parts in (re.fullmatch(r"([A-Za-z0-9-]+):\s*(.*)", line) for line in lines):
        if parts is None:
            return {}
        found.setdefault(parts[1], []).append(parts[2])
    return found


def _date(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat(timespec="milliseconds")


def stats(before: Files, after: Files) -> dict[str, int]:
    """Count added and removed lines."""
    shown = [line for difference in differences(before, after) for line in difference["diff"].split("\n")]
    lines = [line for line in shown if line.startswith(("+", "-"))]
    added = sum(line.startswith("+") for line in lines)
    return {"additions": added, "deletions": len(lines) - added, "total": len(lines)}


def differences(before: Files, after: Files) -> list[dict[str, Any]]:
    """Show what changed between two trees, by path; a file that only changed its place is renamed."""
    gone = {path: file for path, file in before.items() if path not in after}
    shown = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new or path in gone:
            continue
        source = next((name for name, file in gone.items() if old is None and file == new), None)
        if source is not None:
            old = gone.pop(source)
        shown.append(_difference(source or path, path, old, new))
    shown += [_difference(path, path, file, None) for path, file in gone.items()]
    return sorted(shown, key=lambda diff: str(diff["new_path"]))


def _difference(old_path: str, new_path: str, old: File | None, new: File | None) -> dict[str, Any]:
    return {
        "diff": "".join(_hunks((old or _NOTHING).content, (new or _NOTHING).content)),
        "collapsed": False,
        "too_large": False,
        "new_path": new_path,
        "old_path": old_path,
        "a_mode": old.mode if old else "0",
        "b_mode": new.mode if new else "0",
        "new_file": old is None,
        "renamed_file": old_path != new_path,
        "deleted_file": new is None,
        "generated_file": False,
    }


def _hunks(before: bytes, after: bytes) -> Iterator[str]:
    lines = list(difflib.unified_diff(_lines(before), _lines(after), n=3))
    for line in lines[2:]:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    text = content.decode()
    lines = [line + "\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else [*lines[:-1], lines[-1][:-1]]
