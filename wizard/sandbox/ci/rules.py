"""Which jobs of a configuration a pipeline gets: `rules`, `only`, `except`, `workflow` (`doc/ci/jobs/job_rules`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wizard.sandbox.ci.expressions import holds
from wizard.sandbox.ci.includes import wildcard
from wizard.sandbox.ci.job_order import needed
from wizard.sandbox.ci.linting import Verdict
from wizard.sandbox.ci.pipelines import is_protected, is_tag
from wizard.sandbox.ci.predefined import JobContext, before_pipeline
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.variables import reaching
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.schema import Job, PipelineSource, Project
from wizard.sandbox.world import World

FILTERED = "Pipeline filtered out by workflow rules."
NO_JOBS = (
    "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to "
    "the pipeline."
)
NO_NEED = (
    "'{name}' job needs '{need}' job, but '{need}' does not exist in the pipeline. This might be because of the only, "
    "except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional."
)
_NEVER = {"when": "never"}
_SOURCES = {"push": "pushes", "schedule": "schedules", "trigger": "triggers", "pipeline": "pipelines"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a pipeline would be made for."""

    world: World
    project: Project
    ref: str
    commit: Commit
    source: PipelineSource
    started_by: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A job that a pipeline gets."""

    name: str
    job: Mapping[str, Any]
    when: str
    allow_failure: bool


def chosen_jobs(verdict: Verdict, trigger: Trigger) -> list[Chosen]:
    """Return the jobs that a valid configuration gives a pipeline; ConfigurationError: it would not be made."""
    merged = verdict.merged or {}
    around = {**_known(trigger), **_texts(merged.get("variables")), **_of_projects(trigger)}
    workflow = merged.get("workflow")
    rules = workflow.get("rules") if isinstance(workflow, Mapping) else None
    if rules and (_first(rules, around, trigger) or _NEVER).get("when") == "never":
        raise ConfigurationError(FILTERED)
    found = [chosen for name, job in verdict.jobs.items() for chosen in _chosen(name, job, around, trigger)]
    if not found:
        raise ConfigurationError(NO_JOBS)
    names = {chosen.name for chosen in found}
    for chosen in found:
        for need, optional in needed(chosen.job):
            if need not in names and not optional:
                raise ConfigurationError(NO_NEED.format(name=chosen.name, need=need))
    return found


def _chosen(name: str, job: Mapping[str, Any], around: Mapping[str, str], trigger: Trigger) -> Iterator[Chosen]:
    variables = {**around, **_texts(job.get("variables")), **_of_projects(trigger)}
    when = str(job.get("when", "on_success"))
    allow = job.get("allow_failure")
    if job.get("rules") is not None:
        rule = _first(job["rules"], variables, trigger) or _NEVER
        when, allow = rule.get("when", when), rule.get("allow_failure", allow)
        if when == "never":
            return
    elif not _by_policy(job, variables, trigger):
        return
    yield Chosen(name, job, when, bool(allow) if allow is not None else when == "manual" and "rules" not in job)


def _first(rules: list[Any], variables: Mapping[str, str], trigger: Trigger) -> Mapping[str, Any] | None:
    return next((rule for rule in _flat(rules) if _holds(rule, variables, trigger)), None)


def _flat(rules: list[Any]) -> Iterator[Mapping[str, Any]]:
    for rule in rules:
        if isinstance(rule, list):
            yield from _flat(rule)
        else:
            yield rule


def _holds(rule: Mapping[str, Any], variables: Mapping[str, str], trigger: Trigger) -> bool:
    """Whether all conditions of a rule hold; `changes` always does where no push says what changed."""
    if rule.get("if") is not None and not holds(rule["if"], variables):
        return False
    exists = rule.get("exists")
    paths = exists.get("paths") if isinstance(exists, Mapping) else exists
    return not paths or any(re.fullmatch(wildcard(path), name) for path in paths for name in trigger.commit.files)


def _by_policy(job: Mapping[str, Any], variables: Mapping[str, str], trigger: Trigger) -> bool:
    only, excepted = job.get("only"), job.get("except")
    wanted = only is None and trigger.source != "merge_request_event"
    if only is not None:
        wanted = _policy(only, variables, trigger, all)
    return wanted and not (excepted is not None and _policy(excepted, variables, trigger, any))


def _policy(policy: Any, variables: Mapping[str, str], trigger: Trigger, joined: Callable[[Any], bool]) -> bool:
    """A list names refs; a mapping holds refs and expressions: `only` wants all of them, `except` any."""
    parts = policy if isinstance(policy, Mapping) else {"refs": policy}
    conditions = []
    if parts.get("refs") is not None:
        refs = parts["refs"] if isinstance(parts["refs"], list) else [parts["refs"]]
        conditions.append(any(_names(str(ref), trigger) for ref in refs))
    if parts.get("variables") is not None:
        conditions.append(any(holds(str(text), variables) for text in parts["variables"]))
    return joined(conditions)


def _names(ref: str, trigger: Trigger) -> bool:
    tag = is_tag(trigger.project, trigger.ref)
    if ref in ("branches", "tags"):
        return tag == (ref == "tags")
    if ref == _SOURCES.get(trigger.source, trigger.source):
        return True
    pattern = re.fullmatch(r"/(.+)/(i?)", ref)
    if pattern:
        return re.search(pattern[1], trigger.ref, re.IGNORECASE if pattern[2] else 0) is not None
    return ref == trigger.ref


def _known(trigger: Trigger) -> dict[str, str]:
    job = Job(started_by=trigger.started_by, ref=trigger.ref, source=trigger.source)
    return dict(before_pipeline(JobContext(trigger.world, trigger.project, job)))


def _of_projects(trigger: Trigger) -> dict[str, str]:
    world, project = trigger.world, trigger.project
    protected = is_protected(project, trigger.ref)
    groups = (group.variables for group in world.ancestors(project.path))
    levels: list[list[Any]] = [world.state.instance.variables, *groups, project.variables]
    return {item.key: item.value for level in levels for item in reaching(level, None, protected=protected)}


def _texts(variables: Any) -> dict[str, str]:
    if not isinstance(variables, Mapping):
        return {}
    plain = {name: value.get("value", "") if isinstance(value, Mapping) else value for name, value in variables.items()}
    return {str(name): str(value).lower() if isinstance(value, bool) else str(value) for name, value in plain.items()}
