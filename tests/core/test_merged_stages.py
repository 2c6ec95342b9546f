"""Stages that other files decide are asked of GitLab's own lint, and of nobody where the file says it itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.live import Setup, git_repository, new_world
from tests.core.states import answers_of
from wizard import layout
from wizard.generate.merged_stages import stages_lie_elsewhere, stages_of
from wizard.generate.stages import DEFAULT_STAGES
from wizard.sandbox.server import Sandbox

OURS = f"/{layout.PIPELINE}"
INCLUDING = (
    "include:\n  - local: ci/base.yml\n  - local: /.gitlab/ci/registry.gitlab-ci.yml\njob: {script: x, stage: pack}\n"
)


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("job: {script: x}\n", False),
        (f"include: {OURS}\njob: {{script: x}}\n", False),
        ("include: a.yml\njob: {script: x}\n", True),
        ("include: a.yml\nstages: [build]\njob: {script: x}\n", False),
        ("stages: [build, [test], !reference [.x, stages]]\n", True),
        ("stages: !reference [.x, stages]\n", True),
        ("include: a.yml\ninclude: [\n", False),
        ("", False),
    ],
)
def test_only_what_this_file_does_not_say_lies_elsewhere(text: str, elsewhere: bool) -> None:
    assert stages_lie_elsewhere(text.encode(), OURS) is elsewhere
    assert not stages_lie_elsewhere(None, OURS)


@pytest.mark.parametrize(
    ("merged", "stages"),
    [
        ("---\nstages:\n- pack\n- ship\njob: {script: x}\n", ("pack", "ship")),
        ("---\njob: {script: x}\n", DEFAULT_STAGES),
        ("stages: x\n", None),
        ("a: [\n", None),
    ],
)
def test_the_stages_of_the_merged_configuration(merged: str, stages: Any) -> None:
    assert stages_of(merged) == stages


@pytest.mark.parametrize(("base", "stages"), [("stages: [pack, ship]\n", ("pack", "ship")), (None, None)])
def test_they_are_asked_of_gitlab_which_may_not_know(tmp_path: Path, base: str | None, stages: Any) -> None:
    world = new_world()
    world["projects"][0]["files"] = {"README.md": "x\n", **({"ci/base.yml": base} if base else {})}
    repository = git_repository(tmp_path / "app", {layout.CI_FILE: INCLUDING, "Dockerfile": "FROM scratch\nUSER 1\n"})
    with Sandbox(world, control=True) as box:
        setup = Setup(box.url, repository, tmp_path / "state", answers=answers_of({"build": {}}))
        session = setup.session()
        state = setup.state(session)
        plan = session.plan(setup.answers, state)
        setup.close()
        assert sum("ci/lint" in call.path for call in box.world.log) == 1
    assert state.merged_stages == stages
    warned = {notice.code for notice in plan.warnings}
    assert "stages-from-includes" in warned if stages is None else "stages-from-includes" not in warned
