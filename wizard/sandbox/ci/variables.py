"""The variables of a job: predefined ones, and over them those of the instance, of groups and of the project.

The order is GitLab's (`doc/ci/variables`, "CI/CD variable precedence"; `Gitlab::Ci::Variables::Builder`), without
what a configuration adds: the caller starts a job, and says nothing of a configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard.sandbox.ci.environments import covers, specificity
from wizard.sandbox.ci.pipelines import is_protected
from wizard.sandbox.ci.predefined import predefined
from wizard.sandbox.schema import InstanceVariable, Job, Project, Variable
from wizard.sandbox.world import World

Some = Variable | InstanceVariable


@dataclass(frozen=True, slots=True)
class JobVariable:
    """One variable as a job gets it; a file's value is written to a file, whose path the job then sees."""

    key: str
    value: str
    file: bool = False


def job_variables(world: World, project: Project, job: Job) -> list[JobVariable]:
    """Return the variables of a job by key, each once: what stands higher replaces what stands lower."""
    found = {key: JobVariable(key, value, key == "KUBECONFIG") for key, value in predefined(world, project, job)}
    protected = is_protected(project, job.ref)
    levels: list[Sequence[Some]] = [
        world.state.instance.variables,
        *(group.variables for group in world.ancestors(project.path)),
        project.variables,
    ]
    for level in levels:
        for variable in reaching(level, job.environment, protected=protected):
            is_file = variable.variable_type == "file"
            found[variable.key] = JobVariable(variable.key, variable.value, is_file)
    return [found[key] for key in sorted(found)]


def reaching(level: Sequence[Some], environment: str | None, *, protected: bool) -> Iterable[Some]:
    """Return those of one level that reach a job, the more specific scope after the less specific one."""
    fitting = [
        variable
        for variable in level
        if (protected or not variable.protected) and covers(_scope(variable), environment)
    ]
    return sorted(fitting, key=lambda variable: specificity(_scope(variable), environment))


def _scope(variable: Some) -> str:
    return variable.environment_scope if isinstance(variable, Variable) else "*"
