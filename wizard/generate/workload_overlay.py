"""An overlay that gives workloads of the repository's own manifests the image and the pull secret.

The manifests stay as they are: kustomize patches what it reads from them (kubectl.docs.kubernetes.io/references/
kustomize, "patches" and "images").
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wizard import layout
from wizard.generate.detection import Detection
from wizard.generate.kubernetes import dump, namespace_object
from wizard.generate.kustomizations import at, built_name, reached
from wizard.generate.manifests import Workload

PLACEHOLDER = "registry-image"
"""The image's name until a deploy job puts its own in; no other container has an image of that name."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A workload of the repository's own manifests, with those of its containers that run our image."""

    workload: Workload
    containers: tuple[str, ...]

    @property
    def title(self) -> str:
        """KIND NAME."""
        return f"{self.workload.kind} {self.workload.name}"


@dataclass(frozen=True, slots=True)
class Base:
    """What an overlay builds on: the folder of a kustomization, or a manifest."""

    path: str
    file: bool = False

    def paths(self, detection: Detection) -> tuple[str, ...]:
        """Return every file and folder that it brings."""
        return (self.path,) if self.file else reached(self.path, detection.kustomizations)


def base_of(workload: Workload, environment: str, detection: Detection) -> Base:
    """Return what brings a workload into an environment.

    The environment's own overlay, where there is one; else the kustomization that lists the manifest; else the
    manifest alone.
    """
    usable = [found for found in detection.kustomizations if found.usable]
    named = [found for found in usable if posixpath.basename(found.folder).lower() == environment.lower()]
    overlay = next((each for each in named if workload.path in reached(each.folder, detection.kustomizations)), None)
    if overlay:
        return Base(overlay.folder)
    here = posixpath.dirname(workload.path)
    listing = sorted(
        (found.folder for found in usable if workload.path in found.resources),
        key=lambda folder: (folder != here, folder.count("/"), folder),
    )
    return Base(listing[0]) if listing else Base(workload.path, file=True)


def bases(adopted: Sequence[Adopted], environment: str, detection: Detection) -> tuple[Base, ...]:
    """Return everything that an environment's overlay builds on; none of it brings another of it."""
    found = tuple(dict.fromkeys(base_of(each.workload, environment, detection) for each in adopted))
    inner = {path for base in found if not base.file for path in base.paths(detection)[1:]}
    return tuple(base for base in found if base.path not in inner)


def name_built(workload: Workload, environment: str, detection: Detection) -> str:
    """Return a workload's name as it comes to the cluster: kustomizations may add to it."""
    base = base_of(workload, environment, detection)
    named = None if base.file else built_name(workload.name, workload.path, base.path, detection.kustomizations)
    return named or workload.name


def namespace_built(workload: Workload, environment: str, detection: Detection) -> str:
    """Return the namespace that a workload has without our overlay; empty where nothing says one."""
    base = base_of(workload, environment, detection)
    found = None if base.file else at(base.path, detection.kustomizations)
    return (found.namespace if found else "") or workload.namespace


def rolled_out(adopted: Sequence[Adopted], environment: str, detection: Detection) -> tuple[str, ...]:
    """Return the workloads to wait for as kubectl names them, KIND/NAME."""
    return tuple(
        f"{each.workload.kind.lower()}/{name_built(each.workload, environment, detection)}"
        for each in adopted
        if each.workload.waits
    )


def render_workload_overlay(
    adopted: Sequence[Adopted],
    detection: Detection,
    *,
    environment: str,
    namespace: str,
    repository: str,
    pull_secret: str,
) -> dict[str, str]:
    """Return the files of an environment's overlay: path to text. `repository` is the image's, HOST/PATH."""
    folder = layout.adopting_overlay(environment)
    chosen = bases(adopted, environment, detection)
    kustomization = dump(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": namespace,
            "resources": [posixpath.relpath(base.path or ".", folder) for base in chosen],
            "patches": [_patch_entry(each.workload) for each in adopted],
            # Without the deploy job's digest an apply fails at the pull instead of running something old.
            "images": [{"name": PLACEHOLDER, "newName": repository, "newTag": "unset"}],
        }
    )
    alone = any(base.file for base in chosen)
    return {
        f"{folder}/kustomization.yaml": f"{_how_to_build(folder)}{kustomization}" if alone else kustomization,
        # What runs there today may not meet the restricted standard: say so, refuse nothing.
        f"{folder}/namespace.yaml": dump(namespace_object(namespace, ("warn", "audit"))),
        **{f"{folder}/{_file(each.workload)}": dump(patch(each, pull_secret)) for each in adopted},
    }


def patch(adopted: Adopted, pull_secret: str) -> Mapping[str, Any]:
    """Return the strategic merge patch of a workload."""
    pod: dict[str, Any] = {"imagePullSecrets": [{"name": pull_secret}]}
    for key, init in (("initContainers", True), ("containers", False)):
        patched = list(_patched(adopted, init=init))
        if patched:
            pod[key] = patched
    spec: dict[str, Any] = {"template": {"spec": pod}}
    if adopted.workload.kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    return {
        "apiVersion": adopted.workload.served,
        "kind": adopted.workload.kind,
        "metadata": {"name": adopted.workload.name},
        "spec": spec,
    }


def _patched(adopted: Adopted, *, init: bool) -> Iterator[dict[str, str]]:
    """Yield the containers of a list that are patched, and those before them.

    kustomize puts what a patch names before what it does not name, and init containers run one after the other.
    """
    names = [found.name for found in adopted.workload.containers if found.init is init]
    last = max((at for at, name in enumerate(names) if name in adopted.containers), default=-1)
    for name in names[: last + 1]:
        yield {"name": name, "image": PLACEHOLDER} if name in adopted.containers else {"name": name}


def _how_to_build(folder: str) -> str:
    return (
        "# It reads manifests that lie elsewhere, which kustomize does only when it is told to:\n"
        f"# kubectl kustomize --load-restrictor LoadRestrictionsNone {folder}\n"
    )


def _patch_entry(workload: Workload) -> dict[str, Any]:
    # By a target, so that it is found in whatever namespace the manifest puts it. The name is a regular expression.
    group, _, version = workload.served.partition("/")
    target = {"group": group, "version": version, "kind": workload.kind, "name": workload.name.replace(".", r"\.")}
    return {"path": _file(workload), "target": target}


def _file(workload: Workload) -> str:
    return layout.patch(workload.kind, workload.name)
