"""The simulated CI/CD with one rule broken at a time: variables of jobs, lint, jobs and what they deploy to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.sandbox.mutants import Mutant, Patch, always, routes, sets
from wizard.sandbox import paging
from wizard.sandbox.ci import includes, keywords, linting, predefined, rules, variables
from wizard.sandbox.ci.agents import Authorised
from wizard.sandbox.ci.environments import specificity
from wizard.sandbox.ci.predefined import EXPOSED, JobContext
from wizard.sandbox.ci.slugs import slug
from wizard.sandbox.parameters import Parameters, requires
from wizard.sandbox.replies import not_found
from wizard.sandbox.resources import ci_lint, control_jobs, environments, jobs, pipeline_creation, pipelines
from wizard.sandbox.roles import Role
from wizard.sandbox.schema import DeployToken, Group, Project
from wizard.sandbox.world import World


def _least_specific(scope: str, environment: str | None) -> tuple[int, int]:
    kind, length = specificity(scope, environment)
    return -kind, -length


def _shorter_first(scope: str, environment: str | None) -> tuple[int, int]:
    kind, length = specificity(scope, environment)
    return kind, -length


def _of_any_group(world: World, project: Project) -> DeployToken | None:
    homes: list[Project | Group] = [project, *reversed(world.ancestors(project.path))]
    return next((token for home in homes for token in home.deploy_tokens if token.name == EXPOSED), None)


def _seven(context: JobContext) -> Iterator[tuple[str, str]]:
    for key, value in _COMMIT(context):
        yield key, value[:7] if key == "CI_COMMIT_SHORT_SHA" else value


_COMMIT = predefined._commit


def _all_agents(world: World, *_: object, **__: object) -> list[Authorised]:
    return [Authorised(home, agent) for home in world.state.projects for agent in home.agents]


def _outermost_first(patch: Patch) -> None:
    ancestors = World.ancestors
    patch.setattr(World, "ancestors", lambda world, path: list(reversed(ancestors(world, path))))


def _lints_for_anybody(patch: Patch) -> None:
    patch.setattr(ci_lint, "_may_run", always(True))
    routes("/projects/<id>/ci/lint", "POST", role=Role.NONE)(patch)


def _tells_one_mistake(patch: Patch) -> None:
    malformed = linting._malformed
    patch.setattr(linting, "_malformed", lambda merged: list(malformed(merged))[:1])


def _included_wins(patch: Patch) -> None:
    merge = includes.merge
    patch.setattr(includes, "merge", lambda below, above: merge(above, below))


def _reads_every_project(patch: Patch) -> None:
    patch.setattr(includes, "sees_project", always(True))
    patch.setattr(includes, "may_read_code", always(True))


def _counts(call: Any, items: Any, show: Any, keyset: Any = None, **_: object) -> Any:
    return paging.paged(call, items, show, keyset)


def _takes_variables(patch: Patch) -> None:
    named = Parameters((requires("ref", blank=False),))
    routes("/projects/<id>/pipeline", "POST", params=named)(patch)


MUTANTS = [
    Mutant("gives every job what is protected", "job_start", sets(variables, "is_protected", always(True))),
    Mutant("gives no job what is protected", "job_start", sets(variables, "is_protected", always(False))),
    Mutant("takes every scope for every environment", "job_start", sets(variables, "covers", always(True))),
    Mutant(
        "reads scopes to the letter", "job_start", sets(variables, "covers", lambda scope, name: scope in ("*", name))
    ),
    Mutant("lets the least specific scope win", "job_start", sets(variables, "specificity", _least_specific)),
    Mutant("lets the shorter wildcard win", "job_start", sets(variables, "specificity", _shorter_first)),
    Mutant("lets the outer group win", "job_start", _outermost_first),
    Mutant(
        "hands out a deploy token of any group", "job_start", sets(predefined, "exposed_deploy_token", _of_any_group)
    ),
    Mutant("hands out expired deploy tokens", "job_start", sets(predefined, "expired", always(False))),
    Mutant("hands out deploy tokens of another name", "job_start", sets(predefined, "EXPOSED", "deploy-token")),
    Mutant(
        "writes image paths as they are",
        "job_start",
        sets(predefined, "image_prefix", lambda world, project: f"{world.registry_host}/{project.path}"),
    ),
    Mutant("shortens commits to seven characters", "job_start", sets(predefined, "_commit", _seven)),
    Mutant("keeps capitals in slugs", "job_start", sets(predefined, "slug", lambda name: slug(name).replace("f", "F"))),
    Mutant("cuts no name of an environment", "job_start", sets(predefined, "environment_slug", slug)),
    Mutant("lets every agent in", "job_start", sets(predefined, "authorised_agents", _all_agents)),
    Mutant("makes an environment for each job", "job_start", sets(control_jobs, "ensure_environment", always(None))),
    Mutant("lints for anybody", "ci_lint", _lints_for_anybody),
    Mutant("lints for a token that only reads", "ci_lint", routes("/projects/<id>/ci/lint", "POST", scopes=())),
    Mutant("puts jobs in any order", "ci_lint", sets(linting, "check_order", always(None))),
    Mutant("tells one mistake of several", "ci_lint", _tells_one_mistake),
    Mutant("takes anything for an expression", "ci_lint", sets(keywords, "is_expression", always(True))),
    Mutant("lets the included file win", "ci_lint", _included_wins),
    Mutant("includes what the caller does not see", "ci_lint", _reads_every_project),
    Mutant("warns of nothing", "ci_lint", sets(linting, "_warnings", always(()))),
    Mutant(
        "knows no stages but its own", "ci_lint", sets(linting, "stages_of", lambda merged: merged.get("stages") or [])
    ),
    Mutant("holds every rule for true", "ci_lint", sets(rules, "holds", always(True))),
    Mutant("holds no rule for true", "ci_lint", sets(rules, "holds", always(False))),
    Mutant("takes tags for branches", "ci_lint", sets(rules, "is_tag", always(False))),
    Mutant("needs what its rules left out", "ci_lint", sets(rules, "needed", always(()))),
    Mutant(
        "runs on protected branches for anybody", "pipelines", sets(pipeline_creation, "is_protected", always(False))
    ),
    Mutant("takes variables of a pipeline", "pipelines", _takes_variables),
    Mutant("shows jobs where CI is off", "jobs", routes("/projects/<id>/jobs", guard=None)),
    Mutant("counts jobs", "jobs", sets(jobs, "paged", _counts)),
    Mutant("shows logs to jobs", "jobs", routes("/projects/<id>/jobs/<job_id>/trace", job_token="allowlist")),
    Mutant("shows jobs to nobody in particular", "jobs", routes("/projects/<id>/jobs", anonymous=True)),
    Mutant("says by 404 that no pipeline is the latest", "pipelines", sets(pipelines, "forbidden", not_found)),
    Mutant("shows runners to developers", "runners", routes("/projects/<id>/runners", role=Role.DEVELOPER)),
    Mutant("shows agents to reporters", "cluster_agents", routes("/projects/<id>/cluster_agents", guard=None)),
    Mutant("shows environments to guests", "environments", routes("/projects/<id>/environments", guard=None)),
    Mutant("guesses no tier", "environments", sets(environments, "tier_of", always("other"))),
    Mutant("lets no job see environments", "environments", routes("/projects/<id>/environments", job_token="no")),
]
