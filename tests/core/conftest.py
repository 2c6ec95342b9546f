"""A simulated GitLab with the world of `tests.core.live`, and somebody who sets a project up there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.live import BUILT, FILES, Setup, git_repository, new_world
from tests.core.states import answers_of
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox(new_world(), control=True) as sandbox:
        yield sandbox


@pytest.fixture
def box(served: Sandbox) -> Sandbox:
    """A simulated GitLab with the first world."""
    served.instance.replace(load_world(new_world()))
    return served


@pytest.fixture
def setup(box: Sandbox, tmp_path: Path) -> Iterator[Setup]:
    made = Setup(box.url, git_repository(tmp_path / "repo"), tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def building(setup: Setup, tmp_path: Path) -> Setup:
    """With a Dockerfile, a build and a deployment."""
    setup.work_tree = git_repository(tmp_path / "built", FILES)
    setup.answers = answers_of(BUILT)
    return setup
