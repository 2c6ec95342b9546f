"""Programs of other people that tests run, beyond those on the PATH: where they are had from, at which version."""

from __future__ import annotations

import functools
import platform
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.real.clients.environments import OUTSIDE, NotInstallableError, Packages

NODE, GITLAB_CI_LOCAL = "22.23.3", "4.75.1"
"""gitlab-ci-local crashes on Node 20."""
_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}


def gitlab_ci_local() -> tuple[str, ...]:
    """Return the command that starts gitlab-ci-local; without it the test is skipped, visibly."""
    found = _gitlab_ci_local()
    if isinstance(found, str):
        pytest.skip(f"gitlab-ci-local: {found}")
    return found


@functools.cache
def _gitlab_ci_local() -> tuple[str, ...] | str:
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        return f"there is no package of Node {NODE} for {sys.platform} {platform.machine()}"
    # Node itself from npm: the machine's own may be older.
    node = f"node-linux-{_ARCHITECTURES[platform.machine()]}"
    try:
        made = Packages(
            "gitlab-ci-local", "npm", (f"{node}@{NODE}", f"gitlab-ci-local@{GITLAB_CI_LOCAL}")
        ).environment()
    except NotInstallableError as error:
        return str(error)
    modules = made.programs.parent
    return str(modules / node / "bin" / "node"), str(modules / "gitlab-ci-local" / "dist" / "index.js")


def program(name: str) -> str:
    """Return the path of a program of this interpreter's environment or of the PATH; without it the test is skipped."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.is_file() else shutil.which(name, path=OUTSIDE.get("PATH"))
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def needs(names: Sequence[str]) -> pytest.MarkDecorator:
    """Return the mark of tests that skip, visibly, where a program of the PATH is missing."""
    missing = [name for name in names if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")
