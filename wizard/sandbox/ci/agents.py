"""Which agents for Kubernetes a job may use, and its KUBECONFIG (`doc/user/clusters/agent/ci_cd_workflow`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from wizard.sandbox.ci.environments import covers
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.schema import Agent, Job, Project
from wizard.sandbox.world import World

PROXY = "/-/kubernetes-agent/k8s-proxy/"


@dataclass(frozen=True, slots=True)
class Authorised:
    """An agent that a job may use."""

    home: Project
    agent: Agent

    @property
    def context(self) -> str:
        """The name of its context: `path/to/agent/project:agent-name`."""
        return f"{self.home.path}:{self.agent.name}"


def has_agents(world: World) -> bool:
    """Whether this GitLab runs the server side of agents (KAS)."""
    return any(project.agents for project in world.state.projects)


def authorised_agents(world: World, project: Project, environment: str | None, *, protected: bool) -> list[Authorised]:
    """Return the agents of the project itself, and those of others whose configuration lets its jobs in."""
    return [
        Authorised(home, agent)
        for home in world.state.projects
        for agent in home.agents
        if home is project
        or any(_lets_in(entry, environment, protected=protected) for entry in _access(world, home, agent, project))
    ]


def kubeconfig(world: World, agents: list[Authorised], job: Job) -> str:
    """Return the file with one context for each agent."""
    server = world.addresses.url + PROXY
    users = [{"name": f"agent:{item.agent.id}", "user": {"token": _token(item, job)}} for item in agents]
    contexts = [
        {"name": item.context, "context": {"cluster": "gitlab", "user": f"agent:{item.agent.id}"}} for item in agents
    ]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "gitlab", "cluster": {"server": server}}],
        "users": users,
        "contexts": contexts,
    }
    return yaml.safe_dump(document, sort_keys=False)


def _token(item: Authorised, job: Job) -> str:
    return f"ci:{item.agent.id}:{job.token}"


def _access(world: World, home: Project, agent: Agent, project: Project) -> Iterator[Mapping[str, Any]]:
    """Walk the entries of `ci_access` that mean a project; only within one top-level group, as GitLab allows."""
    if home.path.split("/")[0].lower() != project.path.split("/")[0].lower():
        return
    access = _configuration(world, home, agent).get("ci_access")
    groups = {group.path.lower() for group in world.ancestors(project.path)}
    for kind, ids in (("projects", {project.path.lower()}), ("groups", groups)):
        for entry in (access.get(kind) or ()) if isinstance(access, Mapping) else ():
            if isinstance(entry, Mapping) and str(entry.get("id", "")).lower() in ids:
                yield entry


def _configuration(world: World, home: Project, agent: Agent) -> Mapping[str, Any]:
    commit = repository_of(world, home).resolve(None)
    file = commit.files.get(f".gitlab/agents/{agent.name}/config.yaml") if commit else None
    try:
        found = yaml.safe_load(file.content) if file else None
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _lets_in(entry: Mapping[str, Any], environment: str | None, *, protected: bool) -> bool:
    if entry.get("protected_branches_only") and not protected:
        return False
    only = entry.get("environments")
    return not only or any(environment is not None and covers(str(scope), environment) for scope in only)
