"""The programs of other people that tests run. Where one is missing, its tests are skipped, visibly."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.real.environments import NODE, OUTSIDE, Environment, find


def prepared(name: str) -> Environment:
    """Return an environment of `tests/real/environments.py`; where it was not prepared the test is skipped."""
    found = find(name)
    if found is None:
        pytest.skip(f"needs {name}: python -m tests.real.environments {name}")
    return found


def gitlab_ci_local() -> tuple[str, ...]:
    """Return the command that starts gitlab-ci-local; without it the test is skipped."""
    modules = prepared("gitlab-ci-local").programs.parent
    node, index = modules / NODE / "bin" / "node", modules / "gitlab-ci-local" / "dist" / "index.js"
    return str(node), "--require", str(Path(__file__).with_name("leave_nothing.cjs")), str(index)


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
