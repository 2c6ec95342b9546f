"""Roles and what they are called (GitLab's access levels, `doc/api/members.md`)."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

RoleName = Literal["guest", "planner", "reporter", "developer", "maintainer", "owner"]
Level = Literal["none", "developer", "maintainer", "owner", "admin"]


class Role(IntEnum):
    """An access level. The set is open in GitLab: compare with `>=`."""

    NONE = 0
    GUEST = 10
    PLANNER = 15
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50
    ADMIN = 60


def role(name: str) -> Role:
    """Return the role of a name such as `maintainer`."""
    return Role[name.upper()]


def role_name(level: Role) -> str:
    """Return the name that stands in a world for a level."""
    return level.name.lower()
