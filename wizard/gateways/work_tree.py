"""The files of a git work tree: read as they are, written all together or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from wizard.errors import StaleError, WizardError
from wizard.gateways.batch import Batch
from wizard.gateways.git import Git

_LARGEST = 1024 * 1024
"""Bytes; a larger file is not read for detection."""

_STAGING = "registry-wizard-"
"""How the names of staging folders inside the git folder begin."""


class WorkTree:
    """One git work tree."""

    def __init__(self, root: Path) -> None:
        """Take the top folder of the work tree."""
        self.root = root
        self._git = Git(root)

    def paths(self) -> tuple[str, ...]:
        """Return the files that git tracks or would track."""
        listed = self._git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        names = {os.fsdecode(name) for name in listed.split(b"\0") if name}
        return tuple(sorted(name for name in names if (self.root / name).is_file()))

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None where there is none, it is too large, or a link leads out of the work tree."""
        file = self.root / path
        try:
            if not file.is_file() or file.stat().st_size > _LARGEST or not self._inside(file):
                return None
            return file.read_bytes()
        except OSError as error:
            raise _failed(path, "read", error) from None

    def uncommitted(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of `paths` that are untracked or differ from HEAD."""
        return frozenset(self._git.status(paths))

    def ignored(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of `paths`, there or not, that git would not add unless forced to."""
        return self._git.ignored(paths)

    def left_out(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of `paths` that are in the repository, but not in this sparse checkout of it."""
        return self._git.left_out(paths)

    def obstacle(self, path: str) -> str | None:
        """Say why no file can be written at `path`, None where one can."""
        file = self.root / path
        if blocked := self._blocked_folder(path):
            return blocked
        nearest = next(folder for folder in (file.parent, *file.parents) if folder.exists())
        places = [nearest, file] if file.exists() else [nearest]
        reasons = (
            (file.is_symlink(), "is a symbolic link"),
            (file.exists() and not file.is_file(), "is not a file"),
            (file.exists() and file.stat().st_size > _LARGEST, "is larger than 1 MiB"),
            (not all(os.access(place, os.W_OK) for place in places), "is read-only"),
        )
        return next((f"{path} {words}" for found, words in reasons if found), None)

    def _blocked_folder(self, path: str) -> str | None:
        here = self.root
        for part in PurePosixPath(path).parts[:-1]:
            here = here / part
            if here.is_symlink():
                return f"{here.relative_to(self.root)} is a symbolic link"
            if (here / ".git").exists():
                return f"{here.relative_to(self.root)} is a submodule, or another repository"
            if here.exists() and not here.is_dir():
                return f"{here.relative_to(self.root)} is a file, not a folder"
        return None

    def write_all(self, contents: Mapping[str, bytes | None]) -> None:
        """Write every file, or remove it where the content is None: all of them, or none.

        Contents are staged inside the git folder first, so that a full disk or a kill leaves the work tree as it was;
        only renames touch the work tree. StaleError where another program writes one of the files meanwhile.
        """
        path = ""
        with self._staging() as staging:
            batch = Batch(self.root, staging)
            previous: dict[str, bytes | None] = {}
            try:
                for path, content in contents.items():
                    previous[path] = self.read(path)
                    batch.stage(path, content, previous[path])
                for path in contents:
                    self._check_place(path, previous[path])
                    batch.place(path)
            except (OSError, WizardError) as error:
                if failed := batch.put_back():
                    raise _half_written(failed) from None
                if isinstance(error, OSError):
                    raise _failed(path, "write", error) from None
                raise

    def _check_place(self, path: str, previous: bytes | None) -> None:
        if reason := self.obstacle(path):
            raise WizardError("cannot-write", reason, "Make the place free, then run again.")
        if self.read(path) != previous:
            raise StaleError(
                "moved", f"{path}: another program changed it just now", "Plan again, look at it, then apply."
            )

    def left_over(self) -> tuple[Path, ...]:
        """Return the staging folders of deliveries that were killed, or are under way."""
        return tuple(self._git_folder().glob(f"{_STAGING}*"))

    def tidy(self) -> None:
        """Remove what killed deliveries left behind. Only for who knows that none is under way."""
        for folder in self.left_over():
            shutil.rmtree(folder, ignore_errors=True)

    def _git_folder(self) -> Path:
        return Path(os.fsdecode(self._git.run("rev-parse", "--absolute-git-dir").strip()))

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        self.tidy()
        git_folder = self._git_folder()
        try:
            folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=git_folder))
        except OSError as error:
            raise _failed(str(git_folder), "write", error) from None
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _inside(self, file: Path) -> bool:
        return file.resolve().is_relative_to(self.root.resolve())


def _half_written(paths: Collection[str]) -> WizardError:
    return WizardError(
        "half-written",
        f"a file could not be written, and {', '.join(paths)} could not be put back as it was",
        "`git status` and `git diff` show what is there; mend the cause, then run again.",
    )


def _failed(path: str, verb: str, error: OSError) -> WizardError:
    return WizardError(
        f"cannot-{verb}", f"{path} cannot be {verb if verb == 'read' else 'written'}: {error.strerror}",
        "Nothing in the work tree was changed. Mend the cause, then run again.",
    )  # fmt: skip
