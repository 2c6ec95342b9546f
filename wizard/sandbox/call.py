"""One request on its way through the simulated GitLab, as handlers see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from wizard.sandbox.access import role_in
from wizard.sandbox.identity import Identity
from wizard.sandbox.replies import unauthorized
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Group, Project, User
from wizard.sandbox.world import World

if TYPE_CHECKING:
    from wizard.sandbox.instance import Instance


@dataclass(slots=True)
class Call:
    """A request with its route, its caller and its validated parameters."""

    instance: Instance
    world: World
    request: Request
    route: Route
    arguments: dict[str, str]
    """The variable parts of the path, decoded."""
    identity: Identity = field(default_factory=Identity)
    params: dict[str, Any] = field(default_factory=dict)
    """The declared parameters that were given, from path, query and body."""
    subject: Project | Group | None = None

    @property
    def project(self) -> Project:
        """The project of a route below `/projects/<id>`."""
        if not isinstance(self.subject, Project):
            raise TypeError(f"{self.route.rule} has no project")
        return self.subject

    @property
    def group(self) -> Group:
        """The group of a route below `/groups/<id>`."""
        if not isinstance(self.subject, Group):
            raise TypeError(f"{self.route.rule} has no group")
        return self.subject

    @property
    def user(self) -> User:
        """The caller; nobody is refused with 401."""
        if self.identity.user is None:
            raise unauthorized()
        return self.identity.user

    @property
    def role(self) -> Role:
        """What the caller may act as in the subject."""
        if self.subject is None:
            return Role.ADMIN if self.identity.user and self.identity.user.admin else Role.NONE
        return role_in(self.world, self.identity.user, self.subject)

    @property
    def url(self) -> str:
        """The address of this GitLab, without a slash at the end."""
        return self.world.addresses.url
