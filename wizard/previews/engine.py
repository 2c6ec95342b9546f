"""The build engines beside each other: what speaks for each, what it asks of the runner, what would break it."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.answer_types import Engine
from wizard.complete import pipeline_there
from wizard.engine_advice import ENGINES, EngineAdvice, EngineOption, RunnerFacts, advise_engine, taking
from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Option, Preview
from wizard.question import Known
from wizard.state import Unknown

_NAMES: Mapping[Engine, str] = {
    "dind": "Docker in Docker (dind)",
    "buildkit": "BuildKit",
    "buildah": "Buildah",
    "socket": "the machine's own Docker (socket)",
    "kaniko": "Kaniko",
}


def needed(known: Known) -> Lookups:
    """Wish for the runners that nobody has looked at, unless the jobs that are there say enough."""
    if known.state is None or known.state.runners is not None or pipeline_there(known.state).engines:
        return NOTHING_MORE
    return Lookups(runners=True)


def engine_advice(known: Known) -> EngineAdvice:
    """Return what is recommended, whatever was answered."""
    return advise_engine(_facts(known))


def engines(known: Known) -> Preview | None:
    """Return every engine, the recommended or chosen one first."""
    if known.state is None:
        return None
    facts = _facts(known)
    answer = known.draft.get("build.engine")
    answered = next((engine for engine in ENGINES if engine == answer), None)
    advice = advise_engine(facts)
    if answered is not None and answered != advice.chosen:
        advice = advise_engine(facts, answered)
    word = "Chosen" if advice.why == "as answered" else "Recommended"
    recommended = f"{word}: {_NAMES[advice.chosen]}, {advice.why}."
    options = tuple(map(_option, advice.options))
    return Preview("Which engine fits the runner", (*_runners(facts), recommended, options), recommended)


def _facts(known: Known) -> RunnerFacts:
    state, there = known.state, pipeline_there(known.state)
    answered = known.draft.get("build.runner_tags")
    return RunnerFacts(
        hosted=state is not None and state.instance.hosted,
        evidence=there.engines,
        tags=tuple(map(str, answered)) if isinstance(answered, list | tuple) else there.tags.carried,
        runners=state.runners if state else None,
        impossible=_impossible(known),
    )


def _impossible(known: Known) -> Mapping[Engine, str]:
    """Return the engines that keep too few log-ins for the base images that are pulled by deploy token."""
    pulls = known.draft.get("pull") or ()
    sources = {
        str(pull.get("project")): pull.get("with")
        for pull in pulls
        if isinstance(pull, Mapping) and not pull.get("absent") and pull.get("as", "base") == "base"
    }
    tokens = [path for path, way in sources.items() if way == "deploy-token"]
    others = [path for path, way in sources.items() if way == "job-token"]
    why = f"base images of {' and '.join(tokens[:2])} need a log-in beside the job's own, which Buildah alone keeps"
    if len(tokens) > 1 or (tokens and others):
        return {engine: why for engine in ENGINES if engine != "buildah"}
    if not tokens:
        return {}
    return {"kaniko": f"a base image of {tokens[0]} needs a deploy token, beside which it cannot push"}


def _runners(facts: RunnerFacts) -> tuple[str, ...]:
    if facts.runners is None:
        return () if facts.evidence else ("Looking at the runners …",)
    if isinstance(facts.runners, Unknown):
        return (f"The runners of the project cannot be read: {facts.runners.reason}",)
    tags = f" with the tags {', '.join(facts.tags)}" if facts.tags else ""
    found = taking(facts)
    if not found:
        own = " GitLab.com's own take them." if facts.hosted and not facts.tags else " Jobs would wait for one."
        return (f"No runner of this project is online that takes jobs{tags}.{own}",)
    names = ", ".join(runner.description or f"number {runner.id}" for runner in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (f"Online and taking jobs{tags}: {names}{more}.",)


def _option(option: EngineOption) -> Option:
    points = [*(("for it", reason) for reason in option.reasons), ("needs", option.needs)]
    return Option(_NAMES[option.engine], (*points, *(("breaks when", reason) for reason in option.breaks)))
