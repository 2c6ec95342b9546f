"""What a repository holds: Dockerfiles, stacks, Kubernetes manifests. A pure function of paths and contents."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from wizard.generate.dockerfile_facts import Dockerfile, is_dockerfile, read_dockerfile
from wizard.generate.kustomizations import Kustomization, find_kustomizations
from wizard.generate.manifests import Workload, find_workloads, is_manifest
from wizard.generate.stacks import Stack, detect_stacks
from wizard.generate.stacks.dotnet import PROJECT_FILES
from wizard.generate.stacks.go import MAIN_FILES
from wizard.generate.stacks.python import ENTRY_FILES
from wizard.generate.tree import Tree

_MOST_FILES = 200
"""Dockerfiles that are read: a monorepo may hold thousands."""

_ROOT = re.compile(
    r"package\.json|composer\.json|angular\.json|go\.mod|go\.work|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|Cargo\.toml"
    r"|rust-toolchain(?:\.toml)?|Gemfile|pyproject\.toml|Pipfile|requirements\.txt|runtime\.txt|global\.json|\.nvmrc|\.sdkmanrc"
    r"|\.(?:node|python|php|ruby|java)-version|\.dockerignore|\.gitlab-ci\.yml"
)
_PATTERNS = tuple(re.compile(pattern) for pattern in (PROJECT_FILES, MAIN_FILES, ENTRY_FILES))


@dataclass(frozen=True, slots=True)
class Detection:
    """What was recognised. Everything empty: nothing was."""

    dockerfiles: tuple[Dockerfile, ...] = ()
    """Those of the root first."""
    stacks: tuple[Stack, ...] = ()
    """Of the root; more than one is a question to the user."""
    workloads: tuple[Workload, ...] = ()
    """Of the manifests that are there and were not generated."""
    kustomizations: tuple[Kustomization, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    """Of manifests that are no YAML throughout: what cannot be read there, with the line."""

    @property
    def dockerfile(self) -> Dockerfile | None:
        """The Dockerfile (or Containerfile) of the root."""
        names = ("Dockerfile", "Containerfile")
        return next((found for name in names for found in self.dockerfiles if found.path == name), None)

    @property
    def overlays(self) -> tuple[str, ...]:
        """Folders `…/overlays/NAME` with a kustomization."""
        folders = (found.folder for found in self.kustomizations)
        return tuple(folder for folder in folders if re.search(r"(?:^|/)overlays/[^/]+$", folder))

    @property
    def stack(self) -> Stack | None:
        """The stack, where there is exactly one."""
        return self.stacks[0] if len(self.stacks) == 1 else None

    def dockerfile_at(self, path: str) -> Dockerfile | None:
        """Return the Dockerfile at `path`."""
        return next((found for found in self.dockerfiles if found.path == path), None)

    def stack_named(self, name: str) -> Stack | None:
        """Return the stack of that name."""
        return next((stack for stack in self.stacks if stack.name == name), None)


def wanted(path: str) -> bool:
    """Whether `detect` reads the content at `path`; of every other file its presence is enough."""
    if _ROOT.fullmatch(path) or is_dockerfile(path):
        return True
    return is_manifest(path) or any(pattern.fullmatch(path) for pattern in _PATTERNS)


def detect(files: Mapping[str, bytes], named: Collection[str] = ()) -> Detection:
    """Recognise what is in a repository.

    `files`: every path, relative to the root and with `/`, to its content; empty bytes where `wanted` says no.
    `named`: manifests that the answers name, whatever their paths look like.
    Never fails: what cannot be read as what it claims to be is passed over.
    """
    tree = Tree(files)
    kustomizations = find_kustomizations(tree)
    patches = {path for found in kustomizations for path in found.patches}
    workloads, faults = find_workloads(tree, patches=patches, named=named)
    paths = sorted(filter(is_dockerfile, files), key=lambda path: (path.count("/"), path))[:_MOST_FILES]
    return Detection(
        dockerfiles=tuple(read_dockerfile(path, tree.text(path)) for path in paths),
        stacks=detect_stacks(tree),
        workloads=workloads,
        kustomizations=kustomizations,
        faults=faults,
    )
