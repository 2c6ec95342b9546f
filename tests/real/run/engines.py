"""A runner for each engine that builds images."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.real.run import job_images
from tests.real.run.engine import Engine
from tests.real.run.runner import Runner
from tests.real.summary import tell
from wizard import layout

IMAGES: Mapping[str, str] = {
    "dind": "docker",
    "socket": "docker",
    "buildkit": "buildkit-rootless",
    "buildah": "buildah",
    "kaniko": "kaniko",
}
"""The image of `assets/images.yml` that each engine's job runs in."""
_SOCKET: Mapping[str, str] = {
    "DOCKER_HOST": "unix:///var/run/docker.sock",
    "DOCKER_TLS_VERIFY": "",
    "DOCKER_CERT_PATH": "",
}
_SERVICES = re.compile(r"^  services:\n(?:    .*\n)+", re.MULTILINE)


def runner_for(engine: str, docker: Engine, repo: Path, registries: Sequence[str]) -> Runner:
    """Return a runner for the jobs of a repository that builds with `engine`."""
    job_images.make(docker, IMAGES[engine], registries)
    if engine == "dind":
        _take_service_out(repo)
    if engine in ("dind", "socket"):
        return Runner(docker, repo, (f"{docker.socket}:/var/run/docker.sock",), _SOCKET)
    return Runner(docker, repo)


def _take_service_out(repo: Path) -> None:
    """Take the service docker:dind out of the pipeline: it needs a network of its own, and here is loopback only.

    The engine is reached by a socket instead. Nothing else is changed.
    """
    file = repo / layout.PIPELINE
    text = file.read_text(encoding="utf-8")
    found = _SERVICES.findall(text)
    assert len(found) == 1
    file.write_text(text.replace(found[0], ""), encoding="utf-8")
    variables = " ".join(f"{name}={value!r}" for name, value in _SOCKET.items())
    tell(f"replaced for dind: `{' '.join(found[0].split())}` by an engine on a socket, {variables}")
