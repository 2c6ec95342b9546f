"""Servers of other people, started for a test run and ended with it, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

HOST = "127.0.0.1"
_PATIENCE = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def answers_http(url: str) -> Callable[[], bool]:
    """Return a check that something answers at a URL, whatever it says."""

    def check() -> bool:
        try:
            with urlopen(url, timeout=2):  # noqa: S310  # loopback
                return True
        except HTTPError:
            return True
        except (URLError, OSError):
            return False

    return check


def succeeds(*command: str, environ: Mapping[str, str] | None = None) -> Callable[[], bool]:
    """Return a check that a command succeeds."""
    return lambda: subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0


@contextmanager
def daemon(
    command: Sequence[str], log: Path, ready: Callable[[], bool], *, environ: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server until the context ends; yields its process id. It also gets SIGTERM when this process is killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
        )
    try:
        _wait(process, ready, log)
        yield process.pid
    finally:
        _end(process)


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"not so after {_PATIENCE} s: {what}"
        time.sleep(0.05)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise AssertionError(f"{log.stem} did not start: {last}")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=15)
    # What it started and left behind is in its session.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=5)
