"""Environments of a project: which scopes cover them, and which tier a name stands for (`HasEnvironmentScope`)."""

from __future__ import annotations

import re
from typing import cast

from wizard.sandbox.schema import Environment, Project, Tier
from wizard.sandbox.world import World

# in this order; the first that matches counts (`Environment#guess_tier`)
_TIERS = (
    ("development", r"dev|review|trunk"),
    ("testing", r"test|tst|int|ac(ce|)pt|qa|qc|control|quality"),
    ("staging", r"st(a|)g|mod(e|)l|pre|demo|non"),
    ("production", r"pr(o|)d|live"),
)


def covers(scope: str, environment: str | None) -> bool:
    """Whether a scope covers an environment; jobs without one get only what is for all (`*`)."""
    if environment is None:
        return scope == "*"
    return re.fullmatch(".*".join(re.escape(part) for part in scope.split("*")), environment, re.DOTALL) is not None


def specificity(scope: str, environment: str | None) -> tuple[int, int]:
    """Return a rank of scopes that cover an environment: the exact name, then wildcards by length, then `*`."""
    if scope == "*":
        return 0, 0
    return (2, 0) if scope == environment else (1, len(scope.replace("*", "")))


def tier_of(environment: Environment) -> Tier:
    """Return the tier that was set, or else the one that GitLab guesses."""
    if environment.tier is not None:
        return environment.tier
    found = (tier for tier, pattern in _TIERS if re.search(pattern, environment.name, re.IGNORECASE))
    return cast("Tier", next(found, "other"))


def environment_named(project: Project, name: str) -> Environment | None:
    """Find an environment by its exact name."""
    return next((item for item in project.environments if item.name == name), None)


def ensure_environment(world: World, project: Project, name: str) -> Environment:
    """Return the environment of a job; as in GitLab the first job for it makes it, and a stopped one is there again."""
    found = environment_named(project, name)
    if found is None:
        found = Environment(id=world.next_id("environment"), name=name)
        project.environments.append(found)
    found.state = "available"
    return found
