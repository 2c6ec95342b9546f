""".NET projects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from wizard.generate.tree import Tree

_RESTORE_FILES = r"(?i)(?:Directory\.\w+\.(?:props|targets)|nuget\.config|packages\.lock\.json|global\.json)"
PROJECT_FILES = r"(?:[\w. -]+/){0,3}[\w. -]+\.(?:cs|fs|vb)proj"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dotnet:
    """A project file, or a solution in the root with a project below it."""

    name: ClassVar[str] = "dotnet"
    version: str = ""
    project: str = "App.csproj"
    assembly: str = "App"
    web: bool = True
    """Built with the web SDK, so it needs the ASP.NET runtime."""
    sources_first: bool = False
    """Restoring needs more than the project file: references, central packages, feeds."""
    guesses: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Folder of the project file with a final slash, empty for the root."""
        return self.project.rpartition("/")[0] + "/" if "/" in self.project else ""

    @property
    def user(self) -> int:
        """`app` of Microsoft's images."""
        return 1654

    @property
    def read_only(self) -> bool:
        """The runtime keeps its files in /tmp."""
        return True


def detect_dotnet(tree: Tree) -> Dotnet | None:
    """Choose the project that makes a program and read it."""
    root = list(tree.matching(r"[\w. -]+\.(?:cs|fs|vb)proj"))
    solution = any(tree.matching(r"[^/]+\.slnx?")) or tree.has("global.json")
    projects = root or ([*tree.matching(PROJECT_FILES)] if solution else [])
    if not projects:
        return None
    ranked = sorted(projects, key=lambda path: (-_rank(path, tree.text(path)), path))
    chosen = ranked[0]
    text = tree.text(chosen)
    target = re.search(r"<TargetFrameworks?>[^<]*?net(?:coreapp)?(\d+\.\d+)", text)
    assembly = re.search(r"<AssemblyName>\s*([\w.-]+)\s*</AssemblyName>", text)
    several = len(ranked) > 1 and _rank(ranked[1], tree.text(ranked[1])) == _rank(chosen, text)
    return Dotnet(
        version=target[1] if target else "",
        project=chosen,
        assembly=assembly[1] if assembly else chosen.rsplit("/", 1)[-1].rsplit(".", 1)[0],
        web="Microsoft.NET.Sdk.Web" in text,
        sources_first="<ProjectReference" in text or any(tree.matching(_RESTORE_FILES)),
        guesses=(f"Of several programs the image holds {chosen}.",) if several else (),
    )


def _rank(path: str, text: str) -> int:
    if re.search(r"(?i)tests?\b|\.tests?\.", path) or "Microsoft.NET.Test.Sdk" in text:
        return 0
    if "Microsoft.NET.Sdk.Web" in text:
        return 3
    return 2 if re.search(r"<OutputType>\s*Exe", text) or "Microsoft.NET.Sdk.Worker" in text else 1
