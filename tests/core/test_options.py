"""`--partial`, `--rotate`, `--allow-secret`, `--overwrite` and `--allow-dirty`, in the real command."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.core.live import APP, TOKENS, new_world, stored, variables
from tests.core.whole_run import Machine, Runner
from wizard.sandbox.loading import load_world
from wizard.sandbox.server import Sandbox

OWNED = ".gitlab/ci/registry.gitlab-ci.yml"
ANSWERS: Mapping[str, Any] = {"build": {}, "variables": [{"key": "SENTRY_DSN", "value": "env:DSN"}]}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture
def machine(box: Sandbox, runner: Runner, tmp_path: Path) -> Machine:
    return Machine.new(tmp_path / "machine", box.url, runner, ANSWERS)


def _committed(machine: Machine) -> None:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    for command in (["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(machine.repo), *who, *command], check=True)


def _answers(machine: Machine, **more: Any) -> None:
    text = yaml.safe_dump({"version": 1, **ANSWERS, **more}, sort_keys=False)
    (machine.repo / ".gitlab/registry-wizard.yml").write_text(text)
    _committed(machine)


def test_partial_makes_what_the_role_allows_and_says_what_is_left(machine: Machine, box: Sandbox) -> None:
    machine.environ["GITLAB_TOKEN"] = TOKENS["dev"]
    refused = machine.run("apply", "--yes")
    assert refused.code == 1
    assert "role-too-low" in refused.out
    assert "--partial" in refused.out
    assert machine.status() == {}
    told = machine.run("apply", "--yes", "--partial")
    assert told.code == 3
    assert "Left:\n" in told.out
    assert "  variable:SENTRY_DSN@*" in told.out
    assert (machine.repo / OWNED).is_file()
    assert "SENTRY_DSN@*" not in variables(box)


def test_an_image_of_a_project_that_one_cannot_see_holds_back_nothing_else(machine: Machine, box: Sandbox) -> None:
    _answers(machine, variables=[], pull=[{"project": "hidden/base", "image": "python:3.14"}])
    machine.environ["GITLAB_TOKEN"] = TOKENS["dev"]
    planned = machine.run("plan")
    assert planned.code == 0
    assert "pull.hidden/base: GitLab says 404 Project Not Found" in " ".join(planned.out.split())
    assert "Send this to a Maintainer there" in " ".join(planned.out.split())
    refused = machine.run("apply", "--yes")
    assert refused.code == 1
    assert "needs the role maintainer on hidden/base" in " ".join(refused.out.split())
    assert machine.status() == {}
    told = machine.run("apply", "--yes", "--partial")
    assert told.code == 3
    assert f"  job-token-allowlist:{APP}@hidden/base" in told.out
    assert (machine.repo / OWNED).is_file()


def test_rotate_writes_a_hidden_value_again_and_nothing_else_does(machine: Machine, box: Sandbox) -> None:
    assert machine.run("apply", "--yes").code == 0
    machine.environ["DSN"] = "https://another@sentry.example.com/2"
    assert "Nothing to do" in machine.run("apply", "--yes").out
    told = machine.run("apply", "--yes", "--rotate", "SENTRY_DSN")
    assert "updated  variable:SENTRY_DSN@*" in told.out
    assert variables(box)["SENTRY_DSN@*"]["value"] == "https://another@sentry.example.com/2"
    assert machine.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("reference", ["env:GITLAB_TOKEN", "file:/proc/self/environ", "file:../outside.txt"])
def test_a_secret_that_has_nothing_to_do_with_the_project_is_read_only_when_it_is_allowed(
    machine: Machine, box: Sandbox, reference: str
) -> None:
    (machine.repo.parent / "outside.txt").write_text("a-secret-of-this-machine\n")
    _answers(machine, variables=[{"key": "SENTRY_DSN", "value": reference}])
    refused = machine.run("apply", "--yes")
    assert refused.code == 64
    assert f"--allow-secret {reference}" in refused.err
    assert "SENTRY_DSN@*" not in variables(box)
    if reference != "file:/proc/self/environ":
        assert machine.run("apply", "--yes", "--allow-secret", reference).code == 0
        assert "SENTRY_DSN@*" in variables(box)


def test_overwrite_replaces_an_edited_file_by_name_only(machine: Machine) -> None:
    assert machine.run("apply", "--yes").code == 0
    _committed(machine)
    file = machine.repo / OWNED
    wanted = file.read_bytes()
    file.write_bytes(wanted + b"# mine\n")
    _committed(machine)
    refused = machine.run("apply", "--yes")
    assert refused.code == 1
    assert f"--overwrite {OWNED}" in refused.out
    assert machine.run("apply", "--yes", "--overwrite", "Dockerfile").code == 1
    assert file.read_bytes().endswith(b"# mine\n")
    assert machine.run("apply", "--yes", "--overwrite", OWNED).code == 0
    assert file.read_bytes() == wanted
    assert machine.run("undo", "--yes").code == 0
    assert file.read_bytes() == wanted + b"# mine\n"


def test_allow_dirty_writes_over_what_is_not_committed_and_undo_brings_it_back(machine: Machine) -> None:
    pipeline = machine.repo / ".gitlab-ci.yml"
    dirty = pipeline.read_bytes() + b"\n# not committed\r\n"
    pipeline.write_bytes(dirty)
    refused = machine.run("apply", "--yes")
    assert refused.code == 1
    assert "--allow-dirty" in refused.out
    assert pipeline.read_bytes() == dirty
    assert machine.run("apply", "--yes", "--allow-dirty").code == 0
    assert b"\n# not committed\r\n" in pipeline.read_bytes()
    assert machine.run("undo", "--yes").code == 0
    assert pipeline.read_bytes() == dirty


def test_a_saved_plan_is_applied_as_it_stands_or_not_at_all(machine: Machine, box: Sandbox) -> None:
    plan = str(machine.folder / "plan.json")
    assert machine.run("plan", "--out", plan).code == 0
    box.instance.replace(load_world(new_world()))
    project = box.world.project(APP)
    assert project is not None
    theirs = type(project.variables[0])(key="SENTRY_DSN", value="theirs", protected=True)
    project.variables.append(theirs)
    before = machine.files()
    refused = machine.run("apply", plan, "--yes")
    assert refused.code == 4
    assert "Plan again" in refused.out
    assert machine.files() == before
    project.variables.remove(theirs)
    assert machine.run("apply", plan, "--yes").code == 0
    assert {row["key"] for row in stored(box)["variables"]} >= {"SENTRY_DSN", "THEIRS"}
