"""Which build engine fits the runner, and why: a value that the questions show, side by side with the others.

Sources: GitLab's documentation ("Use Docker to build Docker images", "Build Docker images with BuildKit"), the runner's
configuration reference, and the engines' own. Whether a runner may run privileged containers is told to nobody by
GitLab, so what its jobs do already says more than anything else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wizard.answer_types import Engine
from wizard.generate.engine_evidence import EngineEvidence
from wizard.state import Known, RunnerState, Unknown

ENGINES: tuple[Engine, ...] = ("dind", "buildkit", "buildah", "socket", "kaniko")
"""In the order in which they are worth trying where nothing is known."""


@dataclass(frozen=True, slots=True)
class RunnerFacts:
    """What is known of the runners that our jobs would get."""

    hosted: bool = False
    """The project lives on GitLab.com, whose own runners take untagged jobs."""
    evidence: tuple[EngineEvidence, ...] = ()
    tags: tuple[str, ...] = ()
    """The tags of our jobs."""
    runners: Known[tuple[RunnerState, ...]] | None = None
    """None: nobody has looked."""
    impossible: Mapping[Engine, str] | None = None
    """Engines that cannot do what is answered elsewhere, and why."""


@dataclass(frozen=True, slots=True)
class EngineOption:
    """One engine: what speaks for it, what it asks of the runner, what would break it."""

    engine: Engine
    reasons: tuple[str, ...]
    needs: str
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineAdvice:
    """The recommended engine with its reason, and all of them, the recommended one first."""

    chosen: Engine
    why: str
    options: tuple[EngineOption, ...]


@dataclass(frozen=True, slots=True)
class _Nature:
    reasons: tuple[str, ...]
    needs: str
    breaks: tuple[str, ...]


_NATURES: Mapping[Engine, _Nature] = {
    "dind": _Nature(
        ("a Docker of its own for each job, with all of Docker's build features",),
        "privileged = true in the runner's config.toml; on Kubernetes also an empty_dir volume at /certs/client",
        ("the runner may not run privileged containers: Cannot connect to the Docker daemon",),
    ),
    "buildkit": _Nature(
        ("no daemon and no root, with Docker's own build features",),
        "user namespaces: security_opt seccomp:unconfined and apparmor:unconfined, on Kubernetes Unconfined profiles",
        ("the machine forbids user namespaces (Ubuntu 24.04 does by default): operation not permitted",),
    ),
    "buildah": _Nature(
        ("no daemon and no root, and it keeps several log-ins for one registry host",),
        "user namespaces, as BuildKit; on OpenShift a security context constraint that allows them",
        ("the machine forbids user namespaces: Error during unshare(CLONE_NEWUSER)",),
    ),
    "socket": _Nature(
        ("fast: the runner's machine keeps every layer",),
        'volumes = ["/var/run/docker.sock:/var/run/docker.sock"] in config.toml, or a shell runner with Docker',
        ("the runner is shared: whoever can run a job rules its machine", "another project's job uses the same names"),
    ),
    "kaniko": _Nature(
        ("asks nothing of the runner: works where nothing can be changed",),
        "nothing beyond ordinary containers",
        ("its makers archived it in 2025: a fork is used, and new Dockerfile features may be missing",),
    ),
}
_WORDS: Mapping[Engine, re.Pattern[str]] = {
    "dind": re.compile(r"dind|privileged|docker-in-docker|saas-linux", re.IGNORECASE),
    "socket": re.compile(r"docker-?sock|dood|\bshell\b", re.IGNORECASE),
    "buildkit": re.compile(r"buildkit|rootless", re.IGNORECASE),
    "buildah": re.compile(r"buildah|podman|openshift", re.IGNORECASE),
    "kaniko": re.compile(r"kaniko|unprivileged", re.IGNORECASE),
}
_NAMES: Mapping[Engine, str] = {
    "dind": "Docker in Docker",
    "buildkit": "BuildKit",
    "buildah": "Buildah",
    "socket": "its machine's own Docker",
    "kaniko": "Kaniko",
}


def advise_engine(facts: RunnerFacts, answered: Engine | None = None) -> EngineAdvice:
    """Recommend the engine that is most sure to work; an explicit answer is kept, with the reasons of all."""
    impossible = facts.impossible or {}
    fitting = [found for found in _fitting(facts) if found[0] not in impossible]
    best, why = fitting[0]
    if answered is not None:
        best, why = answered, "as answered"
    order = dict.fromkeys([best, *(engine for engine, _ in fitting), *ENGINES])
    return EngineAdvice(best, why, tuple(_option(engine, facts) for engine in order))


def _fitting(facts: RunnerFacts) -> Iterable[tuple[Engine, str]]:
    """Yield engines with the reason why each would work, the surest first, and every engine in the end."""
    for engine, _ in Counter(found.engine for found in facts.evidence).most_common():
        first = next(found for found in facts.evidence if found.engine == engine)
        yield engine, f"the job {first.job} (line {first.line}) uses {_NAMES[engine]} already"
    for engine, sign in _named(facts):
        yield engine, sign
    if facts.hosted and not facts.tags:
        yield "dind", "GitLab.com gives each job a machine of its own that may run privileged containers"
    yield "dind", "nothing is known of the runner, and most runners that build images allow it"
    if facts.impossible:
        yield "buildah", next(iter(facts.impossible.values()))
    yield from ((engine, "the others cannot do what is answered") for engine in ENGINES)


def _named(facts: RunnerFacts) -> Iterable[tuple[Engine, str]]:
    """Yield engines that the tags of our jobs, or the runners that would take them, are named after."""
    for engine, words in _WORDS.items():
        tag = next((tag for tag in facts.tags if _says(words, tag, engine)), None)
        if tag:
            yield engine, f"the tag {tag} of your jobs' runner says so"
    for runner in taking(facts):
        for engine, words in _WORDS.items():
            if any(_says(words, text, engine) for text in (*runner.tags, runner.description)):
                yield engine, f"the runner {runner.description or runner.id} says so in its description or tags"


def _says(words: re.Pattern[str], text: str, engine: Engine) -> bool:
    """Whether a text names an engine; `unprivileged` is not `privileged`."""
    clean = re.sub("(?i)(?:un|non-?|not-?)privileged", "unprivileged" if engine == "kaniko" else "", text)
    return words.search(clean) is not None


def taking(facts: RunnerFacts) -> tuple[RunnerState, ...]:
    """Return the runners that are known, online and would take our jobs."""
    if facts.runners is None or isinstance(facts.runners, Unknown):
        return ()
    wanted = set(facts.tags)
    return tuple(
        runner
        for runner in facts.runners
        if runner.online and not runner.paused
        if (wanted <= set(runner.tags) if wanted else runner.run_untagged)
    )


def _option(engine: Engine, facts: RunnerFacts) -> EngineOption:
    nature, impossible = _NATURES[engine], (facts.impossible or {}).get(engine)
    used = [f"line {found.line}: {found.job} uses it ({found.sign})" for found in facts.evidence
            if found.engine == engine][:3]  # fmt: skip
    breaks = [impossible] if impossible else []
    if engine == "socket" and facts.hosted and not facts.tags:
        breaks.append("GitLab.com's own runners share no socket")
    plain = next((found for found in facts.evidence if found.engine == engine and found.without_tls), None)
    if plain:
        breaks.append(f"{plain.job} does without TLS: if its runner has no volume at /certs/client, ours fails there")
    return EngineOption(engine, (*used, *nature.reasons), nature.needs, (*breaks, *nature.breaks))
