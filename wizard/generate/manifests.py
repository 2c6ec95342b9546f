"""Kubernetes manifests that a repository already has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from wizard.generate.tree import Tree

_FOLDERS = r"(?:\.?k8s|kubernetes|kube|deploy(?:ment|ments)?|manifests?|kustomize|infra|ops)"
_LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Deployment:
    """A Deployment in a manifest of the repository."""

    name: str
    path: str


def is_manifest(path: str) -> bool:
    """Whether a path is likely a Kubernetes manifest: YAML in a folder of that name, or so named in the root."""
    if re.search(r"(?:^|/)(?:templates|charts|node_modules|vendor)/", path):
        return False
    return bool(
        re.fullmatch(rf"(?:[\w.-]+/)?{_FOLDERS}/(?:[^/]+/){{0,4}}[^/]+\.ya?ml", path, re.IGNORECASE)
        or re.fullmatch(r"[^/]*(?:k8s|kube|deployment|manifest)[^/]*\.ya?ml", path, re.IGNORECASE)
    )


def find_deployments(tree: Tree) -> tuple[Deployment, ...]:
    """Return the Deployments of every manifest, in order of path."""
    found = []
    for path in tree.matching(r".*\.ya?ml"):
        if is_manifest(path):
            found += [Deployment(name, path) for name in _deployments(tree.text(path, limit=_LARGEST))]
    return tuple(found)


def find_overlays(tree: Tree) -> tuple[str, ...]:
    """Return the folders `…/overlays/NAME` that hold a kustomization."""
    files = tree.matching(r"(?:[^/]+/)*overlays/[^/]+/(?:kustomization\.ya?ml|Kustomization)")
    return tuple(path.rsplit("/", 1)[0] for path in files)


def _deployments(text: str) -> list[str]:
    if not re.search(r"kind[\"']?\s*:\s*[\"']?Deployment\b", text):
        return []
    return [name for document in _documents(text) for name in _names(document)]


def _documents(text: str) -> Iterator[Any]:
    """Yield the documents that parse, one by one: a template in one of them does not hide the others."""
    for part in re.split(r"(?m)^---(?=\s|$)", text):
        try:
            # The pure Python loader: the one in C can exhaust the stack on nesting, this one raises.
            yield yaml.safe_load(part)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue


def _names(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        return
    if document.get("kind") == "List" and isinstance(document.get("items"), list):
        for item in document["items"]:
            if isinstance(item, dict) and item.get("kind") != "List":
                yield from _names(item)
    metadata = document.get("metadata")
    if document.get("kind") == "Deployment" and isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
        yield metadata["name"]
