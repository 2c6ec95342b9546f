"""Pipelines, which a world knows by their jobs: jobs with one number make one pipeline (`Ci::Pipeline`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import matches, protections
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.schema import Job, JobStatus, PipelineSource, Project
from wizard.sandbox.world import World

NO_COMMIT = "0" * 40
# the first row that fits is the status of the whole (`Gitlab::Ci::Status::Composite`): all jobs are of these, …
_ONLY: tuple[tuple[JobStatus, set[JobStatus]], ...] = (
    ("skipped", {"skipped"}),
    ("success", {"success", "skipped"}),
    ("created", {"created"}),
    ("preparing", {"preparing"}),
    ("canceled", {"canceled", "success", "skipped"}),
    ("pending", {"created", "skipped", "pending"}),
)
# … or one of them is
_ANY: tuple[tuple[JobStatus, set[JobStatus]], ...] = (
    ("running", {"running", "pending"}),
    ("waiting_for_resource", {"waiting_for_resource"}),
    ("manual", {"manual"}),
    ("scheduled", {"scheduled"}),
    ("preparing", {"preparing"}),
    ("running", {"created"}),
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline and its jobs, in the order in which they stand in the world."""

    id: int
    iid: int
    project: Project
    jobs: tuple[Job, ...]

    @property
    def ref(self) -> str:
        """The branch that it runs on."""
        return self.jobs[0].ref

    @property
    def source(self) -> PipelineSource:
        """What started it."""
        return self.jobs[0].source

    @property
    def started_by(self) -> str:
        """Who started it."""
        return self.jobs[0].started_by

    @property
    def status(self) -> JobStatus:
        """What its jobs come to together."""
        found = {job.status for job in self.jobs}
        only = (status for status, wanted in _ONLY if found <= wanted)
        some = (status for status, wanted in _ANY if found & wanted)
        return next(chain(only, some), "failed")


def pipelines(project: Project) -> list[Pipeline]:
    """Return the pipelines of a project, the oldest first; `iid` counts them within the project."""
    grouped: dict[int, list[Job]] = {}
    for job in project.jobs:
        grouped.setdefault(job.pipeline, []).append(job)
    numbered = enumerate(sorted(grouped.items()), start=1)
    return [Pipeline(number, iid, project, tuple(jobs)) for iid, (number, jobs) in numbered]


def pipeline_of(project: Project, job: Job) -> Pipeline:
    """Return the pipeline that a job belongs to."""
    return next(item for item in pipelines(project) if item.id == job.pipeline)


def commit_of(world: World, project: Project, ref: str) -> Commit | None:
    """Return the commit that jobs of a ref run on; None: the world says nothing of the repository."""
    return repository_of(world, project).resolve(ref)


def is_tag(project: Project, ref: str) -> bool:
    """Whether jobs of this ref are jobs of a tag; a branch of the same name comes first."""
    return ref in project.tags and ref != project.default_branch and ref not in project.branches


def is_protected(project: Project, ref: str) -> bool:
    """Whether variables that are protected reach jobs of this ref."""
    if is_tag(project, ref):
        return any(matches(pattern, ref) for pattern in project.protected_tags)
    return bool(protections(project, ref))


def visible(jobs: Sequence[Job]) -> list[Job]:
    """Return jobs as GitLab lists them, the newest first."""
    return sorted(jobs, key=lambda job: job.id, reverse=True)
