"""Answers completed with what was detected: what a field that was left out means for this project."""

from __future__ import annotations

from dataclasses import dataclass

from wizard import layout
from wizard.answers import Answers, Build, Kubernetes
from wizard.generate.detection import Detection
from wizard.generate.dockerfile import built_image, choose_stack
from wizard.generate.present_pipeline import PresentPipeline, present_pipeline
from wizard.slug import dns_label, ref_slug
from wizard.state import State

DEFAULT_PORT = 8080
DEFAULT_USER = 10001


@dataclass(frozen=True, slots=True)
class Workload:
    """The workload in Kubernetes, nothing left open."""

    name: str
    port: int
    replicas: int
    health_path: str | None
    run_as: int


def kept_tags(default_branch: str | None) -> str:
    """Return which tags a cleanup policy keeps unless told otherwise: what may still run somewhere, and signatures."""
    names = ["latest", *([ref_slug(default_branch)] if default_branch else []), r"v?[0-9]+\.[0-9]+.*", "sha256-.*"]
    return f"(?:{'|'.join(names)})"


def effective_build(answers: Answers, detection: Detection) -> Build | None:
    """Return what is built: as answered; unasked, when there is a Dockerfile or exactly one stack."""
    if answers.build is not None:
        return answers.build if answers.build.enabled else None
    recognised = detection.dockerfile is not None or len(detection.stacks) == 1
    return Build() if recognised else None


def pipeline_there(state: State | None) -> PresentPipeline:
    """Return what the pipeline that is there tells; nothing before it was read."""
    file = state.repository.files.get(layout.CI_FILE) if state else None
    return present_pipeline(file.content if file else None)


def workload(kubernetes: Kubernetes, build: Build | None, state: State) -> Workload:
    """Fill in the port and the user of the image: from its Dockerfile, or from the one that will be written."""
    app, detection = kubernetes.app, state.repository.detection
    dockerfile = detection.dockerfile_at(build.dockerfile) if build else detection.dockerfile
    port, user = (dockerfile.port, dockerfile.user) if dockerfile else (None, None)
    stack = choose_stack(detection, build.stack) if build and dockerfile is None else None
    if stack is not None:
        image = built_image(stack)
        port, user = image.port, image.user
    return Workload(
        name=app.name or dns_label(state.project.path.rpartition("/")[2]),
        port=app.port or port or DEFAULT_PORT,
        replicas=app.replicas,
        health_path=app.health_path,
        run_as=app.run_as or user or DEFAULT_USER,
    )
