"""The images of a project as rows of repositories, and who may take tags away."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from wizard.sandbox.access import role_in
from wizard.sandbox.entities import image_prefix
from wizard.sandbox.roles import Role, role
from wizard.sandbox.schema import Project, Protection, User
from wizard.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Row:
    """One container repository: what lies below a project's registry path under one name."""

    id: int
    project: Project
    name: str
    """What comes after the project's path; empty for the project's own path."""

    @property
    def path(self) -> str:
        """The full path, in lower case as the registry has it."""
        return f"{self.project.path.lower()}/{self.name}".rstrip("/")

    @property
    def tags(self) -> dict[str, str]:
        """Tag to digest, the oldest first."""
        return self.project.images[self.name]

    def created(self, world: World, tag: str) -> datetime:
        """Return when a tag was made."""
        return self.project.image_dates.get(self.name, {}).get(tag, world.started.replace(microsecond=0))

    def location(self, world: World) -> str:
        """Return the image name without a tag."""
        return f"{image_prefix(world, self.project)}/{self.name}".rstrip("/")


def size_of(digest: str) -> int:
    """Return a size in bytes that belongs to a digest: an image that is only named has none of its own."""
    return 1_000_000 + int(hashlib.sha256(digest.encode()).hexdigest()[:6], 16)


def configuration_of(digest: str) -> str:
    """Return the hash of the image configuration that belongs to a digest; the API calls it the revision."""
    return hashlib.sha256(f"configuration of {digest}".encode()).hexdigest()


def rows(world: World) -> list[Row]:
    """Return every repository of the instance; an id is given when one is first seen, and kept."""
    return [
        Row(world.stable_id("repository_row", (project.id, name)), project, name)
        for project in world.state.projects
        for name in project.images
    ]


def path_matches(pattern: str, path: str) -> bool:
    """Whether a repository protection pattern, with `*` as its only wildcard, covers a path."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.lower().split("*")), path.lower()) is not None


def tag_matches(pattern: str, tag: str) -> bool:
    """Whether a tag protection pattern covers a whole tag, as a wildcard (the API's form) or a regular expression."""
    wildcard = ".*".join(re.escape(part) for part in pattern.split("*"))
    try:
        return re.fullmatch(wildcard, tag) is not None or re.fullmatch(pattern, tag) is not None
    except re.error:
        return False


def forbids(rule: Protection, level: Role, action: str) -> bool:
    """Whether a rule keeps a role from `push` or `delete`; without any level the rule lets nobody (immutable tags)."""
    least = rule.push if action == "push" else rule.delete
    if least is None:
        return rule.push is None and rule.delete is None
    return level < role(least)


def protected_path(world: World, user: User | None, row_path: str, project: Project, action: str) -> bool:
    """Whether a repository protection rule keeps this user from an action on a path."""
    level = role_in(world, user, project)
    covering = (rule for rule in project.repository_protection if path_matches(rule.pattern, row_path))
    return any(forbids(rule, level, action) for rule in covering)


def protected_tag(world: World, user: User | None, project: Project, tag: str, action: str) -> bool:
    """Whether a tag protection rule keeps this user from an action on a tag."""
    level = role_in(world, user, project)
    return any(forbids(rule, level, action) for rule in project.tag_protection if tag_matches(rule.pattern, tag))
