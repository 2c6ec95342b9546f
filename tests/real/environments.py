"""Programs of other people from PyPI and npm, each in an environment of its own, at a pinned version.

    .venv/bin/python -m tests.real.environments [NAME...]

prepares them, in `build/tools` or `$REGISTRY_WIZARD_TOOLS`; no test installs anything. The name of a folder holds a
digest of its pins, so another version makes another folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OUTSIDE: Mapping[str, str] = dict(os.environ)
"""The environment before tests empty it: package indexes and proxies are configured there."""
TOOLS = Path(OUTSIDE.get("REGISTRY_WIZARD_TOOLS") or Path(__file__).parents[2] / "build" / "tools")
NODE = f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}"
"""Node itself comes from npm: gitlab-ci-local crashes on Node 20, which a machine may have."""
_OLDEST, _NEWEST = (3, 9), (3, 12)
"""gitlabracadabra needs pygit2 < 1.15, which has no wheels for Python 3.13."""
_MARKER = "installed.txt"
_LONGEST = 600


class NotInstallableError(Exception):
    """A program cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A prepared environment: where its programs lie, and what it holds."""

    programs: Path
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packages:
    """Pinned packages of one index that make one environment."""

    index: Literal["pip", "npm"]
    pins: tuple[str, ...]

    def folder(self, name: str) -> Path:
        """Return where this environment lies, or would."""
        return TOOLS / f"{name}-{hashlib.sha256(' '.join(self.pins).encode()).hexdigest()[:12]}"

    def programs(self, name: str) -> Path:
        """Return where its programs lie."""
        return self.folder(name) / ("bin" if self.index == "pip" else "node_modules/.bin")


ENVIRONMENTS: Mapping[str, Packages] = {
    "python-gitlab": Packages("pip", ("python-gitlab==8.6.0",)),
    "gitbeaker": Packages("npm", ("@gitbeaker/cli@43.8.0",)),
    "gitlabform": Packages("pip", ("gitlabform==3.16.5",)),
    "gitlabracadabra": Packages("pip", ("gitlabracadabra==2.8.1", "pygit2==1.14.1")),
    "aws": Packages("pip", ("moto[server]==5.2.5", "awscli==1.45.11")),
    "gql": Packages("pip", ("gql[httpx]==4.4.0",)),
    "gitlab-ci-local": Packages("npm", (f"{NODE}@22.23.3", "gitlab-ci-local@4.75.1")),
}


def find(name: str) -> Environment | None:
    """Return a prepared environment; None: it was not prepared."""
    packages = ENVIRONMENTS[name]
    marker = packages.folder(name) / _MARKER
    if not marker.is_file():
        return None
    return Environment(packages.programs(name), tuple(marker.read_text(encoding="utf-8").split()))


def prepare(name: str) -> Environment:
    """Return an environment, made first where it is missing; NotInstallableError when it cannot be made."""
    packages = ENVIRONMENTS[name]
    folder = packages.folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = find(name)
        if found is not None:
            return found
        shutil.rmtree(folder, ignore_errors=True)
        held = _pip(folder, packages.pins) if packages.index == "pip" else _npm(folder, packages.pins)
        (folder / _MARKER).write_text(held, encoding="utf-8")
    return Environment(packages.programs(name), tuple(held.split()))


def _python() -> str:
    for candidate in (sys.executable, "python3.12", "python3.11", "python3"):
        found = shutil.which(candidate)
        if found is None:
            continue
        asked = "import sys; print(*sys.version_info[:2], sys.base_prefix)"
        said = subprocess.run([found, "-c", asked], capture_output=True, text=True, check=False).stdout.split()
        if len(said) == 3 and _OLDEST <= (int(said[0]), int(said[1])) <= _NEWEST:
            return str(Path(said[2]) / "bin" / f"python{said[0]}.{said[1]}")
    raise NotInstallableError("no Python from 3.9 to 3.12 on the PATH")


def _pip(folder: Path, pins: tuple[str, ...]) -> str:
    _run(_python(), "-m", "venv", str(folder))
    pip = str(folder / "bin" / "pip")
    # Of what is installed little is ever imported: compiling all of it takes longer than everything else.
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    _run(pip, "install", *quiet, "--retries", "1", *pins)
    return _run(pip, "freeze", "--disable-pip-version-check")


def _npm(folder: Path, pins: tuple[str, ...]) -> str:
    if shutil.which("npm") is None:
        raise NotInstallableError("no npm on the PATH")
    folder.mkdir(parents=True)
    quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0")
    _run("npm", "install", *quiet, "--prefix", str(folder), *pins)
    return "\n".join(pins)


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST, cwd="/")
    except subprocess.TimeoutExpired:
        raise NotInstallableError(f"{Path(command[0]).name} took longer than {_LONGEST} s") from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise NotInstallableError(f"{Path(command[0]).name} {command[1]} failed: {last[0][:300]}")
    return done.stdout


def main(names: Sequence[str]) -> int:
    """Prepare the named environments, or all; say for each at which versions, and end 1 when one could not be made."""

    def told(name: str) -> tuple[bool, str]:
        try:
            prepare(name)
        except NotInstallableError as error:
            return False, f"{name}: {error}"
        return True, f"{name}: {' '.join(ENVIRONMENTS[name].pins)}"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(told, names or ENVIRONMENTS))
    print(*(text for _, text in results), sep="\n")
    return 0 if all(done for done, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
