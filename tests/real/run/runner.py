"""gitlab-ci-local as the runner: it reads the generated pipeline, decides which jobs run, each in a container."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from tests.real.programs import gitlab_ci_local
from tests.real.run.company import APP, Company, Job, git
from tests.real.run.engine import Engine
from tests.real.run.job_images import HELPER

_FROM_GIT = ("CI_COMMIT_BRANCH", "CI_COMMIT_TAG")
"""gitlab-ci-local reads these from the work tree where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Done:
    """A job that ended: its exit code, its log, and the variables that it had."""

    code: int
    log: str
    job: Job


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the jobs of one repository."""

    engine: Engine
    repo: Path
    mounts: Sequence[str] = ()
    """Further mounts of a job's container, as `docker run --volume`."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What this runner gives its jobs, over what GitLab gives them."""

    def jobs(self, job: Job) -> list[str]:
        """Return the jobs that a pipeline with these variables runs by itself, in the order of its stages."""
        code, out = self._run(job, "--list-json")
        assert code == 0, out
        listed = json.loads(out[out.index("[\n") :])
        return [item["name"] for item in listed if item["when"] not in ("never", "manual")]

    def run(self, name: str, job: Job) -> Done:
        """Run one job as GitLab started it. What earlier jobs of this repository handed over is there."""
        return Done(*self._run(job, name), job)

    def handed_over(self) -> dict[str, str]:
        """Return the variables that the build job handed to later jobs."""
        reports = self.repo / ".gitlab-ci-local/artifacts/registry-image-build/.gitlab-ci-reports/dotenv"
        lines = (reports / "registry-image.env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _run(self, job: Job, *arguments: str) -> tuple[int, str]:
        told = self.repo.parent / "variables.yml"
        told.touch(mode=0o600)
        told.write_text(yaml.safe_dump(_as_file(job, self.variables)), encoding="utf-8")
        unset = [f"--unset-variable={name}" for name in _FROM_GIT if name not in job.variables]
        done = subprocess.run(
            [
                *gitlab_ci_local(),
                *("--variables-file", str(told), *unset, "--json-schema-validation=false"),
                "--no-artifacts-to-source",
                *("--pull-policy", "never", "--helper-image", HELPER, "--network", "host"),
                *(word for mount in self.mounts for word in ("--volume", mount)),
                *arguments,
            ],
            env={
                "PATH": f"{Path(self.engine.client).parent}:{os.environ['PATH']}",
                "HOME": str(self.repo.parent),
                "NO_COLOR": "1",
                "GCL_IGNORE_PREDEFINED_VARS": ",".join(job.variables),
                **self.engine.environ,
            },
            cwd=self.repo,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=240,
        )
        return done.returncode, done.stdout


def _as_file(job: Job, more: Mapping[str, str]) -> dict[str, object]:
    """Return a job's variables as gitlab-ci-local reads them; GitLab has expanded what is to be expanded."""
    return {
        key: {"type": "file" if key in job.files else "variable", "values": {"*": value.replace("$", "$$")}}
        for key, value in {**job.variables, **more}.items()
    }


def run_pipeline(gitlab: Company, runner: Runner, ref: str = "main") -> dict[str, Done]:
    """Run a pipeline of a branch or of a tag: each job with a token of its own, until one fails."""
    first = on_commit(gitlab.start_job(APP, ref=ref), runner.repo)
    names = runner.jobs(first)
    gitlab.end_job(first)
    done: dict[str, Done] = {}
    for name in names:
        environment = name.removeprefix("registry-deploy-") if name.startswith("registry-deploy-") else None
        job = gitlab.start_job(APP, ref=ref, name=name, pipeline=first.pipeline, environment=environment)
        done[name] = runner.run(name, on_commit(job, runner.repo))
        gitlab.end_job(job)
        if done[name].code:
            break
    return done


def on_commit(job: Job, repo: Path) -> Job:
    """Let a job work on the last commit of a repository, which no server has."""
    commit = git(repo, "rev-parse", "HEAD")
    return replace(job, variables={**job.variables, "CI_COMMIT_SHA": commit, "CI_COMMIT_SHORT_SHA": commit[:8]})
