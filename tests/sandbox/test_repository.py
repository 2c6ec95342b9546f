"""The repositories of the simulated GitLab: git's own ids, real history, and a world that can be saved and loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import Client, base_world, changed_world
from wizard.sandbox.git.objects import File, trees
from wizard.sandbox.git.repository import START, Repository
from wizard.sandbox.loading import check_world, export_world
from wizard.sandbox.resources.branches import is_branch_name
from wizard.sandbox.schema import WorldState

FILES = {"README.md": "# app\n", "k8s/base/app.yaml": "a: b\n", "k8s.txt": "x", "k8s-more/y": "", "Ünï/ß": "ü"}


def git(folder: Path, *words: str) -> str:
    environment = {
        "GIT_AUTHOR_NAME": "Sandbox",
        "GIT_AUTHOR_EMAIL": "sandbox@example.com",
        "GIT_AUTHOR_DATE": START.isoformat(),
        "GIT_COMMITTER_NAME": "Sandbox",
        "GIT_COMMITTER_EMAIL": "sandbox@example.com",
        "GIT_COMMITTER_DATE": START.isoformat(),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


def state(**changes: Any) -> WorldState:
    found, mistakes = check_world(changed_world({path.replace("__", "."): value for path, value in changes.items()}))
    assert found is not None, mistakes
    return found


def test_commit_tree_and_blob_ids_are_those_that_git_computes(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "-c", "core.commentChar=;", "commit", "--quiet", "--cleanup=verbatim", "--message", "Initial commit")
    head = Repository(state(projects__0__files=FILES).projects[0]).heads["main"]
    tree, entries = trees(head.files)[""]
    assert tree == git(tmp_path, "rev-parse", "HEAD^{tree}")
    assert [entry.id for entry in entries] == git(tmp_path, "ls-tree", "--format=%(objectname)", "HEAD").splitlines()
    raw = git(tmp_path, "cat-file", "commit", "HEAD")
    assert raw.endswith("Initial commit")
    made = subprocess.run(
        ["git", "-C", str(tmp_path), "hash-object", "-t", "commit", "--stdin"],
        input=raw.encode(),
        capture_output=True,
        check=True,
    )
    assert head.id == made.stdout.decode().strip()


def test_an_executable_file_has_another_tree_but_the_same_blob() -> None:
    plain, script = File(b"x"), File(b"x", executable=True)
    assert plain.id == script.id
    assert trees({"a": plain})[""][0] != trees({"a": script})[""][0]


def test_the_same_world_has_the_same_commit_ids() -> None:
    branches = {"feature": {"files": {"x.txt": "x"}}}
    first, second = (Repository(state(projects__0__branches=branches).projects[0]) for _ in range(2))
    assert first.heads == second.heads


def test_the_last_change_of_a_file_stays_where_it_was_while_others_change(client: Client) -> None:
    """`last_commit_id` guards one file: a commit to another file does not make it stale."""
    assert client.send("PUT", "/-/sandbox/world", send=base_world()).status == 204

    def last(path: str) -> str:
        found = client.send("GET", f"/projects/10/repository/files/{path}?ref=main", who="maint")
        return str(found.json["last_commit_id"])

    def commit(*actions: Any) -> Any:
        body = {"branch": "main", "commit_message": "m", "actions": list(actions)}
        return client.send("POST", "/projects/10/repository/commits", who="maint", send=body)

    first = last("README.md")
    made = commit({"action": "create", "file_path": "other", "content": "o"})
    assert last("README.md") == first
    assert last("other") == made.json["id"]
    update = {"action": "update", "file_path": "README.md", "content": "new", "last_commit_id": first}
    assert commit(update).status == 201
    again = commit(update)
    assert again.status == 400
    assert again.json["message"] == "The file has changed since you started editing it: README.md"


def test_a_branch_starts_at_a_given_commit(client: Client) -> None:
    world = changed_world({"projects.0.branches": {"feature": {"files": {"x.txt": "x"}}}})
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    root = client.send("GET", "/projects/10/repository/commits/main", who="dev").json["id"]
    body = {
        "start_sha": root,
        "commit_message": "m",
        "actions": [{"action": "create", "file_path": "n", "content": ""}],
    }
    taken = client.send("POST", "/projects/10/repository/commits", who="dev", send={**body, "branch": "feature"})
    assert taken.json["message"].startswith("A branch called 'feature' already exists.")
    moved = client.send(
        "POST", "/projects/10/repository/commits", who="dev", send={**body, "branch": "feature", "force": True}
    )
    assert moved.json["parent_ids"] == [root]
    fresh = client.send("POST", "/projects/10/repository/commits", who="dev", send={**body, "branch": "fresh"})
    assert fresh.status == 201


def test_every_keyset_page_follows_the_last_one(client: Client) -> None:
    world = changed_world({"projects.0.files": {f"d/{number}": str(number) for number in range(7)}})
    assert client.send("PUT", "/-/sandbox/world", send=world).status == 204
    path, seen = "/projects/10/repository/tree?recursive=true&pagination=keyset&per_page=3", []
    while path:
        page = client.send("GET", path, who="dev")
        seen += [entry["path"] for entry in page.json]
        link = page.headers.get("link", "")
        path = link.partition("/api/v4")[2].partition(">")[0]
    assert seen == ["d", *(f"d/{number}" for number in range(7))]


NAMES = st.sampled_from(["a", "b", "d/a", "d/e/a"])
TREES = st.dictionaries(NAMES, st.text(max_size=3), min_size=1)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(main=TREES, feature=TREES, second=TREES)
def test_a_world_with_branches_survives_being_saved(
    main: dict[str, str], feature: dict[str, str], second: dict[str, str]
) -> None:
    project = state(projects__0__files=main).projects[0]
    repository = Repository(project)
    root = repository.heads["main"]
    for name, files in {"feature": feature, "second": second}.items():
        made = {path: File(text.encode()) for path, text in files.items()}
        repository.add(name, root, made, root.author, root.author, name)
    world = export_world(state(projects__0=export_project(project)))
    loaded, mistakes = check_world(world)
    assert loaded is not None, mistakes
    again = Repository(loaded.projects[0])
    assert {name: head.files for name, head in again.heads.items()} == {
        name: head.files for name, head in repository.heads.items()
    }


def export_project(project: Any) -> Any:
    found: Any = export_world(WorldState(version=1, projects=[project]))["projects"]
    found[0].update(jobs=[], job_token_scope={}, members={})
    return found[0]


@pytest.mark.parametrize("name", ["main", "feature/x", "release-1.0", "v1", "a@b", "ünï"])
def test_a_branch_may_be_called(name: str) -> None:
    assert is_branch_name(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a..b", "a~1", "a^", "a:b", "-a", "a.lock", "a/", "/a", "a//b", "@", "HEAD", "refs/x", "0" * 40]
)
def test_a_branch_may_not_be_called(name: str) -> None:
    assert not is_branch_name(name)
