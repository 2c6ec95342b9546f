"""The places where generated files run: started once, ended with the tests, however they end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.programs import gitlab_ci_local
from tests.real.run import job_images
from tests.real.run.cluster import Cluster, cluster
from tests.real.run.company import Company, company
from tests.real.run.daemons import free_port
from tests.real.run.engine import Engine, engine, unmount
from tests.real.run.registries import Registry, behind_passwords, registry

_PREFIX = "registry-wizard-run-"
_REGISTRIES = ("docker-registry", "skopeo", "setpriv")
_ENGINE = ("docker", "dockerd", "containerd", "runc", "buildah", "busybox", "bash", "rsync", "curl", "jq", "ldd")


def _need(*names: str) -> None:
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(scope="session")
def _place() -> Iterator[Path]:
    """A folder with a short name: a socket's path has at most 107 characters."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what a run left that was killed: its servers ended with it, its folder and a mount or two did not."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            unmount(folder)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def gitlab(_place: Path) -> Iterator[Company]:
    """A GitLab with a real registry behind it."""
    _need(*_REGISTRIES)
    with company(_place / "gitlab") as running:
        yield running


@pytest.fixture(scope="session")
def elsewhere(_place: Path) -> Iterator[Registry]:
    """A registry of somebody else, with users and passwords."""
    _need(*_REGISTRIES)
    folder = _place / "elsewhere"
    with registry(folder, free_port(), behind_passwords(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def docker(_place: Path, gitlab: Company, elsewhere: Registry) -> Iterator[Engine]:
    """A Docker engine that has the images of the jobs that are always there."""
    _need(*_ENGINE)
    if os.geteuid():
        pytest.skip("needs root: dockerd")
    gitlab_ci_local()
    folder = _place / "docker"
    folder.mkdir()
    with engine(folder) as running:
        job_images.make_helper(running)
        for name in ("tools", "buildah"):
            job_images.make(running, name, (gitlab.registry.address, elsewhere.address))
        yield running


@pytest.fixture(scope="session")
def kubebin() -> Path:
    """A folder with the programs of Kubernetes; asked for first, so that nothing is started where there is none."""
    programs = os.environ.get("KUBEBIN")
    if not programs:
        pytest.skip("needs KUBEBIN: a folder with kube-apiserver, kube-controller-manager, kube-scheduler and kubelet")
    return Path(programs)


@pytest.fixture(scope="session")
def running(kubebin: Path, _place: Path, gitlab: Company, docker: Engine) -> Iterator[Cluster]:
    """A cluster that pulls from GitLab's registry."""
    with cluster(_place / "kubernetes", kubebin, docker, [gitlab.registry.address]) as made:
        yield made
