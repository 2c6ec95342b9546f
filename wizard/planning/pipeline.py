"""The pipeline file that we own, and its include in the project's `.gitlab-ci.yml`."""

from __future__ import annotations

from collections.abc import Sequence

from wizard import layout
from wizard.advice import variable_names
from wizard.answers import Answers, Build, Environment, Protect
from wizard.change import Notice
from wizard.complete import workload
from wizard.generate.owned import seal
from wizard.generate.pipeline import Pipeline, Stages, mirror_jobs, render_pipeline
from wizard.generate.pipeline_logins import BaseToken
from wizard.generate.runner_tags import ABOUT_TAGS
from wizard.generate.splice import Splice, splice
from wizard.generate.stages import StageRole
from wizard.planning.file_changes import WantedFile
from wizard.planning.shared_images import chosen_way
from wizard.planning.workloads import rollouts
from wizard.state import State

_HIDDEN = (".registry-base", ".registry-login", ".registry-skopeo", ".registry-mirror")


def plan_pipeline(answers: Answers, build: Build, state: State) -> tuple[list[WantedFile], tuple[Notice, ...]]:
    """Return both files, and what was noticed in the pipeline that is there."""
    environments = answers.deploy.kubernetes.environments if answers.deploy else ()
    spliced = splice(
        state.repository.files[layout.CI_FILE].content,
        f"/{layout.PIPELINE}",
        _roles(answers, build),
        _job_names(answers, environments),
        state.merged_stages,
    )
    pipeline = render_pipeline(_pipeline(answers, build, state, spliced))
    answered = ABOUT_TAGS if build.runner_tags is not None else frozenset()
    wanted = [
        WantedFile(layout.PIPELINE, seal(pipeline), _purpose(answers, build), "build"),
        WantedFile(layout.CI_FILE, spliced.after, _edit(spliced), "build", owned=False),
    ]
    return wanted, tuple(notice for notice in spliced.warnings if notice.code not in answered)


def _roles(answers: Answers, build: Build) -> list[StageRole]:
    asked = {
        StageRole.BUILD: True,
        StageRole.PUBLISH: bool(build.tags),
        StageRole.DEPLOY: answers.deploy is not None,
        StageRole.MIRROR: bool(answers.mirror),
    }
    return [role for role, needed in asked.items() if needed]


def _job_names(answers: Answers, environments: Sequence[Environment]) -> list[str]:
    mirrors = [job.job for job in mirror_jobs(answers.mirror)]
    deploys = [f"registry-deploy-{environment.name}" for environment in environments]
    return ["registry-image-build", "registry-image-publish", *deploys, *mirrors, *_HIDDEN]


def _pipeline(answers: Answers, build: Build, state: State, spliced: Splice) -> Pipeline:
    stages = {choice.role: choice.stage for choice in spliced.stages}
    first = stages[StageRole.BUILD]
    registry, deploy = answers.registry, answers.deploy
    external = registry.external if registry else None
    ways = _base_ways(answers, state)
    return Pipeline(
        stages=Stages(
            first, *(stages.get(role, first) for role in (StageRole.PUBLISH, StageRole.DEPLOY, StageRole.MIRROR))
        ),
        runner_tags=spliced.runner_tags if build.runner_tags is None else build.runner_tags,
        merge_requests=spliced.merge_request_pipelines,
        # `dependencies` reach earlier stages only; then publish and deploy wait for the tests in between as well.
        wait_for_stages=all(stage != first for role, stage in stages.items() if role is not StageRole.BUILD),
        protected_only=pushes_are_protected(answers),
        default_branch=state.project.default_branch,
        engine=build.engine,
        dockerfile=build.dockerfile,
        context=build.context,
        platforms=build.platforms,
        tags=build.tags,
        external_repository=external.repository if external else None,
        base_job_token="job-token" in ways.values(),
        base_tokens=tuple(
            BaseToken(path, *variable_names(path)) for path, way in ways.items() if way == "deploy-token"
        ),
        environments=deploy.kubernetes.environments if deploy else (),
        app_name=workload(deploy.kubernetes, build, state).name if deploy else "app",
        rollouts=rollouts(answers, state.repository.detection),
        pull_secret=deploy.kubernetes.pull_secret.name if deploy else "gitlab-registry",
        mirrors=answers.mirror,
    )


def pushes_are_protected(answers: Answers) -> bool:
    """Whether a protection rule says who may push."""
    protect = answers.registry.protect if answers.registry else None
    return isinstance(protect, Protect) and protect.push is not None


def _base_ways(answers: Answers, state: State) -> dict[str, str]:
    """Return, of each project that the Dockerfile starts from, how its images are pulled."""
    sources = dict.fromkeys(pull.project for pull in answers.pull if pull.as_ == "base" and not pull.absent)
    return {
        path: chosen_way([pull for pull in answers.pull if pull.project == path], state.sources[path], state)
        for path in sources
    }


def _purpose(answers: Answers, build: Build) -> str:
    parts = ["build", *(["publish"] if build.tags else []), *(["deploy"] if answers.deploy else []),
             *(["mirror"] if answers.mirror else [])]  # fmt: skip
    return f"jobs that {', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "the job that builds"


def _edit(spliced: Splice) -> str:
    if spliced.before is None:
        return "a pipeline that includes them"
    added = [choice.stage for choice in spliced.stages if choice.added]
    stages = f" and adds the stages {', '.join(dict.fromkeys(added))}" if added else ""
    return f"includes them{stages}; every other byte stays" if spliced.changed else "includes them"
