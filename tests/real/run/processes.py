"""What anybody on the machine could see of processes while something runs."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_PAUSE = 0.005


class Watch:
    """Collects the command lines of the processes in containers while the context is open.

    Those outside containers are the runner's own: gitlab-ci-local hands a container its variables as arguments.
    """

    def __init__(self) -> None:
        """Prepare."""
        self.seen: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._collect, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _collect(self) -> None:
        ours = _namespace("self")
        while not self._ended.wait(_PAUSE):
            for pid in (path.name for path in Path("/proc").iterdir() if path.name.isdigit()):
                # A process may end between any two looks at it.
                with suppress(OSError):
                    if _namespace(pid) != ours:
                        line = Path("/proc", pid, "cmdline").read_bytes()
                        self.seen.add(line.replace(b"\0", b" ").decode(errors="replace").strip())


def _namespace(pid: str) -> str:
    return str(Path("/proc", pid, "ns", "pid").readlink())
