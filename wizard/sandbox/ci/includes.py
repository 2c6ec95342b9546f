"""What a configuration includes, from the repository and from other projects (`Gitlab::Ci::Config::External`).

Files from elsewhere (`remote`, `template`, `component`), and what depends on rules or inputs, are not simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox.access import sees_project
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.yaml_text import read_configuration
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import may_read_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.replies import not_simulated
from wizard.sandbox.schema import Project, User
from wizard.sandbox.world import World

MOST = 150
DEEPEST_MERGE = 100
NO_PROJECT = (
    "Project `{path}` not found or access denied! Make sure any includes in the pipeline configuration are correctly "
    "defined."
)
_ELSEWHERE = ("remote", "template", "component", "artifact")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a file with includes stands, and who looks."""

    world: World
    user: User | None
    project: Project
    commit: Commit | None


@dataclass(frozen=True, slots=True)
class Included:
    """One included file."""

    context: Context
    kind: str
    location: str
    extra: dict[str, str] = field(default_factory=dict)
    source: Context | None = None
    """Where it was found, if that is not where it was included."""

    def shown(self) -> dict[str, Any]:
        """Show it as the answer of a lint does."""
        found = self.source or self.context
        base = f"{self.context.world.addresses.url}/{found.project.path}/-"
        commit = found.commit.id if found.commit else ""
        return {
            "type": self.kind,
            "location": self.location,
            "blob": f"{base}/blob/{commit}/{self.location}",
            "raw": f"{base}/raw/{commit}/{self.location}",
            "extra": self.extra,
            "context_project": self.context.project.path,
            "context_sha": self.context.commit.id if self.context.commit else None,
        }


def with_includes(content: dict[Any, Any], context: Context) -> tuple[dict[Any, Any], list[Included]]:
    """Return a configuration merged over all that it includes, and the files; the including file wins."""
    found: list[Included] = []
    return _merged(content, context, found), found


def merge(below: Any, above: Any) -> Any:
    """Merge mappings deeply; anything else is replaced by what lies above."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: merge(below[key], value) if key in below else value for key, value in above.items()}}


def _merged(content: dict[Any, Any], context: Context, found: list[Included]) -> dict[Any, Any]:
    below: dict[Any, Any] = {}
    for include in _listed(content.get("include")):
        for file, text in _files(include, context):
            found.append(file)
            if len(found) > MOST:
                raise ConfigurationError(f"Maximum of {MOST} nested includes are allowed!")
            below = merge(below, _merged(_read(file, text), file.source or context, found))
    own = {key: value for key, value in content.items() if key != "include"}
    merged: dict[Any, Any] = merge(below, own)
    return merged


def _listed(include: Any) -> list[Any]:
    if include is None:
        return []
    listed = include if isinstance(include, list) else [include]
    if not all(isinstance(item, str | dict) for item in listed):
        raise ConfigurationError("Include `" + str(include) + "` needs to match exactly one accessor!")
    return [item if isinstance(item, dict) else _from_text(item) for item in listed]


def _from_text(location: str) -> dict[str, str]:
    return {"remote": location} if re.match(r"\w+://", location) else {"local": location}


def _files(include: Mapping[str, Any], context: Context) -> Iterator[tuple[Included, str]]:
    for name in (*_ELSEWHERE, "rules", "inputs"):
        if name in include:
            raise not_simulated(f"`include` with `{name}` in the lint of a configuration")
    sources: dict[str, Callable[[Mapping[str, Any], Context], Iterator[tuple[Included, str]]]] = {
        "local": _local,
        "project": _of_project,
    }
    named = [name for name in sources if name in include]
    if len(named) != 1:
        raise ConfigurationError(f"Include `{_ruby(include)}` needs to match exactly one accessor!")
    yield from sources[named[0]](include, context)


def _ruby(include: Mapping[str, Any]) -> str:
    return "{" + ",".join(f'"{key}":"{value}"' for key, value in include.items()) + "}"


def _local(include: Mapping[str, Any], context: Context) -> Iterator[tuple[Included, str]]:
    pattern = str(include["local"]).lstrip("/")
    files = context.commit.files if context.commit else {}
    if "*" in pattern:
        shape = re.compile(wildcard(pattern))
        names = sorted(name for name in files if shape.fullmatch(name))
        if not names:
            raise ConfigurationError(f"Local file `{pattern}` does not have any matching files!")
    else:
        names = [pattern]
    for name in names:
        file = Included(context, "local", name)
        yield file, _content(file, context, f"Local file `{name}`")


def wildcard(pattern: str) -> str:
    """Return a regular expression for a path with `*` (within a folder) and `**` (across folders)."""
    parts = (
        ".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in re.split(r"(\*+)", pattern)
    )
    return "".join(parts)


def _of_project(include: Mapping[str, Any], context: Context) -> Iterator[tuple[Included, str]]:
    world, path = context.world, str(include["project"])
    project = world.project(path)
    hidden = project is None or not sees_project(world, context.user, project)
    if project is None or hidden or not may_read_code(world, context.user, project):
        raise ConfigurationError(NO_PROJECT.format(path=path))
    named = include.get("ref")
    commit = repository_of(world, project).resolve(named)
    if commit is None:
        raise ConfigurationError(f"Project `{path}` reference `{named or 'HEAD'}` does not exist!")
    source = Context(world, context.user, project, commit)
    listed = include.get("file")
    for item in listed if isinstance(listed, list) else [listed]:
        name = str(item or "").lstrip("/")
        extra = {"project": path} | ({"ref": str(named)} if named else {})
        file = Included(context, "file", name, extra, source)
        yield file, _content(file, source, f"Project `{path}` file `{name}`")


def _content(file: Included, source: Context, what: str) -> str:
    if not re.search(r"\.ya?ml$", file.location):
        raise ConfigurationError(f"Included file `{file.location}` does not have YAML extension!")
    found = source.commit.files.get(file.location) if source.commit else None
    if found is None:
        raise ConfigurationError(f"{what} does not exist!")
    text = found.content.decode("utf-8", "replace")
    if not text.strip():
        raise ConfigurationError(f"{what} is empty!")
    return text


def _read(file: Included, text: str) -> dict[Any, Any]:
    try:
        return read_configuration(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"Included file `{file.location}` does not have valid YAML syntax!") from error
