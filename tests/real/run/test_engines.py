"""Each engine's build job, with what stands in for the part of it that cannot be had: see `job_images.REPLACED`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.real import oci
from tests.real.run.company import APP, TOKENS, Company, answers_file, commit, repository
from tests.real.run.engine import Engine
from tests.real.run.engines import IMAGES, runner_for
from tests.real.run.registries import Registry

pytestmark = pytest.mark.real
READER = f"dev:{TOKENS['dev']}"


def set_up(gitlab: Company, folder: Path, build: Mapping[str, object]) -> Path:
    """Have the wizard set up a project that builds so; returns its repository."""
    gitlab.start_from()
    answers = answers_file({"project": APP, "build": {"tags": [], **build}})
    dockerfile = "FROM scratch\nCOPY README.md /\nUSER 1000\n"
    files = {"Dockerfile": dockerfile, "README.md": f"# {build}\n", ".gitlab/registry-wizard.yml": answers}
    repo = repository(folder / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    return repo


@pytest.mark.parametrize("engine", IMAGES)
def test_the_build_job_pushes_what_it_built(
    engine: str, gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path: Path
) -> None:
    repo = set_up(gitlab, tmp_path, {"engine": engine})
    runner = runner_for(engine, docker, repo, (gitlab.registry.address, elsewhere.address))
    commit(repo, "Set the registry up")
    done = runner.run("registry-image-build", gitlab.start_job())
    assert done.code == 0, done.log
    handed = runner.handed_over()
    digest = gitlab.registry.digest(f"{APP}:{done.job.variables['CI_COMMIT_SHA']}", READER)
    assert handed == {"REGISTRY_IMAGE": f"{gitlab.registry.address}/{APP}@{digest}", "REGISTRY_IMAGE_DIGEST": digest}


def test_buildah_pushes_every_platform_under_one_digest(
    gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path: Path
) -> None:
    repo = set_up(gitlab, tmp_path, {"engine": "buildah", "platforms": ["linux/amd64", "linux/arm64"]})
    # Not from scratch: buildah before 1.41, such as Debian's, then takes one platform's layers for the other's.
    oci.index(tmp_path / "base")
    gitlab.registry.push(tmp_path / "base", f"{APP}/base:1", f"maint:{TOKENS['maint']}")
    (repo / "Dockerfile").write_text(f"FROM {gitlab.registry.address}/{APP}/base:1\nCOPY README.md /\nUSER 1000\n")
    runner = runner_for("buildah", docker, repo, (gitlab.registry.address, elsewhere.address))
    commit(repo, "Set the registry up")
    done = runner.run("registry-image-build", gitlab.start_job())
    assert done.code == 0, done.log
    pushed = gitlab.registry.manifest(f"{APP}@{runner.handed_over()['REGISTRY_IMAGE_DIGEST']}", READER)
    assert sorted(item["platform"]["architecture"] for item in pushed["manifests"]) == ["amd64", "arm64"]
