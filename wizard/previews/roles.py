"""Roles by name."""

from __future__ import annotations

from wizard.state import Role


def role_name(level: int) -> str:
    """Return the name of the highest role that an access level reaches; the set of levels is open."""
    fitting = [role for role in Role if role is not Role.NONE and role <= level]
    return fitting[-1].name.capitalize() if fitting else "none"
