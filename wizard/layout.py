"""Where our files stand in the repository."""

from __future__ import annotations

from posixpath import normpath

from wizard import answers as format_
from wizard.answers import Answers, Build, Kubernetes

ANSWERS = format_.FILE
PIPELINE = ".gitlab/ci/registry.gitlab-ci.yml"
CI_FILE = ".gitlab-ci.yml"
BASE = "k8s/base"
_BASE_FILES = ("kustomization.yaml", "serviceaccount.yaml", "deployment.yaml", "service.yaml")
_OVERLAY_FILES = ("kustomization.yaml", "namespace.yaml")
_ADOPTING = ".gitlab/k8s"
"""Overlays on the repository's own manifests. Not below `k8s`: kustomize takes it for a circle where an overlay lies in
the folder that it builds on."""
_ADOPTING_FILES = (*_OVERLAY_FILES, "image.yaml")


def overlay(environment: str) -> str:
    """Return the folder of an environment's overlay."""
    return f"k8s/overlays/{environment}"


def adopting_overlay(environment: str) -> str:
    """Return the folder of an environment's overlay on the repository's own manifests."""
    return f"{_ADOPTING}/{environment}"


def patch(kind: str, name: str) -> str:
    """Return the name of the file that patches a workload of the repository's own manifests."""
    return f"{kind.lower()}-{name}.yaml"


def dockerignore(build: Build) -> str:
    """Return where docker looks for the ignore file: at the root of the build context."""
    return ".dockerignore" if build.context in {".", "./"} else f"{build.context.strip('/')}/.dockerignore"


def kubernetes_files(kubernetes: Kubernetes) -> tuple[str, ...]:
    """Return the paths of the base and of every overlay; on the repository's own manifests there is no base."""
    if kubernetes.workloads:
        patches = dict.fromkeys(patch(found.kind, found.name) for found in kubernetes.workloads)
        folders = [adopting_overlay(found.name) for found in kubernetes.environments]
        return tuple(f"{folder}/{name}" for folder in folders for name in (*_ADOPTING_FILES, *patches))
    base = [f"{BASE}/{name}" for name in _BASE_FILES]
    overlays = [f"{overlay(found.name)}/{name}" for found in kubernetes.environments for name in _OVERLAY_FILES]
    return (*base, *overlays)


def manifests(answers: Answers) -> frozenset[str]:
    """Return the repository's own manifests that the answers name; they are read and never written."""
    named = answers.deploy.kubernetes.workloads if answers.deploy else ()
    return frozenset(normpath(found.file) for found in named)


def writable(answers: Answers) -> tuple[str, ...]:
    """Return every path that a plan for these answers may write."""
    build = answers.build or Build()
    deployed = kubernetes_files(answers.deploy.kubernetes) if answers.deploy else ()
    return (ANSWERS, PIPELINE, CI_FILE, build.dockerfile, dockerignore(build), *deployed)
