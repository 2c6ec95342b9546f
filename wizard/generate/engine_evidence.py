"""Which build engine the jobs that are there use already: it works on their runner, so it would work for ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import Node

from wizard.answer_types import Engine
from wizard.generate.ci_document import CiDocument
from wizard.generate.ci_jobs import CiJob, default, effective, entries, inherited, referenced
from wizard.generate.ci_nodes import items, line_of, lookup, scalars, text_of
from wizard.generate.image_builds import ImageBuild, image_builds

_BY_TOOL: dict[str, Engine] = {"kaniko": "kaniko", "buildah": "buildah", "podman": "buildah", "buildctl": "buildkit"}
_DIND = re.compile(r"(?:^|/)docker:[^\s]*dind|dind(?:-rootless)?(?::|$)|docker-in-docker")
_SOCKET = "/var/run/docker.sock"
_HOST = "DOCKER_HOST"


@dataclass(frozen=True, slots=True)
class EngineEvidence:
    """One job whose runner is known to bear an engine."""

    engine: Engine
    job: str
    line: int
    sign: str
    """What in it says so."""
    without_tls: bool = False
    """Docker in Docker without certificates: ours uses them, which takes a volume on Kubernetes."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file with what all of its jobs share, looked up once."""

    document: CiDocument
    services: Node | None
    variables: Node | None


def engine_evidence(document: CiDocument) -> tuple[EngineEvidence, ...]:
    """Return what each job tells, in the order of the file."""
    file = _File(document, default(document, "services"), lookup(document.root, "variables"))
    builds = {id(build.job.node): build for build in image_builds(document)}
    found = (_of_job(file, job, builds.get(id(job.node))) for job in entries(document))
    return tuple(evidence for evidence in found if evidence)


def _of_job(file: _File, job: CiJob, build: ImageBuild | None) -> EngineEvidence | None:
    if build and build.tool in _BY_TOOL:
        return EngineEvidence(_BY_TOOL[build.tool], job.name, build.line, build.tool)
    for service in _services(file, job):
        text = text_of(service) or text_of(lookup(service, "name") or service) or ""
        if _DIND.search(text):
            plain = _variable(file, job, "DOCKER_TLS_CERTDIR") == ""
            return EngineEvidence("dind", job.name, line_of(service), f"the service {text}", plain)
    mounted = next((node for node in scalars(job.node) if _SOCKET in node.value), None)
    if mounted is not None:
        return EngineEvidence("socket", job.name, line_of(mounted), _SOCKET)
    host = _variable(file, job, _HOST) if build else None
    if build and host and host.startswith("unix://"):
        return EngineEvidence("socket", job.name, build.line, f"{_HOST}: {host}")
    return None


def _services(file: _File, job: CiJob) -> Iterator[Node]:
    value = effective(file.document, job.node, "services", file.services)
    for item in items(referenced(file.document, value)) if value is not None else ():
        here = referenced(file.document, item)
        yield from items(here) or (here,)


def _variable(file: _File, job: CiJob, name: str) -> str | None:
    own = lookup(inherited(file.document, job.node, "variables"), name)
    value = own if own is not None else lookup(file.variables, name)
    if value is None:
        return None
    inner = lookup(value, "value")
    return text_of(inner if inner is not None else value)
