"""The kustomizations that a repository already has: what each builds on, and how it names what it builds."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.generate.manifests import KUSTOMIZATIONS, entries, is_ours, read_documents
from wizard.generate.tree import Tree, string


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A folder with a kustomization, ours or not."""

    folder: str
    """Empty: the root of the repository."""
    resources: tuple[str, ...] = ()
    """Files and folders of the repository that it builds on, by their paths from the root."""
    patches: tuple[str, ...] = ()
    """Files that change what it builds on: they look like manifests, and are none."""
    namespace: str = ""
    prefix: str = ""
    suffix: str = ""
    helm: bool = False
    """It inflates Helm charts, which kustomize does only when it is told to."""
    usable: bool = True
    """Another kustomization can build on it: it is neither ours nor a component."""


def find_kustomizations(tree: Tree) -> tuple[Kustomization, ...]:
    """Return every folder with a kustomization, in order of path."""
    names = "|".join(re.escape(name) for name in KUSTOMIZATIONS)
    paths = tree.matching(rf"(?:[^/]+/)*(?:{names})")
    return tuple(_kustomization(path, tree.text(path)) for path in paths)


def reached(folder: str, kustomizations: Sequence[Kustomization]) -> tuple[str, ...]:
    """Return every file and folder that a kustomization builds on, over others as well, itself first."""
    found: list[str] = [folder]
    for path in found:
        listed = at(path, kustomizations)
        found += [entry for entry in (listed.resources if listed else ()) if entry not in found]
    return tuple(found)


def at(folder: str, kustomizations: Sequence[Kustomization]) -> Kustomization | None:
    """Return the kustomization of a folder."""
    return next((found for found in kustomizations if found.folder == folder), None)


@dataclass(frozen=True, slots=True)
class Built:
    """How an object is called where kustomize has built it."""

    name: str
    namespace: str
    """Empty: nothing says one."""


def built(first: Built, path: str, folder: str, kustomizations: Sequence[Kustomization]) -> Built | None:
    """Return what the kustomization in `folder` makes of an object of the file `path`; None where it does not hold it.

    `first`: as the file says it.
    """
    return next(_built(first, path, folder, kustomizations, frozenset()), None)


def _built(
    first: Built, path: str, folder: str, kustomizations: Sequence[Kustomization], above: frozenset[str]
) -> Iterator[Built]:
    found = at(folder, kustomizations)
    if found is None or folder in above:
        return
    for entry in found.resources:
        below = [first] if entry == path else _built(first, path, entry, kustomizations, above | {folder})
        for inner in below:
            yield Built(f"{found.prefix}{inner.name}{found.suffix}", found.namespace or inner.namespace)


def _kustomization(path: str, text: str) -> Kustomization:
    folder = posixpath.dirname(path)
    documents, _ = read_documents(text)
    data: Mapping[str, Any] = next((found.data for found in documents if isinstance(found.data, dict)), {})
    listed = [item for key in ("resources", "bases", "components") for item in entries(data, key, str)]
    patched = [string(item, "path") for key in ("patches", "patchesJson6902") for item in entries(data, key, dict)]
    return Kustomization(
        folder=folder,
        resources=_within(folder, listed),
        patches=_within(folder, [*entries(data, "patchesStrategicMerge", str), *patched]),
        namespace=string(data, "namespace"),
        prefix=string(data, "namePrefix"),
        suffix=string(data, "nameSuffix"),
        helm=bool(data.get("helmCharts") or data.get("helmChartInflationGenerator")),
        usable=not is_ours(text) and data.get("kind") != "Component",
    )


def _within(folder: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the names that lead to a place in the repository, as paths from its root."""
    paths = [posixpath.normpath(posixpath.join(folder, name)) for name in names if name and "://" not in name]
    return tuple("" if path == "." else path for path in paths if not path.startswith(("..", "/")))
