"""Manifests that are there, from discovery to undo: read in the work tree or by API, and written by neither."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.core.live import FILES, Setup, git_repository, pending, served_project, status, stored
from tests.core.states import answers_of
from wizard.errors import UsageError
from wizard.sandbox.server import Sandbox

WEB = (
    "apiVersion: apps/v1\r\nkind: Deployment\r\nmetadata: {name: web, namespace: shop}\r\n"
    "spec: {template: {spec: {containers: [{name: web, image: old}]}}}\r\n"
)
OVERLAY = {
    f".gitlab/k8s/staging/{name}.yaml" for name in ("kustomization", "namespace", "image", "deployment-web")
}  # fmt: skip


def answers(file: str, **more: Any) -> Mapping[str, Any]:
    environment = {"name": "staging", "namespace": "shop", "agent": "acme/team/app:staging"}
    workload = {"name": "web", "file": file, "container": "web"}
    return {"build": {}, "deploy": {"kubernetes": {"workloads": [workload], "environments": [environment]}}, **more}


def overlay(found: Mapping[str, str]) -> set[str]:
    return {name.removeprefix("file:") for name in found if "k8s" in name}


@pytest.fixture
def repo(setup: Setup, tmp_path: Path) -> Path:
    folder = git_repository(tmp_path / "own", FILES)
    for path in ("deploy/web.yaml", "apps/wéb [1]/anywhere.yml"):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(WEB.encode())
    setup.work_tree = folder
    return folder


@pytest.mark.parametrize("file", ["deploy/web.yaml", "apps/wéb [1]/anywhere.yml"])
def test_an_overlay_is_written_once_and_taken_back_and_the_manifest_stays(file: str, setup: Setup, repo: Path) -> None:
    setup.answers = answers_of(answers(file))
    before = status(repo)
    session = setup.session()
    plan = setup.plan(session)
    assert overlay(pending(plan)) == OVERLAY
    assert setup.apply(session, plan).ending == ("done", 0)
    assert (repo / file).read_bytes() == WEB.encode()
    assert pending(setup.plan(setup.session())) == {}
    assert setup.undo().ending == ("done", 0)
    assert status(repo) == before
    assert (repo / file).read_bytes() == WEB.encode()
    assert not (repo / ".gitlab/k8s").exists()


def test_a_read_only_manifest_is_as_good_as_any(setup: Setup, repo: Path) -> None:
    (repo / "deploy/web.yaml").chmod(0o400)
    setup.answers = answers_of(answers("deploy/web.yaml"))
    session = setup.session()
    assert setup.apply(session, setup.plan(session)).ending == ("done", 0)


def test_a_link_out_of_the_repository_is_not_followed(setup: Setup, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(WEB, encoding="utf-8")
    (repo / "deploy/link.yaml").symlink_to(tmp_path / "outside.yaml")
    setup.answers = answers_of(answers("deploy/link.yaml"))
    with pytest.raises(UsageError, match=r"there is no Deployment web in deploy/link\.yaml") as refusal:
        setup.plan(setup.session())
    assert refusal.value.code == "workload-not-found"
    assert "deploy/web.yaml:1" in refusal.value.message


def test_a_folder_of_the_overlay_that_leads_out_of_the_repository_is_not_written_through(
    setup: Setup, repo: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (repo / ".gitlab").mkdir(exist_ok=True)
    (repo / ".gitlab/k8s").symlink_to(tmp_path / "outside")
    setup.answers = answers_of(answers("deploy/web.yaml"))
    session = setup.session()
    ran = setup.apply(session, setup.plan(session))
    assert ran.ending[1] == 1
    assert list((tmp_path / "outside").iterdir()) == []


def test_by_api_a_named_manifest_is_read_however_many_there_are(box: Sandbox, setup: Setup) -> None:
    many = {f"deploy/{at:03}.yaml": WEB.replace("web", f"w{at}") for at in range(100)}
    files = {**FILES, **many, "zoo/web.yaml": WEB}
    served_project(box).files.update(files)
    setup.work_tree = None
    setup.answers = answers_of(answers("zoo/web.yaml", delivery={"mode": "branch", "branch": "setup"}))
    session = setup.session()
    plan = setup.plan(session)
    assert overlay(pending(plan)) == OVERLAY
    assert setup.apply(session, plan).ending == ("done", 0)
    delivered = stored(box)["branches"]["setup"]["files"]
    assert set(delivered) >= OVERLAY
    assert not set(delivered) & set(files)
    assert stored(box)["files"] == files


@pytest.mark.parametrize("becomes", [WEB.replace("name: web, image", "name: shop, image").encode(), None])
def test_a_manifest_that_changes_between_plan_and_apply_stops_the_overlay(
    setup: Setup, repo: Path, becomes: bytes | None
) -> None:
    setup.answers = answers_of(answers("deploy/web.yaml"))
    session = setup.session()
    plan = setup.plan(session)
    manifest = repo / "deploy/web.yaml"
    manifest.unlink() if becomes is None else manifest.write_bytes(becomes)
    moved = status(repo)
    ran = setup.apply(session, plan)
    assert ran.ending == ("failed", 3)  # GitLab's settings come first
    (failed,) = ran.named("change-failed")
    assert failed["code"] == "moved"
    assert "deploy/web.yaml, on which it builds, changed since the plan was made" in failed["message"]
    assert status(repo) == moved


def test_a_manifest_that_changes_after_its_overlay_was_written_is_no_matter(setup: Setup, repo: Path) -> None:
    setup.answers = answers_of(answers("deploy/web.yaml"))
    session = setup.session()
    plan = setup.plan(session)
    assert setup.apply(session, plan).ending == ("done", 0)
    (repo / "deploy/web.yaml").write_bytes(WEB.replace("old", "new").encode())
    assert pending(setup.plan(setup.session())) == {}


def test_a_manifest_that_changes_in_gitlab_meanwhile_stops_the_commit(box: Sandbox, setup: Setup) -> None:
    delivery = {"mode": "branch", "branch": "registry-wizard/setup"}
    served_project(box).files.update({**FILES, "deploy/web.yaml": WEB})
    setup.answers, setup.work_tree = answers_of(answers("deploy/web.yaml", delivery=delivery)), None
    session = setup.session()
    plan = setup.plan(session)
    theirs = {"action": "update", "file_path": "deploy/web.yaml", "content": WEB.replace("old", "new")}
    commit = {"branch": "main", "commit_message": "theirs", "actions": [theirs]}
    session._api.send("post", "/projects/10/repository/commits", commit)
    ran = setup.apply(session, plan)
    assert ran.ending[0] == "failed"
    (failed,) = ran.named("change-failed")
    assert "deploy/web.yaml, on which it builds, changed" in failed["message"]
    assert "registry-wizard/setup" not in stored(box)["branches"]
