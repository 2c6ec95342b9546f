"""git is run quietly, on one repository, with nothing of the user's environment that could change what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.gateways.git import Git, GitError

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "a repo"
    root.mkdir()
    git = Git(root)
    git.run("init", "--quiet", "--initial-branch=main")
    (root / "kept").write_bytes(b"one\r\n")
    (root / "changed").write_text("one\n")
    (root / ".gitignore").write_text("ignored\n")
    git.run("add", "--all")
    git.run(*AUTHOR, "commit", "--quiet", "--message", "first")
    return root


def test_the_top_is_found_from_below_and_none_outside(repo: Path, tmp_path: Path) -> None:
    (repo / "deep").mkdir()
    assert Git.top(repo / "deep") == repo
    assert Git.top(tmp_path) is None
    assert not Git(tmp_path).exists()


def test_a_bare_repository_exists_without_a_top(repo: Path, tmp_path: Path) -> None:
    Git(tmp_path).run("clone", "--quiet", "--bare", str(repo), "bare")
    assert Git.top(tmp_path / "bare") is None
    assert Git(tmp_path / "bare").exists()


def test_the_remote_is_read_as_git_would_use_it(repo: Path) -> None:
    git = Git(repo)
    assert git.remote_url() is None
    git.run("remote", "add", "origin", "work:acme/app")
    git.run("config", "url.git@gitlab.example.com:.insteadOf", "work:")
    assert git.remote_url() == "git@gitlab.example.com:acme/app"


def test_status_names_what_differs_from_head(repo: Path) -> None:
    (repo / "changed").write_text("two\n")
    (repo / "ignored").write_text("x")
    (repo / "new ü").write_text("x")
    git = Git(repo)
    assert git.status() == {"changed": " M", "new ü": "??", "ignored": "!!"}
    assert git.status(["changed", "kept", "*"]) == {"changed": " M"}


def test_head_is_read_byte_for_byte(repo: Path) -> None:
    git = Git(repo)
    assert git.head_blob("kept") == b"one\r\n"
    assert git.head_blob("none") is None
    assert len(git.head() or "") == 40


def test_a_repository_without_commits_has_no_head(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git.run("init", "--quiet")
    assert git.head() is None
    assert git.head_blob("x") is None


def test_the_users_git_variables_do_not_matter(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_TRACE", "1")
    assert Git.top(repo) == repo


def test_a_repository_cannot_make_us_run_its_programs(repo: Path) -> None:
    marker = repo.parent / "ran"
    script = repo / ".git" / "hooks" / "fsmonitor"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    script.chmod(0o755)
    Git(repo).run("config", "core.fsmonitor", str(script))
    Git(repo).status()
    assert not marker.exists()


def test_gits_own_words_are_told(repo: Path) -> None:
    with pytest.raises(GitError) as caught:
        Git(repo).run("cat-file", "blob", "HEAD:none")
    assert "none" in caught.value.message
    assert caught.value.status == 128


def test_a_missing_git_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(GitError) as caught:
        Git.top(repo)
    assert caught.value.code == "git-missing"


def test_a_git_that_hangs_is_given_up(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec /bin/sleep 5\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("wizard.gateways.git.TIMEOUT", 0.1)
    with pytest.raises(GitError) as caught:
        Git(repo).head()
    assert caught.value.code == "git-timeout"
