"""The pipeline file that we own: build, publish, deploy and mirror jobs, nothing global.

Forms and reasons: GitLab's documentation of CI/CD YAML, `doc/ci/docker/using_docker_build.md` and
`doc/user/clusters/agent/ci_cd_workflow.md`. Every text of the user enters the YAML as a quoted scalar, and a script
only through the job's `variables`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wizard import layout
from wizard.answer_types import Engine, TagRule, When
from wizard.answers import Environment, Mirror
from wizard.generate.kubernetes import IMAGE, overlay_path
from wizard.generate.pipeline_logins import BaseToken, archived, build_logins, login_template
from wizard.generate.templates import render, scalar
from wizard.generate.workload_overlay import PLACEHOLDER, Rollout
from wizard.slug import ref_slug

RELEASE_TAG = r"v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?"
"""Git tags that are releases, matched whole."""
_DEFAULT_BRANCH = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
_LOGIN_MIRRORS = frozenset({"dockerhub", "harbor", "gitlab", "generic"})


@dataclass(frozen=True, slots=True)
class Stages:
    """The stage of each kind of job; none may come before the build's."""

    build: str = "build"
    publish: str = "deploy"
    deploy: str = "deploy"
    mirror: str = "deploy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything that the file depends on."""

    stages: Stages = Stages()
    runner_tags: tuple[str, ...] = ()
    """Tags that every job needs: ours inherit no `default`."""
    merge_requests: bool = True
    """Build in merge request pipelines too. A project without any must not get its first ones from us."""
    wait_for_stages: bool = False
    """Publish, deploy and mirror wait for every earlier stage (tests, scans), not for the build alone."""
    protected_only: bool = False
    """Only protected refs may push: jobs on others build and stop there."""
    default_branch: str | None = None
    engine: Engine = "dind"
    dockerfile: str = "Dockerfile"
    context: str = "."
    platforms: tuple[str, ...] = ("linux/amd64",)
    tags: tuple[TagRule, ...] = ("branch", "latest", "semver")
    external_repository: str | None = None
    """Repository on DOCKER_REGISTRY; None: the project's own registry."""
    base_job_token: bool = False
    """The Dockerfile starts from images of this GitLab that the job token may pull."""
    base_tokens: tuple[BaseToken, ...] = ()
    """The Dockerfile starts from images of this GitLab that need deploy tokens."""
    environments: tuple[Environment, ...] = ()
    app_name: str = "app"
    """The Deployment of the generated manifests."""
    rollouts: Mapping[str, Rollout] = field(default_factory=dict)
    """Of environments with an overlay on the repository's own manifests."""
    pull_secret: str = "gitlab-registry"  # noqa: S105  # the name of a Kubernetes object
    mirrors: tuple[Mirror, ...] = ()


@dataclass(frozen=True, slots=True)
class MirrorJob:
    """A mirror with the names that follow from its place in the answers."""

    answer: Mirror
    job: str
    user: str
    """Keys of the variables with its log-in; only where the target takes a user name and a password."""
    password: str

    @property
    def template(self) -> str:
        """The template of its log-in."""
        return f"pipeline/mirrors/{'login' if self.answer.to in _LOGIN_MIRRORS else self.answer.to}.j2"


@dataclass(frozen=True, slots=True)
class _Rule:
    condition: str
    manual: bool = False


@dataclass(frozen=True, slots=True)
class _Credentials:
    """Keys of the variables that hold a registry's address and log-in."""

    host: str
    user: str
    password: str
    missing: str = ""


def mirror_names(kinds: Sequence[str]) -> tuple[str, ...]:
    """Name mirrors by where they go: TO, then TO-2 and so on."""
    count: Counter[str] = Counter()
    names = []
    for kind in kinds:
        count[kind] += 1
        names.append(kind if count[kind] == 1 else f"{kind}-{count[kind]}")
    return tuple(names)


def mirror_job_names(name: str) -> tuple[str, str, str]:
    """Return the names of a mirror's job and of the variables of its log-in: user, password."""
    key = f"MIRROR_{name.upper().replace('-', '_')}"
    return f"registry-mirror-{name}", f"{key}_USER", f"{key}_PASS"


def mirror_jobs(mirrors: Sequence[Mirror]) -> tuple[MirrorJob, ...]:
    """Return the jobs of mirrors, with the names that follow from their place in the answers."""
    names = mirror_names([mirror.to for mirror in mirrors])
    return tuple(MirrorJob(mirror, *mirror_job_names(name)) for mirror, name in zip(mirrors, names, strict=True))


def render_pipeline(pipeline: Pipeline) -> str:
    """Return the file's text. Raises UsageError where the engine cannot do what is asked."""
    return render(
        "pipeline/pipeline.yml.j2",
        p=pipeline,
        engine=f"pipeline/engines/{pipeline.engine}.j2",
        login=login_template(pipeline.engine),
        logins=build_logins(
            pipeline.engine,
            external=pipeline.external_repository is not None,
            job_token=pipeline.base_job_token,
            tokens=pipeline.base_tokens,
        ),
        archive=archived(pipeline.engine, pipeline.external_repository is not None, pipeline.base_tokens),
        emulated=_emulated(pipeline.platforms),
        default_slug=scalar(ref_slug(pipeline.default_branch) if pipeline.default_branch else "$CI_DEFAULT_BRANCH"),
        build_rules=_build_rules(pipeline),
        publish_rules=_publish_rules(pipeline),
        rules_for=lambda when: _rules(when, pipeline.protected_only),
        release_tag=RELEASE_TAG,
        target=_target(pipeline),
        puller=_puller(pipeline),
        overlay=overlay_path,
        adopting_overlay=layout.adopting_overlay,
        placeholder=IMAGE,
        adopted_placeholder=PLACEHOLDER,
        mirrors=mirror_jobs(pipeline.mirrors),
    )


def _emulated(platforms: Sequence[str]) -> tuple[str, ...]:
    """Return the architectures that a runner of the usual kind (amd64) has to emulate."""
    return tuple(dict.fromkeys(name.split("/")[1] for name in platforms if name != "linux/amd64"))


def _build_rules(pipeline: Pipeline) -> tuple[_Rule, ...]:
    """Cover every pipeline that a later job is in, so that no `needs` points to a job that is not there."""
    merge_request = '$CI_PIPELINE_SOURCE == "merge_request_event"'
    return (
        _Rule("$CI_COMMIT_TAG"),
        *((_Rule(merge_request),) if pipeline.merge_requests else ()),
        _Rule("$CI_COMMIT_BRANCH"),
    )


def _publish_rules(pipeline: Pipeline) -> tuple[_Rule, ...]:
    conditions = []
    if "iid" in pipeline.tags:
        conditions.append("$CI_COMMIT_TAG")
    elif "semver" in pipeline.tags:
        conditions.append(f"$CI_COMMIT_TAG =~ /^{RELEASE_TAG}$/")
    if set(pipeline.tags) - {"semver"}:
        conditions.append(_DEFAULT_BRANCH)
    return tuple(_Rule(_protected(condition, pipeline.protected_only)) for condition in conditions)


def _rules(when: When, protected_only: bool) -> tuple[_Rule, ...]:
    conditions = {
        "tag": ("$CI_COMMIT_TAG",),
        "default-branch": (_DEFAULT_BRANCH,),
        "manual": ("$CI_COMMIT_TAG", _DEFAULT_BRANCH),
    }
    return tuple(_Rule(_protected(text, protected_only), when == "manual") for text in conditions[when])


def _protected(condition: str, protected_only: bool) -> str:
    return f'{condition} && $CI_COMMIT_REF_PROTECTED == "true"' if protected_only else condition


def _target(pipeline: Pipeline) -> _Credentials:
    if pipeline.external_repository is None:
        return _Credentials("CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD")
    return _Credentials("DOCKER_REGISTRY", "DOCKER_REGISTRY_USER", "DOCKER_REGISTRY_PASS")


def _puller(pipeline: Pipeline) -> _Credentials:
    """Return what pods pull with: it must outlive the job, so never the job's own token."""
    if pipeline.external_repository is None:
        missing = "no deploy token - create one named gitlab-deploy-token with read_registry"
        return _Credentials("CI_REGISTRY", "CI_DEPLOY_USER", "CI_DEPLOY_PASSWORD", missing)
    missing = "this variable of the project is missing or not for this ref"
    return _Credentials("DOCKER_REGISTRY", "DOCKER_REGISTRY_USER", "DOCKER_REGISTRY_PASS", missing)
