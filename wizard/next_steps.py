"""What to do after an apply: where the files go from here, and how it is checked, finished or taken back."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from urllib.parse import quote

from wizard.change import Change, Plan


def next_steps(plan: Plan, done: Collection[str], left: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each step as a word for it and the command or the address; `done` and `left` are ids of changes."""
    yield from _files(plan, [change for change in plan.pending if change.id in done])
    if left:
        yield "Go on", "registry-wizard  (makes what is left; what stands already stays)"
    if done:
        yield "Check again", "registry-wizard doctor"
        yield "Take back", "registry-wizard undo"


def _files(plan: Plan, written: list[Change]) -> Iterator[tuple[str, str]]:
    by_kind = {change.kind: change for change in plan.changes}
    files = [change.target for change in written if change.kind == "file"]
    at = f"{plan.url}/{plan.project}/-/merge_requests"
    if "merge-request" in by_kind:
        branch = str((by_kind["merge-request"].after or {}).get("source_branch", ""))
        yield "Merge", f"{at}?scope=all&state=opened&source_branch={quote(branch, safe='')}"
    elif "commit" in by_kind:
        branch = str((by_kind["commit"].after or {}).get("branch", ""))
        yield "Merge", f"{at}/new?merge_request%5Bsource_branch%5D={quote(branch, safe='')}"
    elif files:
        yield "Commit", f"git add {shlex.join(files)} && git commit && git push"
