"""Git's own ids for files, folders and commits (`Documentation/gitformat-*` of git; SHA-1 object format)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


def object_id(kind: str, content: bytes) -> str:
    """Return the id of a git object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    """One file as a commit holds it."""

    content: bytes = field(repr=False)
    executable: bool = False

    @property
    def id(self) -> str:
        """The id of the blob; the mode is not part of it."""
        return object_id("blob", self.content)

    @property
    def mode(self) -> str:
        """The mode as git writes it."""
        return "100755" if self.executable else "100644"


Files = Mapping[str, File]
"""Path to file: all that a commit holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder below another."""

    path: str
    id: str
    mode: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_tree(self) -> bool:
        """Whether this is a folder."""
        return self.mode == "040000"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a commit, and when."""

    name: str
    email: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with all its files."""

    files: Files = field(repr=False)
    parents: tuple[str, ...]
    author: Author
    committer: Author
    message: str
    id: str = ""

    def __post_init__(self) -> None:
        parents = "".join(f"parent {parent}\n" for parent in self.parents)
        root = trees(self.files)[""][0]
        text = f"tree {root}\n{parents}author {self.author}\ncommitter {self.committer}\n\n{self.message}"
        object.__setattr__(self, "id", object_id("commit", text.encode()))


def trees(files: Files) -> dict[str, tuple[str, list[Entry]]]:
    """Return each folder's id and entries in git's order; the root is the empty path."""
    inside: dict[str, list[Entry]] = {folder: [] for folder in folders(files)}
    for path, file in files.items():
        inside[path.rpartition("/")[0]].append(Entry(path, file.id, file.mode))
    found: dict[str, tuple[str, list[Entry]]] = {}
    for folder in sorted(inside, key=lambda path: path.count("/") if path else -1, reverse=True):
        entries = sorted(inside[folder], key=lambda entry: entry.name.encode() + (b"/" if entry.is_tree else b""))
        content = b"".join(
            f"{entry.mode.lstrip('0')} {entry.name}\0".encode() + bytes.fromhex(entry.id) for entry in entries
        )
        found[folder] = object_id("tree", content), entries
        if folder:
            inside[folder.rpartition("/")[0]].append(Entry(folder, found[folder][0], "040000"))
    return found


def folders(files: Files) -> set[str]:
    """Return the path of every folder, the root with them."""
    found = {""}
    for path in files:
        parts = path.split("/")[:-1]
        found |= {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return found
