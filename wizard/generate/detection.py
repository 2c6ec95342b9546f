"""What a repository holds: Dockerfiles, stacks, Kubernetes manifests. A pure function of paths and contents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wizard.generate.dockerfile_facts import Dockerfile, is_dockerfile, read_dockerfile
from wizard.generate.manifests import Deployment, find_deployments, find_overlays, is_manifest
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
    deployments: tuple[Deployment, ...] = ()
    overlays: tuple[str, ...] = ()
    """Folders `…/overlays/NAME` with a kustomization."""

    @property
    def dockerfile(self) -> Dockerfile | None:
        """The Dockerfile (or Containerfile) of the root."""
        names = ("Dockerfile", "Containerfile")
        return next((found for name in names for found in self.dockerfiles if found.path == name), None)

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


def detect(files: Mapping[str, bytes]) -> Detection:
    """Recognise what is in a repository.

    `files`: every path, relative to the root and with `/`, to its content; empty bytes where `wanted` says no.
    Never fails: what cannot be read as what it claims to be is passed over.
    """
    tree = Tree(files)
    paths = sorted(filter(is_dockerfile, files), key=lambda path: (path.count("/"), path))[:_MOST_FILES]
    return Detection(
        dockerfiles=tuple(read_dockerfile(path, tree.text(path)) for path in paths),
        stacks=detect_stacks(tree),
        deployments=find_deployments(tree),
        overlays=find_overlays(tree),
    )
