"""Each engine's build job, with what stands in for the part of it that cannot be had: see `job_images.REPLACED`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.run.company import APP, TOKENS, Company, answers_file, commit, repository
from tests.real.run.engine import Engine
from tests.real.run.engines import IMAGES, runner_for
from tests.real.run.registries import Registry

pytestmark = pytest.mark.real
READER = f"dev:{TOKENS['dev']}"


@pytest.mark.parametrize("engine", IMAGES)
def test_the_build_job_pushes_what_it_built(
    engine: str, gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path: Path
) -> None:
    gitlab.start_from()
    answers = answers_file({"project": APP, "build": {"engine": engine, "tags": []}})
    dockerfile = f"FROM scratch\nCOPY README.md /{engine}\nUSER 1000\n"
    files = {"Dockerfile": dockerfile, "README.md": "# app\n", ".gitlab/registry-wizard.yml": answers}
    repo = repository(tmp_path / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    runner = runner_for(engine, docker, repo, (gitlab.registry.address, elsewhere.address))
    commit(repo, "Set the registry up")
    done = runner.run("registry-image-build", gitlab.start_job())
    assert done.code == 0, done.log
    handed = runner.handed_over()
    digest = gitlab.registry.digest(f"{APP}:{done.job.variables['CI_COMMIT_SHA']}", READER)
    assert handed == {"REGISTRY_IMAGE": f"{gitlab.registry.address}/{APP}@{digest}", "REGISTRY_IMAGE_DIGEST": digest}
