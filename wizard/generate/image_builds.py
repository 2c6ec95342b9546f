"""Jobs of a present `.gitlab-ci.yml` that build images: with which tool, and on which line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import Node

from wizard.generate.ci_document import CiDocument
from wizard.generate.ci_jobs import CiJob, entries
from wizard.generate.ci_nodes import line_of, scalars

_TOOLS = {
    "docker build": re.compile(r"\bdocker\s+(?:image\s+)?build\b"),
    "docker buildx": re.compile(r"\bdocker\s+buildx\b"),
    "docker compose": re.compile(r"\bdocker(?:\s+|-)compose\b[^\n]*\bbuild\b"),
    "kaniko": re.compile(r"\bkaniko(?:-project)?/executor\b"),
    "buildah": re.compile(r"\bbuildah\b"),
    "podman": re.compile(r"\bpodman\s+(?:image\s+)?build\b"),
    "buildctl": re.compile(r"\bbuildctl(?:-daemonless\.sh)?\b"),
}


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """A job or template that builds an image."""

    job: CiJob
    tool: str
    line: int


def image_builds(document: CiDocument) -> Iterator[ImageBuild]:
    """Yield the jobs and templates in which such a tool is written, in the order of the file."""
    for job in entries(document):
        found = _tool(document, job.node)
        if found:
            yield ImageBuild(job, *found)


def _tool(document: CiDocument, job: Node) -> tuple[str, int] | None:
    """Return the first tool that builds images in a job, and its line; shell comments aside."""
    for node in scalars(job):
        start = node.start_mark.index
        source = re.sub(r"(?m)^[ \t]*#.*$", _blanked, document.text[start : node.end_mark.index])
        hits = [(hit.start(), tool) for tool, pattern in _TOOLS.items() if (hit := pattern.search(source))]
        if hits:
            place, tool = min(hits)
            return tool, line_of(node) + source.count("\n", 0, place)
    return None


def _blanked(found: re.Match[str]) -> str:
    return " " * len(found.group())
