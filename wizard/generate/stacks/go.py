"""Go modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.tree import Tree

MAIN_FILES = r"(?:cmd/[^/]+/)?main\.go"
"""Go files that may hold `func main`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A go.mod or go.work in the root."""

    name: ClassVar[str] = "go"
    version: str = ""
    main: str = "."
    """Package to build."""
    cgo: bool = False
    manifests: tuple[str, ...] = ("go.mod",)
    sources_first: bool = False
    """Vendored or a workspace: nothing to download before the sources are there."""
    guesses: tuple[str, ...] = ()

    @property
    def user(self) -> int:
        """`nonroot` of the distroless images."""
        return 65532

    @property
    def read_only(self) -> bool:
        """Nothing but the binary is in the image."""
        return True


def detect_go(tree: Tree) -> Go | None:
    """Read go.mod (or go.work) and find the main package."""
    if not tree.any("go.mod", "go.work"):
        return None
    manifest = tree.text("go.mod") or tree.text("go.work")
    toolchain = re.search(r"(?m)^toolchain\s+go(\d+\.\d+)", manifest)
    stated = toolchain or re.search(r"(?m)^go\s+(\d+\.\d+)", manifest)
    main, guesses = _main(tree, manifest)
    return Go(
        version=stated[1] if stated else "",
        main=main,
        cgo=any('import "C"' in tree.text(path) for path in tree.matching(MAIN_FILES)),
        manifests=tuple(name for name in ("go.mod", "go.sum") if tree.has(name)),
        sources_first=tree.has("go.work") or tree.has("vendor/modules.txt") or not tree.has("go.mod"),
        guesses=guesses,
    )


def _main(tree: Tree, manifest: str) -> tuple[str, tuple[str, ...]]:
    commands = [path.split("/")[1] for path in tree.matching(r"cmd/[\w.-]+/main\.go")]
    if tree.has("main.go") or not commands:
        guess = () if tree.has("main.go") else ("No main.go was found: the package in the root is built.",)
        return ".", guess
    if len(commands) == 1:
        return f"./cmd/{commands[0]}", ()
    module = re.search(r"(?m)^module\s+(\S+)", manifest)
    last = module[1].rsplit("/", 1)[-1] if module else ""
    chosen = last if last in commands else commands[0]
    others = ", ".join(name for name in commands if name != chosen)
    return f"./cmd/{chosen}", (f"Of the programs below cmd/ the image holds {chosen}, not {others}.",)
