"""Where our files stand in the repository."""

from __future__ import annotations

from wizard import answers as format_
from wizard.answers import Answers, Build, Kubernetes

ANSWERS = format_.FILE
PIPELINE = ".gitlab/ci/registry.gitlab-ci.yml"
CI_FILE = ".gitlab-ci.yml"
BASE = "k8s/base"
_BASE_FILES = ("kustomization.yaml", "serviceaccount.yaml", "deployment.yaml", "service.yaml")
_OVERLAY_FILES = ("kustomization.yaml", "namespace.yaml")


def overlay(environment: str) -> str:
    """Return the folder of an environment's overlay."""
    return f"k8s/overlays/{environment}"


def dockerignore(build: Build) -> str:
    """Return where docker looks for the ignore file: at the root of the build context."""
    return ".dockerignore" if build.context in {".", "./"} else f"{build.context.strip('/')}/.dockerignore"


def kubernetes_files(kubernetes: Kubernetes) -> tuple[str, ...]:
    """Return the paths of the base and of every overlay."""
    base = [f"{BASE}/{name}" for name in _BASE_FILES]
    overlays = [f"{overlay(found.name)}/{name}" for found in kubernetes.environments for name in _OVERLAY_FILES]
    return (*base, *overlays)


def writable(answers: Answers) -> tuple[str, ...]:
    """Return every path that a plan for these answers may write."""
    build = answers.build or Build()
    deployed = kubernetes_files(answers.deploy.kubernetes) if answers.deploy else ()
    return (ANSWERS, PIPELINE, CI_FILE, build.dockerfile, dockerignore(build), *deployed)
