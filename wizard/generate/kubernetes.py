"""Kubernetes manifests for kustomize: a base for the workload, an overlay for each environment.

Satisfies the Pod Security Standard `restricted` (kubernetes.io/docs/concepts/security/pod-security-standards).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from wizard.generate.stacks.image import SCRATCH

IMAGE = "app"
"""The image's name in the base, which an overlay replaces."""
_LABEL = "app.kubernetes.io"
_RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesApp:
    """The workload."""

    name: str
    repository: str
    """Repository of the image, HOST/PATH without tag."""
    port: int = 8080
    replicas: int = 2
    health_path: str | None = None
    """None: probe the port by TCP."""
    run_as: int = 10001
    read_only: bool = False
    """Read-only root file system with a writable /tmp: for images that are known to bear it."""
    pull_secret: str = "gitlab-registry"  # noqa: S105  # the name of a Kubernetes object


def overlay_path(environment: str) -> str:
    """Return the folder of an environment's overlay."""
    return f"k8s/overlays/{environment}"


def render_base(app: KubernetesApp) -> dict[str, str]:
    """Return the files of the base: path to text."""
    documents: dict[str, Mapping[str, Any]] = {
        "kustomization": _base_kustomization(app),
        "serviceaccount": _service_account(app),
        "deployment": _deployment(app),
        "service": _service(app),
    }
    return {f"k8s/base/{name}.yaml": dump(document) for name, document in documents.items()}


def render_overlay(app: KubernetesApp, environment: str, namespace: str) -> dict[str, str]:
    """Return the files of an environment's overlay: path to text.

    The namespace is not listed in the kustomization, so that an agent that may only work inside it can apply the rest.
    """
    folder = overlay_path(environment)
    return {
        f"{folder}/namespace.yaml": dump(namespace_object(namespace, ("enforce", "warn", "audit"))),
        f"{folder}/kustomization.yaml": dump(
            {
                "apiVersion": "kustomize.config.k8s.io/v1beta1",
                "kind": "Kustomization",
                "namespace": namespace,
                "resources": ["../../base"],
                "labels": [{"pairs": {f"{_LABEL}/instance": namespace}}],
                # Without the deploy job's digest an apply fails at the pull instead of running something old.
                "images": [{"name": IMAGE, "newName": app.repository, "newTag": "unset"}],
            }
        ),
    }


def dump(document: Mapping[str, Any]) -> str:
    """Write a manifest: keys in the order given, nothing by reference."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes shared values out: an anchor in a manifest surprises its readers."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the signature is PyYAML's
        return True


def _metadata(app: KubernetesApp) -> dict[str, Any]:
    return {"name": app.name, "labels": {f"{_LABEL}/name": app.name}}


def _base_kustomization(app: KubernetesApp) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["serviceaccount.yaml", "deployment.yaml", "service.yaml"],
        "labels": [{"pairs": {f"{_LABEL}/part-of": app.name, f"{_LABEL}/managed-by": "kustomize"}}],
    }


def _service_account(app: KubernetesApp) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(app),
        "automountServiceAccountToken": False,
        "imagePullSecrets": [{"name": app.pull_secret}],
    }


def _service(app: KubernetesApp) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(app),
        "spec": {
            "selector": {f"{_LABEL}/name": app.name},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    }


def namespace_object(name: str, modes: Sequence[str]) -> dict[str, Any]:
    """Return a namespace with the restricted standard in the given modes of Pod Security admission."""
    levels = {f"pod-security.kubernetes.io/{mode}": _RESTRICTED for mode in modes}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": levels}}


def _deployment(app: KubernetesApp) -> dict[str, Any]:
    labels = {f"{_LABEL}/name": app.name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(app),
        "spec": {
            "replicas": app.replicas,
            "revisionHistoryLimit": 5,
            "progressDeadlineSeconds": 300,
            # Immutable once applied, so it holds nothing that changes.
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": labels}, "spec": _pod(app)},
        },
    }


def _pod(app: KubernetesApp) -> dict[str, Any]:
    pod: dict[str, Any] = {
        "serviceAccountName": app.name,
        "automountServiceAccountToken": False,
        "imagePullSecrets": [{"name": app.pull_secret}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": app.run_as,
            "runAsGroup": app.run_as,
            "fsGroup": app.run_as,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(app)],
    }
    if app.read_only:
        pod["volumes"] = [{"name": "tmp", "emptyDir": {}}]
    return pod


def _container(app: KubernetesApp) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": "app",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": app.port}],
        "startupProbe": {**_probe(app), "periodSeconds": 2, "failureThreshold": 30},
        "readinessProbe": {**_probe(app), "periodSeconds": 5},
        "livenessProbe": {**_probe(app), "periodSeconds": 10, "failureThreshold": 3},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": app.read_only,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    if app.read_only:
        container["volumeMounts"] = [{"name": "tmp", "mountPath": SCRATCH}]
    return container


def _probe(app: KubernetesApp) -> dict[str, Any]:
    if app.health_path is None:
        return {"tcpSocket": {"port": "http"}}
    return {"httpGet": {"path": app.health_path, "port": "http"}}
