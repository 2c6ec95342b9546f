"""A site of plain files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """An index.html, and no program that makes it."""

    name: ClassVar[str] = "static"
    folder: str = "."
    version: str = ""
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """`nginx` of the unprivileged image."""
        return 101

    @property
    def read_only(self) -> bool:
        """The server keeps its files in /tmp."""
        return True


def detect_static(tree: Tree) -> Static | None:
    """Find the folder that holds index.html."""
    folders = (".", "public", "dist", "site", "www", "docs")
    found = (name for name in folders if tree.any(f"{name}/index.html".removeprefix("./")))
    return next((Static(folder=name) for name in found), None)
