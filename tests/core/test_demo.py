"""The demo and the sandbox command: a made-up company, a throwaway clone, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wizard.__main__ import main
from wizard.answers import FILE
from wizard.answers_file import read_answers
from wizard.demo import TOKEN_NAME, cloned, running, serving
from wizard.errors import UsageError
from wizard.gateways.git import Git
from wizard.output.console import Console
from wizard.sandbox.schema import WorldState
from wizard.target import parse_remote


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Let the demo work below a folder of the test, and list what it leaves there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("GITLAB_TOKEN", raising=False)
    return lambda: [path.name for path in tmp_path.iterdir() if path.name.startswith("registry-wizard-demo-")]


@pytest.fixture(scope="module")
def world() -> WorldState:
    with serving(None) as box:
        return box.world.state


# the world


def test_the_user_of_the_demo_is_a_maintainer_with_a_token_that_does_not_expire(world: WorldState) -> None:
    holders = [user for user in world.users for token in user.tokens if token.name == TOKEN_NAME]
    assert [user.username for user in holders] == ["mira"]
    assert world.groups[0].members["mira"] == "maintainer"


def test_the_world_shows_what_real_projects_look_like(world: WorldState) -> None:
    projects = {project.path: project for project in world.projects}
    shop = projects["tidewater/shop/storefront"]
    pipeline = shop.files[".gitlab-ci.yml"]
    assert "&python" in pipeline
    assert "# Nightly only" in pipeline
    assert shop.deploy_tokens[0].expires_at is not None
    assert shop.deploy_tokens[0].expires_at.year == 2024
    assert "python" in projects["tidewater/platform/base-images"].images
    assert [agent.name for agent in projects["tidewater/platform/clusters"].agents] == ["staging", "production"]


def test_every_answers_file_of_the_world_is_valid_and_names_its_project(world: WorldState) -> None:
    found = {project.path: project.files[FILE] for project in world.projects if FILE in project.files}
    assert len(found) == 2
    for path, text in found.items():
        assert read_answers(text, name=path).project == path


# the clone


def test_the_clone_is_clean_and_its_origin_is_the_sandbox(folders: Callable[[], list[str]]) -> None:
    with serving(None) as box, cloned(box, None, Console()) as demo:
        git = Git(demo.repo)
        assert git.status() == {}
        assert (demo.repo / FILE).is_file()
        remote = parse_remote(git.remote_url() or "")
        assert remote is not None
        assert (remote.url, remote.path) == (box.url, "tidewater/shop/storefront")
        assert len(folders()) == 1
    assert folders() == []


@pytest.mark.parametrize("project", ["tidewater/shop/recommender", "tidewater/platform/base-images"])
def test_another_project_can_be_picked_and_also_has_an_answers_file(
    folders: Callable[[], list[str]], project: str
) -> None:
    with running(project, Console()) as demo:
        assert read_answers((demo.repo / FILE).read_text(), name=FILE).project == project
    assert folders() == []


def test_a_project_that_is_not_there_is_told_with_those_that_are(folders: Callable[[], list[str]]) -> None:
    with pytest.raises(UsageError) as caught, running("tidewater/none", Console()):
        pass
    assert "tidewater/shop/storefront" in caught.value.hint
    assert folders() == []


def test_a_clone_in_which_something_was_changed_stays_and_its_place_is_told(
    folders: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with running(None, Console()) as demo:
        demo.hand_out_token()
        demo.state.mkdir()
        (demo.repo / "README.md").write_text("changed\n")
    assert f"git -C {demo.repo} diff" in capsys.readouterr().err
    assert (demo.repo / "README.md").read_text() == "changed\n"
    assert [path.name for path in demo.folder.iterdir()] == ["repo"]


# the sandbox as a process


@contextlib.contextmanager
def sandbox(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", "sandbox", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_the_sandbox_prints_one_ready_line_and_ends_with_130(folders: Callable[[], list[str]]) -> None:
    with sandbox("--demo") as (process, ready):
        assert ready.keys() == {"format", "url", "registry", "repo", "token_file"}
        token_file = Path(ready["token_file"])
        assert token_file.stat().st_mode & 0o777 == 0o600
        request = urllib.request.Request(  # noqa: S310  # a loopback address of our own
            f"{ready['url']}/api/v4/user", headers={"PRIVATE-TOKEN": token_file.read_text().strip()}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
            assert json.load(answer)["username"] == "mira"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert folders() == []


def test_the_sandbox_serves_a_world_of_ones_own(tmp_path: Path) -> None:
    world = tmp_path / "world.yml"
    world.write_text("version: 1\nprojects: [{path: acme/app}]\n")
    with sandbox("--world", str(world), "--control") as (_, ready):
        assert ready.keys() == {"format", "url", "registry"}
        with urllib.request.urlopen(f"{ready['url']}/-/sandbox/world", timeout=10) as answer:  # noqa: S310
            assert json.load(answer)["projects"][0]["path"] == "acme/app"


@pytest.mark.parametrize("text", ["version: 2\n", "version: 1\nprojetcs: []\n", "version: ["])
def test_an_invalid_world_ends_with_64(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    world = tmp_path / "world.yml"
    world.write_text(text)
    assert main(["sandbox", "--world", str(world)]) == 64
    assert str(world) in capsys.readouterr().err
