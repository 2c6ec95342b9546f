"""The least rights that applying a plan needs: the token's scope, and its owner's role in each project.

Source: GitLab's "Permissions and roles" and "Personal access token scopes".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wizard.change import Change, Plan
from wizard.changes.file import WORK_TREE

_AS_DEVELOPER = frozenset({"file", "commit", "merge-request"})
"""Kinds that a Developer may make; all others need a Maintainer."""


def by_api(change: Change) -> bool:
    """Whether making the change writes to GitLab: a file of the work tree does not."""
    return change.kind != "file" or change.inputs.get("via", WORK_TREE) != WORK_TREE


def rights(plan: Plan) -> Iterator[str]:
    """Yield what applying needs, a line each; nothing where nothing is written to GitLab."""
    written = [change for change in plan.pending if by_api(change)]
    if not written:
        return
    yield "the token's scope `api`"
    highest: dict[str, str] = {}
    for place, kind in _places(written, plan.project):
        if highest.get(place) != "Maintainer":
            highest[place] = "Developer" if kind in _AS_DEVELOPER else "Maintainer"
    for place, role in highest.items():
        yield f"the role {role} in {place}"


def _places(changes: Iterable[Change], project: str) -> Iterator[tuple[str, str]]:
    for change in changes:
        yield (project if change.kind in _AS_DEVELOPER else change.target), change.kind
