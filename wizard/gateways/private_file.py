"""A file that only its owner may read, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

_NAME = 100
"""Characters of the name that the file beside it begins with; both must fit into a file's name."""


def write_private(path: Path, text: str) -> None:
    """Put a file of mode 0600 with this text in place of the one that is there.

    OSError where that cannot be; everything is as before then. A folder, a device or a pipe is not replaced by a file:
    `--out /dev/null`, as root, would take the device from every program of the machine.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is there and is not a file")
    descriptor, beside = tempfile.mkstemp(prefix=beginning(path), dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def beginning(path: Path) -> str:
    """Return how the name of the file begins that is written beside `path` and then put in its place."""
    return f".{path.name[:_NAME]}."
