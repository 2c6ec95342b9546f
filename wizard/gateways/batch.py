"""New contents of several files on their way into a folder: all of them arrive, or what was there is put back.

Everything that takes room is staged before the first file is touched: the new contents, and a copy of each old one. So
a full disk shows early, and putting back is a rename.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Batch:
    """Files below `root`, staged in the folder `staging`."""

    root: Path
    staging: Path
    new: dict[str, Path | None] = field(default_factory=dict)
    """The staged new content of each path; None: the file is to be removed."""
    old: dict[str, Path | None] = field(default_factory=dict)
    """A copy of what is there now; None: nothing is."""
    placed: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    """Folders that were made on the way."""

    def stage(self, path: str, content: bytes | None, previous: bytes | None) -> None:
        """Make ready what goes to `path`, and what would come back."""
        number, target = len(self.new), self.root / path
        self.old[path] = _stage(self.staging / f"{number}.old", target, previous)
        self.new[path] = _stage(self.staging / f"{number}.new", target, content)

    def place(self, path: str) -> None:
        """Let the new content take its place."""
        self._put(path, self.new[path])
        self.placed.append(path)

    def put_back(self) -> list[str]:
        """Bring back what was there; returns the paths where that failed."""
        failed = []
        for path in reversed(self.placed):
            try:
                self._put(path, self.old[path])
            except OSError:
                failed.append(path)
        for folder in reversed(self.folders):
            with contextlib.suppress(OSError):
                folder.rmdir()
        return failed

    def _put(self, path: str, staged: Path | None) -> None:
        target = self.root / path
        if staged is None:
            target.unlink(missing_ok=True)
            self._prune(target.parent)
            return
        for folder in [folder for folder in reversed(target.parents) if not folder.exists()]:
            folder.mkdir()
            self.folders.append(folder)
        _move(staged, target)

    def _prune(self, folder: Path) -> None:
        """Remove folders that are left empty: git would not keep them either."""
        with contextlib.suppress(OSError):
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent


def _stage(file: Path, target: Path, content: bytes | None) -> Path | None:
    if content is None:
        return None
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if target.exists():
        shutil.copymode(target, file)
    return file


def _move(staged: Path, target: Path) -> None:
    """Rename; from another file system (a linked work tree's git folder may lie there) by way of a copy beside it."""
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.registry-wizard")
        try:
            shutil.copy(staged, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
