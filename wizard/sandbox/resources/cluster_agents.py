"""Agents for Kubernetes, in the project that holds their configuration (`lib/api/clusters/agents.rb`)."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.entities import made, project_identity
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, requires
from wizard.sandbox.replies import empty, json_reply, message, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Agent

NAME_RULE = "Name can contain only lowercase letters, digits, and '-', but cannot start or end with '-'"
ONE = declare(requires("agent_id", "integer"))


def _show_agent(call: Call, agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "name": agent.name,
        "config_project": project_identity(call.world, call.project),
        "created_at": made(call.world),
        "created_by_user_id": None,
    }


def _require_reading(call: Call) -> None:
    """Below Developer a project has no agents to be seen, and GitLab says so by a 404."""
    if call.role < Role.DEVELOPER:
        raise not_found("ClusterAgents" if call.route.rule.endswith("cluster_agents") else "")


def _find(call: Call) -> Agent:
    found = next((agent for agent in call.project.agents if agent.id == call.params["agent_id"]), None)
    if found is None:
        raise not_found()
    return found


def _index(call: Call) -> Response:
    agents = sorted(call.project.agents, key=lambda agent: agent.name)
    return paged(call, agents, lambda agent: _show_agent(call, agent))


def _show(call: Call) -> Response:
    return json_reply(_show_agent(call, _find(call)))


def _create(call: Call) -> Response:
    name, problems = call.params["name"] or "", []
    if not name:
        problems.append("Name can't be blank")
    if len(name) > 63:
        problems.append("Name is too long (maximum is 63 characters)")
    if any(agent.name == name for agent in call.project.agents):
        problems.append("Name has already been taken")
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name):
        problems.append(NAME_RULE)
    if problems:
        # the service hands a list to the helper that writes it into a text, as Ruby shows lists
        raise message(400, "400 Bad request - [" + ", ".join(f'"{problem}"' for problem in problems) + "]")
    agent = Agent(id=call.world.next_id("agent"), name=name)
    call.project.agents.append(agent)
    return json_reply(_show_agent(call, agent), 201)


def _delete(call: Call) -> Response:
    call.project.agents.remove(_find(call))
    return empty()


def _route(method: str, rule: str, handler: Any, params: Parameters) -> Route:
    reads = method == "GET"
    return Route(
        method=method,
        rule=f"/projects/<id>/{rule}",
        handler=handler,
        params=params,
        role=Role.NONE if reads else Role.MAINTAINER,
        guard=_require_reading if reads else None,
        noun="cluster_agent",
    )


routes = [
    _route("GET", "cluster_agents", _index, declare()),
    _route("POST", "cluster_agents", _create, declare(requires("name"))),
    _route("GET", "cluster_agents/<agent_id>", _show, ONE),
    _route("DELETE", "cluster_agents/<agent_id>", _delete, ONE),
]
