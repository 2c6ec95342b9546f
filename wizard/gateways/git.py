"""The git program, run on one repository: never with a secret, never asking, never for long."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from pathlib import Path

from wizard.errors import WizardError
from wizard.text import visible

TIMEOUT = 30.0
"""Seconds for one call; all of them are local."""
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR")
# A repository may name programs of its own in its configuration; none of them runs for us.
_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--literal-pathspecs", "--no-pager")


class GitError(WizardError):
    """git ended with an error; `status` is its exit code."""

    def __init__(self, code: str, message: str, hint: str = "", *, status: int = 0) -> None:
        """Keep git's exit code beside its words."""
        super().__init__(code, message, hint)
        self.status = status


class Git:
    """One repository, named by its top folder (a bare one: by the repository itself)."""

    def __init__(self, root: Path) -> None:
        """Take the folder; nothing is run yet."""
        self.root = root

    def run(self, *args: str, told: bytes = b"") -> bytes:
        """Return what `git ARGS` prints, `told` on its stdin; GitError with git's own words where it fails."""
        try:
            done = subprocess.run(  # noqa: S603  # a fixed program; paths follow `--` or are revisions of ours
                ["git", *_QUIET, "-C", str(self.root), *args],  # noqa: S607  # the user's git, by PATH
                capture_output=True,
                input=told,
                timeout=TIMEOUT,
                env=_environment(),
                check=False,
            )
        except FileNotFoundError:
            raise GitError("git-missing", "the program git is not installed", "Install git, then run again.") from None
        except subprocess.TimeoutExpired:
            raise GitError("git-timeout", f"git {args[0]} did not end within {TIMEOUT:.0f} s") from None
        if done.returncode:
            said = visible(done.stderr.decode("utf-8", "replace").strip()) or f"exit code {done.returncode}"
            raise GitError("git-failed", f"git {args[0]}: {said}", status=done.returncode)
        return done.stdout

    @staticmethod
    def top(cwd: Path) -> Path | None:
        """Return the work tree around a folder; None where there is none (no repository, or a bare one)."""
        try:
            top = os.fsdecode(Git(cwd).run("rev-parse", "--show-toplevel")).removesuffix("\n")
        except GitError as error:
            if "dubious ownership" in error.message:
                raise GitError("git-ownership", error.message, "Run as the owner of the repository.") from None
            if error.status:
                return None
            raise
        return Path(top) if top else None

    def exists(self) -> bool:
        """Whether there is a repository at all, bare or not."""
        return self._text("rev-parse", "--git-dir") is not None

    def remote_url(self, name: str = "origin") -> str | None:
        """Return a remote's address as git would use it (`insteadOf` applied); None where it is not set."""
        return self._text("remote", "get-url", name)

    def head(self) -> str | None:
        """Return the commit that is checked out; None in a repository without commits."""
        return self._text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def head_blob(self, path: str) -> bytes | None:
        """Return a file's bytes in HEAD; None where HEAD has no such file."""
        try:
            return self.run("cat-file", "blob", f"HEAD:{path}")
        except GitError as error:
            if error.status:
                return None
            raise

    def status(self, paths: Collection[str] = ()) -> dict[str, str]:
        """Return git's two-letter state of each path that is untracked, ignored or differs from HEAD."""
        printed = self.run(
            "status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored=traditional", "--no-renames",
            "--", *paths,
        )  # fmt: skip
        entries = (os.fsdecode(entry) for entry in printed.split(b"\0") if entry)
        return {entry[3:]: entry[:2] for entry in entries}

    def left_out(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of `paths` that are tracked, and that a sparse checkout keeps out of the work tree."""
        entries = (os.fsdecode(entry) for entry in self.run("ls-files", "-t", "-z", "--", *paths).split(b"\0"))
        return frozenset(entry[2:] for entry in entries if entry.startswith("S "))

    def ignored(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of `paths`, there or not, that git would not add unless forced to."""
        # The command takes no literal paths; after ./ nothing at the beginning of a path has a meaning of its own.
        told = b"".join(os.fsencode(f"./{path}\0") for path in paths)
        try:
            printed = self.run("--no-literal-pathspecs", "check-ignore", "-z", "--stdin", told=told)
        except GitError as error:
            if error.status:  # 1: none of them; 128: one lies in a submodule
                return frozenset()
            raise
        return frozenset(os.fsdecode(path).removeprefix("./") for path in printed.split(b"\0") if path)

    def _text(self, *args: str) -> str | None:
        try:
            return self.run(*args).decode("utf-8", "replace").strip() or None
        except GitError as error:
            if error.status:
                return None
            raise


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
