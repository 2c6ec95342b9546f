"""Work trees that show less than the repository holds: nothing that was not seen is written over."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.core.live import FILES, Setup, git_repository
from wizard.change import Change, Plan

PIPELINE = ".gitlab-ci.yml"
OURS = ".gitlab/ci/registry.gitlab-ci.yml"
THEIRS = "stages: [test]\nunit:\n  stage: test\n  script: [make test]\n"


def git(repo: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(repo), *args], check=True, capture_output=True, text=True).stdout


def change(plan: Plan, path: str) -> Change:
    return next(change for change in plan.changes if change.id == f"file:{path}")


def held(plan: Plan, path: str) -> str:
    """Why a file is not written."""
    conflict = change(plan, path).conflict
    return conflict.message if conflict else ""


def test_a_pipeline_that_a_sparse_checkout_leaves_out_is_not_replaced(building: Setup, tmp_path: Path) -> None:
    repo = building.work_tree = git_repository(
        tmp_path / "sparse", {"Dockerfile": "FROM scratch\nUSER 1\nEXPOSE 80\n", PIPELINE: THEIRS}
    )
    git(repo, "sparse-checkout", "set", "--no-cone", "/Dockerfile")
    session = building.session()
    plan = building.plan(session)
    assert held(plan, PIPELINE) == f"{PIPELINE} is in the repository, but this sparse checkout leaves it out"
    assert building.apply(session, plan).finished.exit == 1
    assert not (repo / PIPELINE).exists()
    assert git(repo, "show", f"HEAD:{PIPELINE}") == THEIRS
    git(repo, "sparse-checkout", "disable")
    session = building.session()
    plan = building.plan(session)
    assert (change(plan, PIPELINE).action, held(plan, PIPELINE)) == ("update", "")


def test_a_file_that_would_lie_in_a_submodule_is_not_written(building: Setup, tmp_path: Path) -> None:
    git_repository(tmp_path / "other")
    repo = building.work_tree = git_repository(tmp_path / "with-submodule", FILES)
    git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), ".gitlab/ci")
    git(repo, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "a submodule")
    plan = building.plan(building.session())
    assert held(plan, OURS) == ".gitlab/ci is a submodule, or another repository"


def test_a_file_that_a_commit_would_leave_out_is_told(building: Setup, tmp_path: Path) -> None:
    repo = building.work_tree = git_repository(tmp_path / "ignoring", FILES)
    (repo / ".gitignore").write_text(".gitlab/ci/\n")
    plan = building.plan(building.session())
    (notice,) = [notice for notice in plan.warnings if notice.code == "file-ignored"]
    assert OURS in notice.message
    assert notice.hint.endswith(f"git add --force {OURS}")
    assert held(plan, OURS) == ""


def test_nothing_is_told_of_a_work_tree_that_shows_all(building: Setup) -> None:
    plan = building.plan(building.session())
    assert [notice.code for notice in plan.warnings if notice.code == "file-ignored"] == []
    assert held(plan, OURS) == held(plan, PIPELINE) == ""
