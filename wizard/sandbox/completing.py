"""A world completed: ids in order, the groups that paths imply, bots, and every reference in its current spelling."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from wizard.sandbox.consistency import namespaces
from wizard.sandbox.roles import RoleName
from wizard.sandbox.schema import Group, Project, User, WorldState


def complete(state: WorldState) -> None:
    """Fill in, in place, everything that was left out of a world without contradictions."""
    explicit = {group.path.lower() for group in state.groups}
    state.groups += [Group(path=path) for path in namespaces(state) if path.lower() not in explicit]
    _number(state.users)
    _number(state.groups)
    _number(state.projects)
    renamed = {user.username.lower(): _named(user, state) for user in state.users if user.username}
    for user in state.users:
        _describe(user, state)
    for owner in state.homes:
        owner.members = {renamed[name.lower()]: role for name, role in owner.members.items()}
    _number([token for owner in state.homes for token in owner.deploy_tokens])
    jobs = [job for project in state.projects for job in project.jobs]
    _number(jobs)
    _number(jobs, "pipeline")
    _number([item for project in state.projects for item in project.environments])
    _number([item for project in state.projects for item in project.pipeline_schedules])
    _number([agent for project in state.projects for agent in project.agents])
    for owner in state.homes:
        _complete_deploy_tokens(owner)
    for project in state.projects:
        _complete_project(project, renamed)
    _spell_allowlists(state)


def _number(items: Sequence[object], field: str = "id") -> None:
    taken = {getattr(item, field) for item in items}
    following = 1
    for item in items:
        if getattr(item, field):
            continue
        while following in taken:
            following += 1
        setattr(item, field, following)
        taken.add(following)


def _named(user: User, state: WorldState) -> str:
    """A project or group token makes its user a bot, whose name GitLab gives."""
    token = next((token for token in user.tokens if token.kind in ("project", "group")), None)
    if token is None or token.of is None:
        return user.username or f"user{user.id}"
    homes: Iterable[Project | Group] = state.projects if token.kind == "project" else state.groups
    home = next(home for home in homes if home.path.lower() == token.of.lower())
    start = f"{token.kind}_{home.id}_bot_"
    if user.username.startswith(start):
        return user.username
    return start + hashlib.sha256(f"{start}{user.id}".encode()).hexdigest()[:32]


def _describe(user: User, state: WorldState) -> None:
    given = user.username
    user.username = _named(user, state)
    bot = next((token for token in user.tokens if token.kind in ("project", "group")), None)
    user.name = user.name or (bot.name if bot else given.title() or user.username)
    user.email = user.email or f"{user.username}@{'noreply.' if bot else ''}example.com"
    default: RoleName = "maintainer"
    paths = {home.path.lower(): home.path for home in state.homes}
    for token in user.tokens:
        if token.of is not None:
            token.of = paths[token.of.lower()]
            token.role = token.role or default


def _complete_deploy_tokens(owner: Group | Project) -> None:
    for token in owner.deploy_tokens:
        token.username = token.username or f"gitlab+deploy-token-{token.id}"
        token.token = token.token or f"gldt-{token.id}-{_made_up(owner.path, token.id)}"


def _complete_project(project: Project, renamed: dict[str, str]) -> None:
    _number(project.merge_requests, "iid")
    _number(project.repository_protection)
    _number(project.tag_protection)
    for schedule in project.pipeline_schedules:
        schedule.ref = full_ref(schedule.ref or project.default_branch)
        schedule.owner = renamed[schedule.owner.lower()] if schedule.owner else None
    for branch in project.branches.values():
        branch.from_ = branch.from_ or project.default_branch
    for request in project.merge_requests:
        request.target = request.target or project.default_branch
        request.title = request.title or request.source
    for job in project.jobs:
        job.started_by = renamed[job.started_by.lower()]
        job.token = job.token or f"glcbt-{job.id}-{_made_up(project.path, job.id)}"
        job.ref = job.ref or project.default_branch


def full_ref(name: str) -> str:
    """Return a branch name as GitLab stores it for a schedule: `refs/heads/main`."""
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def _spell_allowlists(state: WorldState) -> None:
    groups = {group.path.lower(): group.path for group in state.groups}
    projects = {old.lower(): project.path for project in state.projects for old in project.former_paths}
    projects |= {project.path.lower(): project.path for project in state.projects}
    for project in state.projects:
        scope = project.job_token_scope
        scope.projects = [path for path in (projects[name.lower()] for name in scope.projects) if path != project.path]
        scope.groups = [groups[name.lower()] for name in scope.groups]


def _made_up(path: str, number: int) -> str:
    """The same world has the same secrets each time, so that a test can be repeated."""
    return hashlib.sha256(f"{path} {number}".encode()).hexdigest()[:20]
