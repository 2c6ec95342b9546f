"""One project's repository: branches, history, and what a name means. The world's file format is its only storage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from wizard.sandbox.git.objects import Author, Commit, File, Files, trees
from wizard.sandbox.schema import Branch, Project
from wizard.sandbox.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When the commits of a world were made: a world file has no dates, and its commit ids stay the same."""
_FOUNDER = Author("Sandbox", "sandbox@example.com", START)


class Repository:
    """A repository without merge commits, so that the first parent is the whole history."""

    def __init__(self, project: Project) -> None:
        """Read what the world says of the project's files."""
        self._project = project
        self._starts: dict[str, str] = {}
        self.heads: dict[str, Commit] = {}
        self.tags: dict[str, Commit] = {}
        self.commits: dict[str, Commit] = {}
        if not project.files:
            return
        root = self._keep(_founded(_read(project.files), (), "Initial commit"))
        self.heads[project.default_branch] = root
        for name, branch in project.branches.items():
            self._starts[name] = branch.from_
            start = self.heads[branch.from_]
            files = _laid_over(start.files, branch)
            changed = files != start.files
            self.heads[name] = self._keep(_founded(files, (start.id,), f"Change {name}")) if changed else start
        self.tags = {name: self.heads[branch] for name, branch in project.tags.items()}

    @property
    def default_branch(self) -> str:
        """The branch that is meant when none is named."""
        return self._project.default_branch

    @property
    def is_empty(self) -> bool:
        """Whether there is no commit yet."""
        return not self.heads

    def resolve(self, name: str | None) -> Commit | None:
        """Return the commit that a branch, a tag, `HEAD` or an id of at least four characters means."""
        if not name or name == "HEAD":
            return self.heads.get(self.default_branch)
        branch = self.heads.get(name.removeprefix("refs/heads/")) or self.tags.get(name.removeprefix("refs/tags/"))
        if branch is not None or not re.fullmatch(r"[0-9a-f]{4,40}", name):
            return branch
        found = [commit for number, commit in self.commits.items() if number.startswith(name)]
        return found[0] if len(found) == 1 else None

    def history(self, commit: Commit) -> Iterator[Commit]:
        """Walk from a commit to the first one."""
        yield commit
        while commit.parents:
            commit = self.commits[commit.parents[0]]
            yield commit

    def parent(self, commit: Commit) -> Commit | None:
        """Return the commit before this one."""
        return self.commits[commit.parents[0]] if commit.parents else None

    def contains(self, newer: Commit, older: Commit) -> bool:
        """Whether one commit is the other or comes after it."""
        return any(commit.id == older.id for commit in self.history(newer))

    def merge_base(self, one: Commit, other: Commit) -> Commit | None:
        """Return the newest commit that both have."""
        known = {commit.id for commit in self.history(one)}
        return next((commit for commit in self.history(other) if commit.id in known), None)

    def last_change(self, commit: Commit, path: str) -> Commit | None:
        """Return the newest commit, from this one back, that changed a file or folder; None: it was never there."""
        for one in self.history(commit):
            before = self.parent(one)
            if _at(one.files, path) != (_at(before.files, path) if before else None):
                return one
        return None

    def add(
        self, branch: str, start: Commit | None, files: Files, author: Author, committer: Author, text: str
    ) -> Commit:
        """Commit on a branch, from a start (None: the first commit of all); the branch is made or moved."""
        parents = (start.id,) if start else ()
        made = self._keep(Commit(files, parents, author, committer, text))
        if self.is_empty:
            self._project.default_branch = branch
        self.move(branch, made)
        return made

    def move(self, branch: str, commit: Commit) -> None:
        """Let a branch point to a commit."""
        self.heads[branch] = commit
        self.write()

    def delete(self, branch: str) -> None:
        """Take a branch away; its commits stay known by their ids."""
        del self.heads[branch]
        self.write()

    def write(self) -> None:
        """Put the branches into the world's own form, each as it differs from an earlier one."""
        default = self.heads.get(self.default_branch)
        if default is None:
            return
        self._project.files = _written(default.files)
        written = {self.default_branch: default}
        branches: dict[str, Branch] = {}
        for name, head in self.heads.items():
            if name == self.default_branch:
                continue
            start = self._starts.get(name, "")
            start = start if start in written else self.default_branch
            branches[name] = Branch(files=_difference(written[start].files, head.files))
            branches[name].from_ = start
            written[name] = head
        self._project.branches = branches

    def _keep(self, commit: Commit) -> Commit:
        return self.commits.setdefault(commit.id, commit)


class Repositories:
    """The repositories of a world, each made when it is first used."""

    def __init__(self, world: World) -> None:
        """Start with none."""
        self._made: dict[int, Repository] = {}
        world.before_export(self._write)

    def of(self, project: Project) -> Repository:
        """Return the repository of a project."""
        if project.id not in self._made:
            self._made[project.id] = Repository(project)
        return self._made[project.id]

    def _write(self) -> None:
        for repository in self._made.values():
            repository.write()


def repository_of(world: World, project: Project) -> Repository:
    """Return the repository of a project."""
    return world.attached(Repositories).of(project)


def _founded(files: Files, parents: tuple[str, ...], message: str) -> Commit:
    return Commit(files, parents, _FOUNDER, _FOUNDER, message)


def _at(files: Files, path: str) -> object:
    if path in files:
        return files[path]
    found = trees({name: file for name, file in files.items() if name.startswith(f"{path}/")})
    return found[path][0] if path in found else None


def _read(files: dict[str, str]) -> dict[str, File]:
    return {path: File(text.encode()) for path, text in files.items()}


def _laid_over(files: Files, branch: Branch) -> Files:
    own = {path: File(text.encode()) for path, text in branch.files.items() if text is not None}
    gone = {path for path, text in branch.files.items() if text is None}
    return {path: file for path, file in {**files, **own}.items() if path not in gone}


def _written(files: Files) -> dict[str, str]:
    return {path: file.content.decode() for path, file in files.items()}


def _difference(start: Files, files: Files) -> dict[str, str | None]:
    before, after = _written(start), _written(files)
    changed: dict[str, str | None] = {path: text for path, text in after.items() if before.get(path) != text}
    return changed | dict.fromkeys(path for path in before if path not in after)
