"""Files of a real git work tree: written all together, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.live import git_repository
from wizard.errors import StaleError, WizardError
from wizard.gateways.batch import Batch
from wizard.gateways.work_tree import WorkTree

OLD = {"README.md": "# app\n", "Dockerfile": "FROM scratch\n", "deploy/app.yaml": "kind: Pod\n"}
_NOBODY = 65534
NEW: dict[str, bytes | None] = {"Dockerfile": b"FROM alpine\n", ".gitlab/ci/registry.yml": b"jobs\n", "README.md": None}


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    return WorkTree(git_repository(tmp_path / "repo", OLD))


def contents(tree: WorkTree) -> dict[str, bytes]:
    """Every file of the work tree, git's own left out, and empty folders as such."""
    return {
        str(path.relative_to(tree.root)): path.read_bytes() if path.is_file() else b"(folder or broken link)"
        for path in tree.root.rglob("*")
        if ".git" not in path.relative_to(tree.root).parts and not (path.is_dir() and any(path.iterdir()))
    }


def staged(tree: WorkTree) -> list[Path]:
    return list((tree.root / ".git").glob("registry-wizard-*"))


def refused(tree: WorkTree, files: dict[str, bytes | None]) -> WizardError:
    """The error of a write that leaves everything as it was."""
    before = contents(tree)
    with pytest.raises(WizardError) as raised:
        tree.write_all(files)
    assert contents(tree) == before
    assert staged(tree) == []
    return raised.value


def test_files_are_created_replaced_and_removed_together(tree: WorkTree) -> None:
    tree.write_all(NEW)
    assert contents(tree) == {
        "Dockerfile": b"FROM alpine\n",
        ".gitlab/ci/registry.yml": b"jobs\n",
        "deploy/app.yaml": b"kind: Pod\n",
    }
    assert staged(tree) == []


def test_nothing_at_all_is_fine(tree: WorkTree) -> None:
    tree.write_all({})
    tree.write_all({"absent.txt": None})
    assert "absent.txt" not in contents(tree)


def test_a_file_keeps_its_mode_and_a_new_one_has_the_users(tree: WorkTree) -> None:
    (tree.root / "Dockerfile").chmod(0o750)
    mask = os.umask(0o027)
    try:
        tree.write_all({"Dockerfile": b"x", "new.txt": b"y"})
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tree.root / "Dockerfile").stat().st_mode) == 0o750
    assert stat.S_IMODE((tree.root / "new.txt").stat().st_mode) == 0o640


def test_no_byte_is_converted(tree: WorkTree) -> None:
    content = b"\xef\xbb\xbfa\r\nb\n\x00\xff"
    tree.write_all({"odd.bin": content})
    assert tree.read("odd.bin") == content


def test_a_folder_where_a_file_should_be(tree: WorkTree) -> None:
    error = refused(tree, {"Dockerfile": b"x", "deploy": b"y"})
    assert (error.code, tree.obstacle("deploy")) == ("cannot-write", "deploy is not a file")


def test_a_file_where_a_folder_should_be(tree: WorkTree) -> None:
    error = refused(tree, {"Dockerfile": b"x", "README.md/inner/file": b"y"})
    assert error.message == tree.obstacle("README.md/inner/file") == "README.md is a file, not a folder"


@pytest.mark.parametrize("target", ["../outside.txt", "/etc/hostname", "nowhere", "Dockerfile"])
def test_a_symbolic_link_is_never_written_through(tree: WorkTree, target: str) -> None:
    (tree.root.parent / "outside.txt").write_text("not ours")
    (tree.root / "link").symlink_to(target)
    error = refused(tree, {"Dockerfile": b"x", "link": b"y"})
    assert error.message == "link is a symbolic link"
    assert (tree.root.parent / "outside.txt").read_text() == "not ours"


def test_a_folder_that_is_a_link_out_of_the_repository_is_never_written_through(tree: WorkTree, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tree.root / ".gitlab").symlink_to(tmp_path / "outside")
    error = refused(tree, NEW)
    assert error.message == ".gitlab is a symbolic link"
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_submodule_is_never_written_into(tree: WorkTree, tmp_path: Path) -> None:
    git_repository(tmp_path / "other")
    git(tree, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), ".gitlab")
    error = refused(tree, NEW)
    assert error.message == ".gitlab is a submodule, or another repository"
    assert tree.ignored(NEW) == frozenset()


def test_what_a_sparse_checkout_leaves_out_is_known(tree: WorkTree) -> None:
    assert tree.left_out(OLD) == frozenset()
    git(tree, "sparse-checkout", "set", "--no-cone", "/README.md")
    assert tree.left_out([*OLD, "new"]) == {"Dockerfile", "deploy/app.yaml"}


def test_what_git_ignores_is_known_before_it_is_there(tree: WorkTree) -> None:
    assert tree.ignored(NEW) == frozenset()
    (tree.root / ".gitignore").write_text(".gitlab/\nDockerfile\n*.ä\n:odd\n")
    ignored = {".gitlab/ci/registry.yml", "a b.ä", "line\nbreak.ä", ":odd"}
    assert tree.ignored({*NEW, *ignored, "*"}) == ignored, "a file that is tracked is not ignored any more"


def git(tree: WorkTree, *args: str) -> None:
    subprocess.run(["git", "-C", str(tree.root), *args], check=True, capture_output=True)


def test_a_symbolic_link_out_of_the_repository_is_never_read(tree: WorkTree, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("not ours")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "Dockerfile").write_text("not ours")
    (tree.root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tree.root / "linked").symlink_to(tmp_path / "outside")
    (tree.root / "inside.txt").symlink_to("README.md")
    assert tree.read("link.txt") is None
    assert tree.read("linked/Dockerfile") is None
    assert tree.read("inside.txt") == b"# app\n"


def test_a_file_too_large_to_be_read_is_never_replaced(tree: WorkTree) -> None:
    large = b"x" * (1024 * 1024 + 1)
    (tree.root / "large.yml").write_bytes(large)
    assert tree.read("large.yml") is None
    error = refused(tree, {"Dockerfile": b"x", "large.yml": b"y"})
    assert error.message == "large.yml is larger than 1 MiB"


def test_a_failure_midway_puts_everything_back(tree: WorkTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third rename fails: what was replaced, created and removed before it is as it was."""
    place, count = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == 3:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(target))
        return place(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    files: dict[str, bytes | None] = {"Dockerfile": b"x", "new/a.txt": b"a", "README.md": None, "last.txt": b"z"}
    error = refused(tree, files)
    assert error.code == "cannot-write"
    assert "last.txt" in error.message
    assert "Nothing in the work tree was changed" in error.hint


def test_a_file_that_cannot_be_put_back_is_named(tree: WorkTree, monkeypatch: pytest.MonkeyPatch) -> None:
    place, count = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count >= 2:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(target))
        return place(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(WizardError) as raised:
        tree.write_all({"Dockerfile": b"x", "README.md": b"y"})
    assert raised.value.code == "half-written"
    assert "Dockerfile could not be put back" in raised.value.message
    assert "git status" in raised.value.hint


@pytest.mark.parametrize("theirs", [b"theirs\n", None])
def test_a_file_that_another_program_writes_meanwhile_is_left_to_it(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch, theirs: bytes | None
) -> None:
    """An editor saves between the look at the file and the rename: what was replaced before it is put back."""
    stage, target = Batch.stage, tree.root / "README.md"

    def meanwhile(batch: Batch, path: str, *rest: Any) -> None:
        stage(batch, path, *rest)
        if path == "README.md":
            target.write_bytes(theirs) if theirs is not None else target.unlink()

    monkeypatch.setattr(Batch, "stage", meanwhile)
    with pytest.raises(StaleError) as raised:
        tree.write_all({"Dockerfile": b"x", "new/a.txt": b"a", "README.md": b"y"})
    assert "another program" in raised.value.message
    assert tree.read("README.md") == theirs
    assert contents(tree).keys() - {"README.md"} == {"Dockerfile", "deploy/app.yaml"}
    assert tree.read("Dockerfile") == b"FROM scratch\n"


def test_a_removed_file_comes_back_with_its_mode(tree: WorkTree, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree.root / "Dockerfile").chmod(0o755)
    refused(tree, {"Dockerfile": None, "README.md": b"y", "deploy": b"in the way"})
    assert stat.S_IMODE((tree.root / "Dockerfile").stat().st_mode) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="no tmpfs may be mounted here: that needs root")
def test_a_disk_that_is_really_full_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs may be mounted here")
    try:
        tree = WorkTree(git_repository(folder / "repo", OLD))
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        (folder / "filler").write_bytes(b"x" * (free - 64 * 1024))
        error = refused(tree, {"Dockerfile": b"x", "README.md": None, "large.txt": b"y" * 100_000})
        assert "No space left on device" in error.message
        (folder / "filler").unlink()
        tree.write_all({"Dockerfile": b"x", "README.md": None, "large.txt": b"y" * 100_000})
        assert tree.read("large.txt") == b"y" * 100_000
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_changes_nothing(tree: WorkTree) -> None:
    """A limit on the size of files stands for the full disk; it is set in a process of its own."""
    before = contents(tree)
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from wizard.gateways.work_tree import WorkTree; from wizard.errors import WizardError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "files = {'Dockerfile': b'x', 'new/large.txt': b'y' * 10_000, 'README.md': None}\n"
        "try: WorkTree(Path(sys.argv[1])).write_all(files)\n"
        "except WizardError as error: print(error.code, error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tree.root)], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout == "cannot-write new/large.txt cannot be written: File too large\n"
    assert contents(tree) == before
    assert staged(tree) == []


@pytest.fixture
def bound(tree: WorkTree) -> Iterator[WorkTree]:
    """A work tree of a user whom file modes bind: root writes anywhere."""
    if os.geteuid():
        yield tree
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = WorkTree(git_repository(Path(folder) / "repo", OLD))
        for path in (made.root, *made.root.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, 0)
        try:
            yield made
        finally:
            os.setresuid(0, 0, 0)


@pytest.mark.parametrize(("path", "mode"), [("deploy/app.yaml", 0o444), ("deploy", 0o555)])
def test_what_is_read_only_is_left_alone_with_all_others(bound: WorkTree, path: str, mode: int) -> None:
    (bound.root / path).chmod(mode)
    error = refused(bound, {"README.md": b"new", "deploy/app.yaml": b"x", "deploy/new.yaml": b"y"})
    (bound.root / path).chmod(0o755)
    assert (error.code, error.message.partition(" ")[2]) == ("cannot-write", "is read-only")


def test_a_git_folder_that_is_read_only_is_told(bound: WorkTree) -> None:
    (bound.root / ".git").chmod(0o555)
    error = refused(bound, {"README.md": b"new"})
    (bound.root / ".git").chmod(0o755)
    assert error.code == "cannot-write"
    assert "Permission denied" in error.message


def test_an_unreadable_file_is_told_by_name(bound: WorkTree) -> None:
    (bound.root / "Dockerfile").chmod(0)
    with pytest.raises(WizardError) as raised:
        bound.read("Dockerfile")
    assert (raised.value.code, raised.value.message) == ("cannot-read", "Dockerfile cannot be read: Permission denied")


def test_what_a_kill_left_staged_is_cleared_by_the_next_write(tree: WorkTree) -> None:
    left = tree.root / ".git" / "registry-wizard-abc"
    left.mkdir()
    (left / "0").write_text("half")
    tree.write_all({"Dockerfile": b"x"})
    assert staged(tree) == []


def test_a_linked_work_tree_is_written_like_any_other(tree: WorkTree, tmp_path: Path) -> None:
    subprocess.run(["git", "-C", str(tree.root), "worktree", "add", "-q", str(tmp_path / "linked")], check=True)
    linked = WorkTree(tmp_path / "linked")
    linked.write_all({"Dockerfile": b"x"})
    assert (linked.read("Dockerfile"), tree.read("Dockerfile")) == (b"x", b"FROM scratch\n")


def test_a_work_tree_on_another_file_system_than_its_git_folder(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A linked work tree may lie on another disk: a rename cannot cross, so the files are staged where they go."""
    place = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if ".git" in self.parts and ".git" not in Path(target).parts:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(target))
        return place(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    tree.write_all(NEW)
    assert tree.read("Dockerfile") == b"FROM alpine\n"
    assert sorted(contents(tree)) == [".gitlab/ci/registry.yml", "Dockerfile", "deploy/app.yaml"]


@pytest.mark.parametrize("name", ["with space.txt", "ümläut.txt", "a:b.txt", "*.txt", "-dash.txt", ":(top)x"])
def test_odd_names_are_names(tree: WorkTree, name: str) -> None:
    tree.write_all({name: b"x"})
    assert name in tree.paths()
    assert tree.uncommitted([name, "README.md"]) == {name}


def test_paths_are_what_git_tracks_or_would_track(tree: WorkTree) -> None:
    (tree.root / ".gitignore").write_text("ignored/\n*.log\n")
    (tree.root / "ignored").mkdir()
    (tree.root / "ignored/x").write_text("x")
    (tree.root / "a.log").write_text("x")
    (tree.root / "new.txt").write_text("x")
    (tree.root / "Dockerfile").unlink()
    assert tree.paths() == (".gitignore", "README.md", "deploy/app.yaml", "new.txt")


def test_what_is_untracked_ignored_or_differs_from_head_is_uncommitted(tree: WorkTree) -> None:
    (tree.root / ".gitignore").write_text("*.log\n")
    (tree.root / "a.log").write_text("x")
    (tree.root / "README.md").write_text("changed")
    subprocess.run(["git", "-C", str(tree.root), "add", "README.md"], check=True)
    found = tree.uncommitted(["a.log", "README.md", ".gitignore", "Dockerfile", "nowhere"])
    assert found == {"a.log", "README.md", ".gitignore"}


def test_a_file_in_a_new_folder_counts_by_its_own_path(tree: WorkTree) -> None:
    (tree.root / "k8s/base").mkdir(parents=True)
    (tree.root / "k8s/base/x.yaml").write_text("x")
    assert tree.uncommitted(["k8s/base/x.yaml"]) == {"k8s/base/x.yaml"}
