"""Who may read code and who may push where (`app/models/protected_branch.rb`, `lib/gitlab/user_access.rb`)."""

from __future__ import annotations

import re

from wizard.sandbox.access import role_in
from wizard.sandbox.call import Call
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.replies import forbidden, not_found
from wizard.sandbox.roles import Level, Role, role
from wizard.sandbox.schema import Project, ProtectedBranch, User
from wizard.sandbox.world import World


def protections(project: Project, branch: str) -> list[ProtectedBranch]:
    """Return every protection that covers a branch, by name or wildcard."""
    found = project.protected_branches.items()
    return [protection for pattern, protection in found if matches(pattern, branch)]


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern with `*` as its only wildcard covers a whole name."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name) is not None


def may_push(world: World, user: User | None, project: Project, branch: str) -> bool:
    """Whether a user may push to a branch; of several protections the most generous decides.

    The first push of all meets the protection that the default branch is about to get.
    """
    levels: list[Level] = [protection.push for protection in protections(project, branch)]
    if not levels and repository_of(world, project).is_empty:
        levels = [protection.push for protection in protections(project, project.default_branch)]
    return _reaches(world, user, project, levels)


def may_merge(world: World, user: User | None, project: Project, branch: str) -> bool:
    """Whether a user may merge into a branch."""
    found = protections(project, branch)
    return _reaches(world, user, project, [protection.merge for protection in found])


def _reaches(world: World, user: User | None, project: Project, levels: list[Level]) -> bool:
    level = role_in(world, user, project)
    if level < Role.DEVELOPER or project.archived or project.repository == "disabled":
        return False
    return not levels or any(name != "none" and level >= role(name) for name in levels)


def may_read_code(world: World, user: User | None, project: Project) -> bool:
    """Whether a user may read the repository: everybody outside private projects, there Reporters."""
    if project.visibility == "private" or (project.visibility == "internal" and (user is None or user.external)):
        return role_in(world, user, project) >= Role.REPORTER
    return True


def require_code(call: Call) -> None:
    """Guard a route of the repository."""
    if call.project.repository == "disabled":
        raise not_found("Repository")
    if not may_read_code(call.world, call.identity.user, call.project):
        raise forbidden()
