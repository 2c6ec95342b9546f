"""Each engine's build job, with what stands in for the part of it that cannot be had: see `job_images.REPLACED`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.real.run import job_images
from tests.real.run.company import APP, TOKENS, Company, answers_file, commit, repository
from tests.real.run.engine import Engine
from tests.real.run.registries import Registry
from tests.real.run.runner import Runner
from tests.real.summary import tell
from wizard import layout

pytestmark = pytest.mark.real
READER = f"dev:{TOKENS['dev']}"
SOCKET: Mapping[str, str] = {
    "DOCKER_HOST": "unix:///var/run/docker.sock",
    "DOCKER_TLS_VERIFY": "",
    "DOCKER_CERT_PATH": "",
}
IMAGES: Mapping[str, str] = {
    "dind": "docker",
    "socket": "docker",
    "buildkit": "buildkit-rootless",
    "buildah": "buildah",
    "kaniko": "kaniko",
}
_SERVICES = re.compile(r"^  services:\n(?:    .*\n)+", re.MULTILINE)


def with_engine_on_a_socket(repo: Path) -> None:
    """Take the service docker:dind out of the pipeline: it needs a network of its own, and here is loopback only.

    The engine is reached by a socket instead, which `SOCKET` says. Nothing else is changed.
    """
    file = repo / layout.PIPELINE
    text = file.read_text(encoding="utf-8")
    found = _SERVICES.findall(text)
    assert len(found) == 1
    file.write_text(text.replace(found[0], ""), encoding="utf-8")
    tell(f"replaced for dind: {' '.join(found[0].split())} -> a real engine on a socket, {SOCKET}")


@pytest.mark.parametrize("engine", IMAGES)
def test_the_build_job_pushes_what_it_built(
    engine: str, gitlab: Company, elsewhere: Registry, docker: Engine, tmp_path: Path
) -> None:
    gitlab.start_from()
    job_images.make(docker, IMAGES[engine], (gitlab.registry.address, elsewhere.address))
    answers = answers_file({"project": APP, "build": {"engine": engine, "tags": []}})
    dockerfile = f"FROM scratch\nCOPY README.md /{engine}\nUSER 1000\n"
    files = {"Dockerfile": dockerfile, "README.md": "# app\n", ".gitlab/registry-wizard.yml": answers}
    repo = repository(tmp_path / "app", files)
    applied = gitlab.wizard("apply", "--yes", repo=repo)
    assert applied.code == 0, applied.err
    if engine == "dind":
        with_engine_on_a_socket(repo)
    commit(repo, "Set the registry up")
    mounts, variables = (
        ([f"{docker.socket}:/var/run/docker.sock"], SOCKET) if engine in ("dind", "socket") else ([], {})
    )
    done = Runner(docker, repo, mounts, variables).run("registry-image-build", gitlab.start_job())
    assert done.code == 0, done.log
    handed = Runner(docker, repo).handed_over()
    digest = gitlab.registry.digest(f"{APP}:{done.job.variables['CI_COMMIT_SHA']}", READER)
    assert handed["REGISTRY_IMAGE_DIGEST"] == digest
    assert handed["REGISTRY_IMAGE"] == f"{gitlab.registry.address}/{APP}@{digest}"
