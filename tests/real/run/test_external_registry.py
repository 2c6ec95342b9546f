"""A project whose images go to a registry of somebody else, by the variables DOCKER_REGISTRY*."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.run.company import APP, Company, answers_file, commit, git, repository
from tests.real.run.engine import Engine
from tests.real.run.registries import PASSWORDS, Registry
from tests.real.run.runner import Runner, run_pipeline

pytestmark = pytest.mark.real
USER, PASSWORD = "robot$ci", PASSWORDS["robot$ci"][0]


def test_images_go_to_the_registry_that_the_variables_name(
    gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path: Path
) -> None:
    gitlab.start_from()
    external = {"host": elsewhere.address, "repository": "team/own", "username": USER, "password": "env:PASSWORD"}
    answers = {
        "project": APP,
        "registry": {"target": "external", "external": external},
        "build": {"engine": "buildah", "tags": ["latest"]},
    }
    files = {"Dockerfile": "FROM scratch\nCOPY .gitlab /\n", ".gitlab/registry-wizard.yml": answers_file(answers)}
    repo = repository(tmp_path / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo, PASSWORD=PASSWORD)
    assert applied.code == 0, applied.err
    commit(repo, "Set the registry up")
    runner = Runner(docker, repo)
    jobs = run_pipeline(gitlab, runner)
    assert {name: done.log for name, done in jobs.items() if done.code} == {}
    digest = runner.handed_over()["REGISTRY_IMAGE_DIGEST"]
    there = f"{USER}:{PASSWORD}"
    tags = [git(repo, "rev-parse", "HEAD"), "latest"]
    assert {elsewhere.digest(f"team/own:{tag}", there) for tag in tags} == {digest}
    assert [done.job.token in done.log or PASSWORD in done.log for done in jobs.values()] == [False, False]
