"""What only the jobs together get wrong: stages, needs and dependencies (`Gitlab::Ci::YamlProcessor`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wizard.sandbox.ci.problems import ConfigurationError

DEFAULT_STAGES = ("build", "test", "deploy")
DEFAULT_STAGE = "test"
MOST_NEEDS = 50

Job = Mapping[str, Any]


def stages_of(content: Mapping[Any, Any]) -> list[str]:
    """Return the stages in their order, with the two that are always there."""
    given = content.get("stages")
    named = [stage for stage in given or DEFAULT_STAGES if stage not in (".pre", ".post")]
    return [".pre", *dict.fromkeys(named), ".post"]


def stage_of(job: Job) -> str:
    """Return the stage of a job."""
    return str(job.get("stage") or DEFAULT_STAGE)


def check_order(jobs: Mapping[str, Job], stages: Sequence[str]) -> None:
    """Refuse the first job, in their order, that cannot stand where it stands."""
    for name, job in jobs.items():
        if stage_of(job) not in stages:
            raise ConfigurationError(
                f"{name} job: chosen stage {stage_of(job)} does not exist; available stages are {', '.join(stages)}"
            )
        for dependency in job.get("dependencies") or ():
            _check_before(name, dependency, "dependency", jobs, stages)
        _check_needs(name, job, jobs, stages)
        _check_stop(name, job, jobs)
    _check_circles(jobs)


def needed(job: Job) -> Iterator[tuple[str, bool]]:
    """Walk the jobs of the same pipeline that a job needs, with whether it does without."""
    needs = job.get("needs")
    for need in needs if isinstance(needs, list) else [needs] if needs else []:
        if isinstance(need, str):
            yield need, False
        elif isinstance(need, Mapping) and "job" in need and not {"pipeline", "project"} & set(need):
            yield str(need["job"]), bool(need.get("optional"))


def _check_needs(name: str, job: Job, jobs: Mapping[str, Job], stages: Sequence[str]) -> None:
    needs = list(needed(job))
    if len(needs) > MOST_NEEDS:
        raise ConfigurationError(
            f"{name} job: one job can only need {MOST_NEEDS} others, but you have listed {len(needs)}"
        )
    names = [need for need, _ in needs]
    twice = [need for need in dict.fromkeys(names) if names.count(need) > 1]
    if twice:
        raise ConfigurationError(f"{name} has the following needs duplicated: {', '.join(twice)}.")
    for need, optional in needs:
        if need in jobs or not optional:
            _check_before(name, need, "need", jobs, stages)


def _check_before(name: str, other: str, kind: str, jobs: Mapping[str, Job], stages: Sequence[str]) -> None:
    if other not in jobs:
        raise ConfigurationError(f"{name} job: undefined {kind}: {other}")
    theirs, own = stage_of(jobs[other]), stage_of(jobs[name])
    if theirs not in stages or stages.index(theirs) > stages.index(own):
        raise ConfigurationError(f"{name} job: {kind} {other} is not defined in current or prior stages")


def _check_stop(name: str, job: Job, jobs: Mapping[str, Job]) -> None:
    environment = job.get("environment")
    other = environment.get("on_stop") if isinstance(environment, Mapping) else None
    if not isinstance(environment, Mapping) or other is None:
        return
    told = f"{name} job: on_stop job {other}"
    if other not in jobs:
        raise ConfigurationError(f"{told} is not defined")
    theirs = jobs[other].get("environment")
    if theirs is None:
        raise ConfigurationError(f"{told} does not have environment defined")
    their_name = theirs.get("name") if isinstance(theirs, Mapping) else theirs
    if their_name != environment.get("name"):
        raise ConfigurationError(f"{told} have different environment name")
    if not isinstance(theirs, Mapping) or theirs.get("action") != "stop":
        raise ConfigurationError(f"{told} needs to have action stop defined")


def _check_circles(jobs: Mapping[str, Job]) -> None:
    """Take away jobs that need nothing that is left; what stays goes round in a circle."""
    left = {name: {need for need, _ in needed(job) if need in jobs} for name, job in jobs.items()}
    while left:
        free = [name for name, needs in left.items() if not needs & left.keys()]
        if not free:
            raise ConfigurationError("The pipeline has circular dependencies.")
        for name in free:
            del left[name]
