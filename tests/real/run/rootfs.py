"""Root file systems for containers, made of this machine's own programs: no image is had from anywhere."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

_MERGED = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
_FOLDERS = (
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/lib64",
    "etc/containers",
    "root",
    "proc",
    "sys",
    "dev",
    "run",
    "var/tmp",
)
_LIBRARY = re.compile(r"(/\S+) \(0x")


def rootfs(
    programs: Iterable[str], files: Mapping[str, str] | None = None, scripts: Mapping[str, str] | None = None
) -> bytes:
    """Return a tar file with busybox as the shell, the named programs with their libraries, and texts.

    A program is a name on the PATH, or NAME=PATH. `files` and `scripts` are paths in the image with their content.
    """
    tree = _Tree()
    tree.busybox()
    for program in programs:
        name, _, path = program.partition("=")
        tree.program(name, path or shutil.which(name))
    etc = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "etc/group": "root:x:0:\n"}
    for path, text in {**etc, **(files or {})}.items():
        tree.file(path, text.encode(), 0o644)
    for path, text in (scripts or {}).items():
        tree.file(path, text.encode(), 0o755)
    return tree.packed()


class _Tree:
    """The members of a tar file by their path: what is added later replaces what was there."""

    def __init__(self) -> None:
        self._members: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
        for path in _FOLDERS:
            self._folder(path)
        self._folder("tmp", 0o1777)
        for link, target in _MERGED.items():
            self._link(link, target)

    def busybox(self) -> None:
        self.file("usr/bin/busybox", Path("/bin/busybox").read_bytes(), 0o755)
        listed = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
        for applet in listed:
            if applet != "busybox":
                self._link(f"usr/bin/{applet}", "busybox")

    def program(self, name: str, path: str | None) -> None:
        assert path is not None, f"needs {name}"
        self.file(f"usr/bin/{name}", Path(path).read_bytes(), 0o755)
        said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
        for library in _LIBRARY.findall(said):
            self.file(_merged(library), Path(library).read_bytes(), 0o755)

    def file(self, path: str, content: bytes, mode: int) -> None:
        for folder in reversed(list(Path(path).parents)[:-1]):
            self._folder(str(folder))
        self._add(path, tarfile.REGTYPE, content, mode)

    def packed(self) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for member, content in self._members.values():
                tar.addfile(member, io.BytesIO(content))
        return buffer.getvalue()

    def _folder(self, path: str, mode: int = 0o755) -> None:
        if path not in self._members:
            self._add(path, tarfile.DIRTYPE, b"", mode)

    def _link(self, path: str, target: str) -> None:
        self._add(path, tarfile.SYMTYPE, b"", 0o777, target)

    def _add(self, path: str, kind: bytes, content: bytes, mode: int, target: str = "") -> None:
        member = tarfile.TarInfo(path)
        member.type, member.mode, member.size, member.linkname = kind, mode, len(content), target
        self._members[path] = (member, content)


def _merged(path: str) -> str:
    """Debian's /lib is a link to /usr/lib."""
    first, _, rest = path.lstrip("/").partition("/")
    return f"{_MERGED.get(first, first)}/{rest}"
