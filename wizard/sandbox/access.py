"""Who is what where: roles with everything inherited, visibility, and whom a job token lets in."""

from __future__ import annotations

from wizard.sandbox.roles import Role, role
from wizard.sandbox.schema import Group, Project, User
from wizard.sandbox.world import World


def membership(world: World, user: User | None, home: Project | Group) -> Role:
    """Return the highest role by membership, of the home itself or inherited; no bypass for administrators."""
    if user is None:
        return Role.NONE
    places = [*world.ancestors(home.path), home]
    found = [role(place.members.get(user.username, "none")) for place in places]
    paths = {place.path for place in places}
    found += [role(token.role) for token in user.tokens if token.of in paths and token.role]
    if home.path.split("/")[0].lower() == user.username.lower():
        found.append(Role.OWNER)
    return max(found)


def role_in(world: World, user: User | None, home: Project | Group) -> Role:
    """Return what the user may act as: an administrator acts above every owner."""
    if user is not None and user.admin:
        return Role.ADMIN
    return membership(world, user, home)


def members(world: World, home: Project | Group) -> list[tuple[User, Role]]:
    """Return everybody with a role by membership, inherited or not, by id."""
    roles = [(user, membership(world, user, home)) for user in world.state.users]
    return sorted(((user, level) for user, level in roles if level), key=lambda pair: pair[0].id)


def sees_project(world: World, user: User | None, project: Project) -> bool:
    """Whether a project exists for this user at all."""
    if project.visibility == "public":
        return True
    if user is None:
        return False
    if project.visibility == "internal" and not user.external:
        return True
    return role_in(world, user, project) > Role.NONE


def sees_group(world: World, user: User | None, group: Group) -> bool:
    """Whether a group exists for this user: also when only something below it is theirs."""
    if group.visibility == "public":
        return True
    if user is None:
        return False
    if (group.visibility == "internal" and not user.external) or role_in(world, user, group) > Role.NONE:
        return True
    below = group.path.lower() + "/"
    homes = (home for home in world.state.homes if home.path.lower().startswith(below))
    return any(membership(world, user, home) > Role.NONE for home in homes)


def may_pull(world: World, user: User | None, project: Project, *, as_admin: bool = True) -> bool:
    """Whether a user may see and pull images (the visibility matrix of `doc/user/packages/container_registry`).

    `as_admin=False`: a job token, which gives an administrator no more than membership does.
    """
    if project.registry == "disabled" or world.registry_host is None:
        return False
    if (role_in if as_admin else membership)(world, user, project) >= Role.REPORTER:
        return True
    if project.registry == "private" or project.visibility == "private":
        return False
    return project.visibility == "public" or (user is not None and not user.external)


def allowlisted(world: World, job_project: Project, accessed: Project) -> bool:
    """Whether job tokens of one project may come into another (the inbound allowlist of the accessed one)."""
    scope = accessed.job_token_scope
    if job_project is accessed or not (scope.enabled or world.state.instance.enforce_job_token_allowlist):
        return True
    groups = {group.path for group in world.ancestors(job_project.path)}
    return job_project.path in scope.projects or not groups.isdisjoint(scope.groups)
