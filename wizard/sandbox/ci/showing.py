"""Pipelines and jobs as GitLab's API shows them (`lib/api/entities/ci`)."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.ci.pipelines import NO_COMMIT, Pipeline, commit_of, is_tag, pipeline_of
from wizard.sandbox.entities import basic_user, made
from wizard.sandbox.git.showing import show_commit
from wizard.sandbox.schema import Job, JobStatus, Project
from wizard.sandbox.world import World

FINISHED: frozenset[JobStatus] = frozenset({"success", "failed", "canceled"})
# status: the word on a badge, and its label (`lib/gitlab/ci/status`)
_WORDS: dict[JobStatus, tuple[str, str]] = {
    "created": ("Created", "created"),
    "waiting_for_resource": ("Waiting", "waiting for resource"),
    "preparing": ("Preparing", "preparing"),
    "pending": ("Pending", "pending"),
    "running": ("Running", "running"),
    "success": ("Passed", "passed"),
    "failed": ("Failed", "failed"),
    "canceled": ("Canceled", "canceled"),
    "skipped": ("Skipped", "skipped"),
    "manual": ("Manual", "manual action"),
    "scheduled": ("Scheduled", "scheduled"),
}


def basic_pipeline(world: World, pipeline: Pipeline) -> dict[str, Any]:
    """Show a pipeline in lists and within a job."""
    commit = commit_of(world, pipeline.project, pipeline.ref)
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": pipeline.project.id,
        "sha": commit.id if commit else NO_COMMIT,
        "ref": pipeline.ref,
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": made(world),
        "updated_at": made(world),
        "web_url": f"{world.addresses.url}/{pipeline.project.path}/-/pipelines/{pipeline.id}",
    }


def show_pipeline(world: World, pipeline: Pipeline) -> dict[str, Any]:
    """Show one pipeline by itself."""
    commit = commit_of(world, pipeline.project, pipeline.ref)
    user, finished = world.user(pipeline.started_by), pipeline.status in FINISHED
    return basic_pipeline(world, pipeline) | {
        "before_sha": commit.parents[0] if commit and commit.parents else NO_COMMIT,
        "tag": is_tag(pipeline.project, pipeline.ref),
        "yaml_errors": None,
        "user": basic_user(user, world.addresses.url) if user else None,
        "started_at": made(world) if _started(pipeline.status) else None,
        "finished_at": made(world) if finished else None,
        "committed_at": None,
        "duration": 1 if finished else None,
        "queued_duration": 0 if _started(pipeline.status) else None,
        "coverage": None,
        "detailed_status": _detailed(pipeline),
        "name": None,
    }


def _started(status: JobStatus) -> bool:
    return status == "running" or status in FINISHED


def _detailed(pipeline: Pipeline) -> dict[str, Any]:
    text, label = _WORDS[pipeline.status]
    group = pipeline.status.replace("_", "-")
    return {
        "icon": f"status_{pipeline.status}",
        "text": text,
        "label": label,
        "group": group,
        "tooltip": label,
        "has_details": True,
        "details_path": f"/{pipeline.project.path}/-/pipelines/{pipeline.id}",
        "illustration": None,
        "favicon": f"/assets/ci_favicons/favicon_status_{pipeline.status}.png",
    }


def show_job(world: World, project: Project, job: Job) -> dict[str, Any]:
    """Show a job, without its token and its log."""
    commit, user = commit_of(world, project, job.ref), world.user(job.started_by)
    started, finished = _started(job.status), job.status in FINISHED
    body: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "stage": job.stage,
        "name": job.name,
        "ref": job.ref,
        "tag": is_tag(project, job.ref),
        "coverage": None,
        "allow_failure": job.status == "manual",
        "created_at": made(world),
        "started_at": made(world) if started else None,
        "finished_at": made(world) if finished else None,
        "erased_at": None,
        "duration": 1.0 if started else None,
        "queued_duration": 0.1 if started else None,
        "user": basic_user(user, world.addresses.url) if user else None,
        "commit": show_commit(world, project, commit) if commit else None,
        "pipeline": basic_pipeline(world, pipeline_of(project, job)),
        "web_url": f"{world.addresses.url}/{project.path}/-/jobs/{job.id}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": [],
        "runner": None,
        "runner_manager": None,
        "artifacts_expire_at": None,
        "archived": False,
        "tag_list": [],
    }
    return body | ({"failure_reason": "script_failure"} if job.status == "failed" else {})
