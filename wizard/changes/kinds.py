"""Which code stands behind which kind of change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from wizard.change import Change
from wizard.changes.delivery import Commits, MergeRequests
from wizard.changes.deploy_token import DeployTokens
from wizard.changes.file import WORK_TREE, Files
from wizard.changes.job_token import Allowlist, Switch
from wizard.changes.kind import Kind
from wizard.changes.project_settings import CLEANUP, REGISTRY
from wizard.changes.protection_rule import ProtectionRules
from wizard.changes.variable import Variables

_KINDS: dict[str, Kind] = {
    "registry": REGISTRY,
    "cleanup-policy": CLEANUP,
    "variable": Variables(),
    "deploy-token": DeployTokens(),
    "job-token-scope": Switch(),
    "job-token-allowlist": Allowlist(),
    "protection-rule": ProtectionRules(),
    "file": Files(),
    "commit": Commits(),
    "merge-request": MergeRequests(),
}


def kind_of(change: Change) -> Kind:
    """Return the code for a change by its kind; a file that a commit carries is the commit's."""
    if change.kind == "file" and change.inputs.get("via", WORK_TREE) != WORK_TREE:
        return _KINDS["commit"]
    return _KINDS[change.kind]


def together(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Split changes into the groups that are made in one act: the files of one delivery, with its commit."""
    for _, group in groupby(changes, key=lambda change: change.inputs.get("via", change.id)):
        yield tuple(group)
