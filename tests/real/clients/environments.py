"""Environments for programs of other people: each in a folder of its own, made once and then used again.

They lie in `$REGISTRY_WIZARD_TOOLS`, else in the user's cache folder; never in the repository. The name of a folder
holds a digest of all that it was made from, so another version makes another folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

OUTSIDE: Mapping[str, str] = dict(os.environ)
"""The environment before tests empty it: package indexes and proxies are configured there."""
CACHE = Path(OUTSIDE.get("REGISTRY_WIZARD_TOOLS") or platformdirs.user_cache_dir("registry-wizard-tools"))
"""Found before tests move the user's folders."""

_OLDEST, _NEWEST = (3, 9), (3, 12)
"""gitlabracadabra needs pygit2 < 1.15, which has no wheels for Python 3.13."""
_MARKER = "installed.txt"
_LONGEST = 300


class NotInstallableError(Exception):
    """A program cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An installed environment: where its programs lie, and what it holds."""

    programs: Path
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packages:
    """Pinned packages of one index (`pip` or `npm`) that make one environment."""

    name: str
    index: str
    pins: tuple[str, ...]

    def environment(self) -> Environment:
        """Return the environment, made on first use; NotInstallableError when it cannot be made."""
        runtime = _python() if self.index == "pip" else _node()
        digest = hashlib.sha256("\n".join([runtime, *self.pins]).encode()).hexdigest()[:12]
        folder = CACHE / f"{self.name}-{digest}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            marker = folder / _MARKER
            if not marker.is_file():
                shutil.rmtree(folder, ignore_errors=True)
                installed = _pip(folder, runtime, self.pins) if self.index == "pip" else _npm(folder, self.pins)
                marker.write_text(installed, encoding="utf-8")
            versions = tuple(marker.read_text(encoding="utf-8").split())
        return Environment(folder / ("bin" if self.index == "pip" else "node_modules/.bin"), versions)


def _python() -> str:
    for candidate in (sys.executable, "python3.12", "python3.11", "python3"):
        found = shutil.which(candidate, path=OUTSIDE.get("PATH"))
        if found is None:
            continue
        asked = "import sys; print(*sys.version_info[:2], sys.base_prefix)"
        said = subprocess.run([found, "-c", asked], capture_output=True, text=True, check=False).stdout.split()
        if len(said) == 3 and _OLDEST <= (int(said[0]), int(said[1])) <= _NEWEST:
            return str(Path(said[2]) / "bin" / f"python{said[0]}.{said[1]}")
    raise NotInstallableError("no Python from 3.9 to 3.12 on the PATH")


def _node() -> str:
    if not all(shutil.which(name, path=OUTSIDE.get("PATH")) for name in ("node", "npm")):
        raise NotInstallableError("no node and npm on the PATH")
    return _run("node", "--version").strip()


def _pip(folder: Path, python: str, pins: tuple[str, ...]) -> str:
    _run(python, "-m", "venv", str(folder))
    pip = str(folder / "bin" / "pip")
    _run(pip, "install", "--quiet", "--disable-pip-version-check", "--retries", "1", *pins)
    return _run(pip, "freeze", "--disable-pip-version-check")


def _npm(folder: Path, pins: tuple[str, ...]) -> str:
    folder.mkdir(parents=True)
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0")
    _run("npm", "install", *quiet, "--prefix", str(folder), *pins)
    return "\n".join(pins)


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, env=dict(OUTSIDE), capture_output=True, text=True, check=False, timeout=_LONGEST, cwd="/"
        )
    except subprocess.TimeoutExpired:
        raise NotInstallableError(f"{Path(command[0]).name} took longer than {_LONGEST} s") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise NotInstallableError(f"{Path(command[0]).name} {command[1]} failed: {last[0][:300]}")
    return done.stdout
