"""The run: the wizard sets a fresh project up, then the jobs of its pipelines run from the files that it wrote."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.real.run.company import APP, TOKENS, Company, Ran, answers_file, commit, git, repository
from tests.real.run.engine import Engine
from tests.real.run.processes import Watch
from tests.real.run.registries import PASSWORDS, Registry
from tests.real.run.runner import Done, Runner, run_pipeline

pytestmark = pytest.mark.real
PASSWORD = PASSWORDS["robot$ci"][0]
READER = f"dev:{TOKENS['dev']}"
THERE = f"AWS:{PASSWORDS['AWS'][0]}"
ANSWERS: Mapping[str, object] = {
    "project": APP,
    "build": {"engine": "buildah", "tags": ["branch", "latest", "semver", "iid"]},
}
DOCKERFILE = "FROM scratch\nCOPY README.md /\nUSER 1000\n"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline that ran."""

    commit: str
    jobs: Mapping[str, Done]
    """In the order in which they ran."""
    digest: str
    """Of the image that the build handed over."""

    @property
    def number(self) -> str:
        return next(iter(self.jobs.values())).job.variables["CI_PIPELINE_IID"]


@dataclass(frozen=True)
class Project:
    """A project that the wizard set up, and the pipelines that ran in it."""

    repo: Path
    applied: Ran
    branch: Pipeline
    """Of the default branch, traced: the runner shows every command."""
    release: Pipeline
    """Of the tag v1.2.3."""
    command_lines: frozenset[str]
    """Of the processes in containers while the branch's pipeline ran."""


@pytest.fixture(scope="module")
def project(gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Project:
    gitlab.start_from({APP: {"files": {"README.md": "# app\n"}, "tags": {"v1.2.3": "main"}}})
    mirror = {"registry": elsewhere.address, "username": "robot$ci", "password": "env:PASSWORD"}
    answers = {
        **ANSWERS,
        "mirror": [
            {"to": "harbor", "repository": "team/app", "when": "default-branch", **mirror},
            {"to": "generic", "repository": "plain/app", "when": "tag", **mirror},
        ],
    }
    files = {"Dockerfile": DOCKERFILE, "README.md": "# app\n", ".gitlab/registry-wizard.yml": answers_file(answers)}
    repo = repository(tmp_path_factory.mktemp("run") / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo, PASSWORD=PASSWORD)
    runner = Runner(docker, repo)
    commit(repo, "Set the registry up")
    with Watch() as watch:
        branch = ran(gitlab, replace(runner, variables={"CI_DEBUG_TRACE": "true"}), "main")
    commit(repo, "Release")
    return Project(repo, applied, branch, ran(gitlab, runner, "v1.2.3"), frozenset(watch.seen))


def ran(gitlab: Company, runner: Runner, ref: str) -> Pipeline:
    jobs = run_pipeline(gitlab, runner, ref)
    assert {name: done.log for name, done in jobs.items() if done.code} == {}
    return Pipeline(git(runner.repo, "rev-parse", "HEAD"), jobs, runner.handed_over()["REGISTRY_IMAGE_DIGEST"])


def test_the_wizard_sets_the_project_up_and_proves_it(project: Project) -> None:
    assert project.applied.code == 0, project.applied.err
    assert "not ok" not in project.applied.out


def test_each_pipeline_runs_the_jobs_that_it_should(project: Project) -> None:
    assert list(project.branch.jobs) == ["registry-image-build", "registry-image-publish", "registry-mirror-harbor"]
    assert list(project.release.jobs) == ["registry-image-build", "registry-image-publish", "registry-mirror-generic"]


def test_every_promised_tag_is_the_built_digest(project: Project, gitlab: Company) -> None:
    branch, release = project.branch, project.release
    assert branch.digest != release.digest
    wanted = {
        **dict.fromkeys((branch.commit, "main", "latest", branch.number), branch.digest),
        **dict.fromkeys((release.commit, "1.2.3", "1.2", release.number), release.digest),
    }
    assert {tag: gitlab.registry.digest(f"{APP}:{tag}", READER) for tag in wanted} == wanted


def test_a_mirror_has_the_same_digest(project: Project, elsewhere: Registry) -> None:
    assert elsewhere.digest(f"team/app:{project.branch.commit}", THERE) == project.branch.digest
    assert elsewhere.digest("plain/app:v1.2.3", THERE) == project.release.digest


def test_the_token_of_a_job_that_ended_is_worth_nothing(project: Project, gitlab: Company) -> None:
    token = project.branch.jobs["registry-image-build"].job.token
    assert gitlab.registry.digest(f"{APP}:main", f"gitlab-ci-token:{token}") is None
    assert gitlab.registry.digest(f"{APP}:main", READER) == project.branch.digest


def test_nobody_without_a_role_sees_the_image(project: Project, gitlab: Company) -> None:
    assert gitlab.registry.digest(f"{APP}:main", f"outsider:{TOKENS['outsider']}") is None


def test_a_second_run_changes_nothing(project: Project, gitlab: Company) -> None:
    planned = gitlab.wizard("plan", "--detailed-exitcode", repo=project.repo, PASSWORD=PASSWORD)
    assert planned.code == 0, planned.out


def secrets(project: Project) -> list[str]:
    """Return what nobody may see: each secret as it is, and as a log-in file holds it."""
    jobs = [*project.branch.jobs.values(), *project.release.jobs.values()]
    log_ins = [f"gitlab-ci-token:{done.job.token}" for done in jobs] + [f"robot$ci:{PASSWORD}"]
    encoded = [base64.b64encode(text.encode()).decode() for text in log_ins]
    return [PASSWORD, *TOKENS.values(), *(done.job.token for done in jobs), *encoded]


def test_no_log_holds_a_secret(project: Project) -> None:
    traced = [done.log for done in project.branch.jobs.values()]
    assert all("> + set -eu" in log for log in traced)
    logs = "".join([*traced, *(done.log for done in project.release.jobs.values())])
    shown = logs + project.applied.out + project.applied.err
    assert [secret for secret in secrets(project) if secret in shown] == []


def test_no_command_line_holds_a_secret(project: Project) -> None:
    seen = "\n".join(project.command_lines)
    assert "login --username gitlab-ci-token --password-stdin" in seen
    assert [secret for secret in secrets(project) if secret in seen] == []
