"""A protected repository: who may push does, and the others' jobs build without, or fail and say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.run.company import APP, TOKENS, Company, answers_file, commit, repository
from tests.real.run.engine import Engine
from tests.real.run.runner import Done, Runner, on_commit

pytestmark = pytest.mark.real
READER = f"dev:{TOKENS['dev']}"


def test_a_rule_lets_maintainers_push_and_others_build(gitlab: Company, docker: Engine, tmp_path: Path) -> None:
    gitlab.start_from({APP: {"files": {"README.md": "# app\n"}, "branches": {"feature": {"from": "main"}}}})
    answers = {
        "project": APP,
        "registry": {"protect": {"push": "maintainer", "delete": "maintainer"}},
        "build": {"engine": "buildah", "tags": []},
    }
    files = {"Dockerfile": "FROM scratch\nCOPY .gitlab /\n", ".gitlab/registry-wizard.yml": answers_file(answers)}
    repo = repository(tmp_path / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    commit(repo, "Set the registry up")
    runner = Runner(docker, repo)

    def build(who: str, ref: str) -> Done:
        return runner.run("registry-image-build", on_commit(gitlab.start_job(started_by=who, ref=ref), repo))

    on_feature, by_dev, by_maint = build("dev", "feature"), build("dev", "main"), build("maint", "main")
    assert on_feature.code == 0, on_feature.log
    assert "built, not pushed" in on_feature.log
    assert by_dev.code != 0
    # Debian's buildah 1.28 ends with 0 and without a word when a manifest list may not be pushed.
    assert "the push told no digest" in by_dev.log
    assert by_maint.code == 0, by_maint.log
    pushed = gitlab.registry.digest(f"{APP}:{by_maint.job.variables['CI_COMMIT_SHA']}", READER)
    assert pushed == runner.handed_over()["REGISTRY_IMAGE_DIGEST"]
