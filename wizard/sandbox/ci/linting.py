"""GitLab's verdict on a CI/CD configuration (`Gitlab::Ci::Lint`): the static check, not the dry run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox.ci.expansion import expanded
from wizard.sandbox.ci.includes import Context, Included, with_includes
from wizard.sandbox.ci.job_order import check_order, needed, stage_of, stages_of
from wizard.sandbox.ci.keywords import BRIDGE, JOB, ROOT
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.yaml_text import read_configuration, write_configuration

MOST_WARNINGS = 25
LONGEST_NAME = 255
NOTHING_RUNS = "config should implement the script:, run:, or trigger: keyword"
SEVERAL_PIPELINES = (
    "may allow multiple pipelines to run for a single action due to `rules:when` clause with no `workflow:rules` - "
    "read more: https://docs.gitlab.com/ee/ci/troubleshooting.html#pipeline-warnings"
)
_ONLY_WITHOUT_RULES = ("only", "except", "start_in")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a configuration, and what it comes to; `merged` and `includes` are None if nothing."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    merged: dict[Any, Any] | None = None
    includes: list[Included] | None = None
    jobs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether a pipeline could be made of it."""
        return not self.errors

    @property
    def merged_yaml(self) -> str | None:
        """The whole configuration as one text."""
        return None if self.merged is None else write_configuration(self.merged)


def lint(text: str, context: Context) -> Verdict:
    """Check a configuration; whatever is malformed is told at once, of what does not fit together the first thing."""
    try:
        content, includes = with_includes(read_configuration(text), context)
        merged = expanded(content)
    except ConfigurationError as error:
        return Verdict(errors=[str(error)])
    errors, warnings = [*_malformed(merged)], [*_warnings(merged)][:MOST_WARNINGS]
    jobs = _jobs(merged)
    stages = stages_of(merged) if not errors else []
    if not errors:
        try:
            check_order(jobs, stages)
        except ConfigurationError as error:
            errors = [str(error)]
    return Verdict(errors, warnings, merged, includes, jobs if not errors else {}, stages)


def described(verdict: Verdict) -> list[dict[str, Any]]:
    """Describe the jobs of a valid configuration, stage by stage."""
    default = {**(verdict.merged or {}), **((verdict.merged or {}).get("default") or {})}
    return [
        _described(name, job, default)
        for stage in verdict.stages
        for name, job in verdict.jobs.items()
        if stage_of(job) == stage
    ]


def _described(name: str, job: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    def commands(keyword: str) -> list[str]:
        return [*_lines(job.get(keyword, default.get(keyword) if keyword != "script" else None))]

    environment = job.get("environment")
    plain = "rules" not in job and "only" not in job
    body = {
        "name": name,
        "stage": stage_of(job),
        "before_script": commands("before_script"),
        "script": commands("script"),
        "after_script": commands("after_script"),
        "tag_list": list(job.get("tags") or default.get("tags") or ()),
        "only": {"refs": ["branches", "tags"]} if plain else job.get("only"),
        "except": job.get("except"),
        "environment": environment.get("name") if isinstance(environment, Mapping) else environment,
        "when": job.get("when", "on_success"),
        "allow_failure": bool(job.get("allow_failure", job.get("when") == "manual")),
    }
    needs = [{"name": need, "artifacts": True, "optional": optional} for need, optional in needed(job)]
    return body | {"needs": needs or None}


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _lines(item)
    elif value is not None:
        yield str(value)


def _is_hidden(name: object) -> bool:
    return isinstance(name, str) and name.startswith(".")


def _candidates(merged: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: job for name, job in merged.items() if name not in ROOT}


def _runs(job: Any) -> bool:
    return isinstance(job, Mapping) and bool({"script", "run", "trigger"} & set(job))


def _jobs(merged: Mapping[Any, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(name): job for name, job in _candidates(merged).items() if not _is_hidden(name) and _runs(job)}


def _malformed(merged: Mapping[Any, Any]) -> Iterator[str]:
    for keyword, rule in ROOT.items():
        yield from rule(merged.get(keyword), "", keyword)
    visible = {name: job for name, job in _candidates(merged).items() if not _is_hidden(name)}
    for name, job in visible.items():
        if not _runs(job):
            yield f"jobs {name} {NOTHING_RUNS}"
    if not any(_runs(job) for job in visible.values()):
        yield "jobs config should contain at least one visible job"
    for name, job in visible.items():
        if _runs(job):
            yield from _malformed_job(name, job)


def _malformed_job(name: Any, job: Mapping[str, Any]) -> Iterator[str]:
    place = f"jobs:{name or 'job'}"
    yield from _malformed_name(name, place)
    rules = BRIDGE if "trigger" in job else JOB
    unknown = [str(key) for key in job if key not in rules]
    if unknown:
        yield f"{place} config contains unknown keys: {', '.join(unknown)}"
    excluded = [key for key in _ONLY_WITHOUT_RULES if job.get(key) is not None] if job.get("rules") is not None else []
    if excluded:
        yield f"{place} config key may not be used with `rules`: {', '.join(excluded)}"
    if not {"trigger", "run"} & set(job) and job.get("script") in (None, "", []):
        yield f"{place}:script config can't be blank"
    if job.get("when") == "delayed" and not job.get("start_in"):
        yield f"{place} start in should be a duration"
    for keyword, value in job.items():
        if keyword in rules:
            yield from rules[keyword](value, place, keyword)


def _malformed_name(name: Any, place: str) -> Iterator[str]:
    if not isinstance(name, str):
        yield f"{place} name should be a symbol"
    elif not name:
        yield f"{place} name can't be blank"
    elif len(name) > LONGEST_NAME:
        yield f"{place} name is too long (maximum is {LONGEST_NAME} characters)"


def _warnings(merged: Mapping[Any, Any]) -> Iterator[str]:
    workflow = merged.get("workflow")
    if isinstance(workflow, Mapping) and workflow.get("rules"):
        return
    for name, job in _jobs(merged).items():
        rules = job.get("rules")
        last = rules[-1] if isinstance(rules, list) and rules else None
        if isinstance(last, Mapping) and set(last) == {"when"} and last["when"] != "never":
            yield f"jobs:{name} {SEVERAL_PIPELINES}"
