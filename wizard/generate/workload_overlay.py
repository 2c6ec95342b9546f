"""An overlay that gives workloads of the repository's own manifests the image and the pull secret.

The manifests stay as they are: kustomize changes what it reads from them (kubectl.docs.kubernetes.io/references/
kustomize, "patches", "images" and "replacements"). The image is put in by a replacement: a patch would move the
containers that it names to the front, and would bring back one that has left the manifest; a replacement fails then.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wizard import layout
from wizard.generate.detection import Detection
from wizard.generate.kubernetes import dump, namespace_object
from wizard.generate.kustomizations import Built, built, reached
from wizard.generate.manifests import Workload

PLACEHOLDER = "registry-image"
"""The image's name until a deploy job puts its own in; no other container has an image of that name."""
_IMAGE_FILE = "image.yaml"
_IMAGE_OF: Mapping[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    # kustomize reads an object that is so marked and leaves it out of what it builds.
    "metadata": {"name": PLACEHOLDER, "annotations": {"config.kubernetes.io/local-config": "true"}},
    "spec": {"containers": [{"name": "image", "image": PLACEHOLDER}]},
}
"""Where the image stands, for the replacements to take it from."""
_WHAT_FOR = "# Not applied to the cluster: kustomize takes the image from here and puts it into the containers.\n"


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


def built_as(workload: Workload, environment: str, detection: Detection) -> Built:
    """Return a workload's name and namespace as they come to the cluster without our overlay."""
    base, first = base_of(workload, environment, detection), Built(workload.name, workload.namespace)
    return (None if base.file else built(first, workload.path, base.path, detection.kustomizations)) or first


def moves(workload: Workload, environment: str, namespace: str, detection: Detection) -> bool:
    """Whether a workload is for another namespace than the environment's."""
    return built_as(workload, environment, detection).namespace not in {"", namespace}


@dataclass(frozen=True, slots=True)
class Rollout:
    """What a deploy job looks at once it has built an environment's overlay."""

    workloads: tuple[str, ...]
    """Those to wait for as kubectl names them, KIND/NAME."""
    containers: int
    """How many containers have the image."""


def rollout(adopted: Sequence[Adopted], environment: str, detection: Detection) -> Rollout:
    """Return what an environment's deploy job waits for, and what it must find before."""
    return Rollout(
        tuple(
            f"{each.workload.kind.lower()}/{built_as(each.workload, environment, detection).name}"
            for each in adopted
            if each.workload.waits
        ),
        sum(len(each.containers) for each in adopted),
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
    moving = any(moves(each.workload, environment, namespace, detection) for each in adopted)
    kustomization = dump(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            # Only where it is needed: it moves every object, also one that is meant for a namespace of its own.
            **({"namespace": namespace} if moving else {}),
            "resources": [*(posixpath.relpath(base.path or ".", folder) for base in chosen), _IMAGE_FILE],
            "patches": [_patch_entry(each.workload) for each in adopted],
            # Without the deploy job's digest an apply fails at the pull instead of running something old.
            "images": [{"name": PLACEHOLDER, "newName": repository, "newTag": "unset"}],
            "replacements": [
                {
                    "source": {"kind": "Pod", "name": PLACEHOLDER, "fieldPath": "spec.containers.0.image"},
                    "targets": [_replaced(each) for each in adopted],
                }
            ],
        }
    )
    alone = any(base.file for base in chosen)
    return {
        f"{folder}/kustomization.yaml": f"{_how_to_build(folder)}{kustomization}" if alone else kustomization,
        # What runs there today may not meet the restricted standard: say so, refuse nothing.
        f"{folder}/namespace.yaml": dump(namespace_object(namespace, ("warn", "audit"))),
        f"{folder}/{_IMAGE_FILE}": f"{_WHAT_FOR}{dump(_IMAGE_OF)}",
        **{f"{folder}/{_file(each.workload)}": dump(patch(each.workload, pull_secret)) for each in adopted},
    }


def patch(workload: Workload, pull_secret: str) -> Mapping[str, Any]:
    """Return the strategic merge patch that adds the pull secret to a workload's pods."""
    inner: dict[str, Any] = {"imagePullSecrets": [{"name": pull_secret}]}
    for key in reversed(_pod(workload)):
        inner = {key: inner}
    return {
        "apiVersion": workload.served,
        "kind": workload.kind,
        "metadata": {"name": workload.name},
        **inner,
    }


def _pod(workload: Workload) -> tuple[str, ...]:
    """Return the keys that lead to the pod of a workload."""
    return ("spec", *(("jobTemplate", "spec") if workload.kind == "CronJob" else ()), "template", "spec")


def _replaced(adopted: Adopted) -> dict[str, Any]:
    """Return where the image is put into a workload; unlike that of a patch's target, the name is the name."""
    workload = adopted.workload
    lists = {each.name: "initContainers" if each.init else "containers" for each in workload.containers}
    pod = ".".join(_pod(workload))
    return {
        "select": {**_type(workload), "name": workload.name},
        "fieldPaths": [f"{pod}.{lists[name]}.[name={name}].image" for name in adopted.containers],
    }


def _how_to_build(folder: str) -> str:
    return (
        "# It reads manifests that lie elsewhere, which kustomize does only when it is told to:\n"
        f"# kubectl kustomize --load-restrictor LoadRestrictionsNone {folder}\n"
    )


def _patch_entry(workload: Workload) -> dict[str, Any]:
    # By a target, so that it is found in whatever namespace the manifest puts it. The name is a regular expression.
    return {"path": _file(workload), "target": {**_type(workload), "name": workload.name.replace(".", r"\.")}}


def _type(workload: Workload) -> dict[str, str]:
    group, _, version = workload.served.partition("/")
    return {"group": group, "version": version, "kind": workload.kind}


def _file(workload: Workload) -> str:
    return layout.patch(workload.kind, workload.name)
