"""A Docker engine of Debian's, with a socket and a data folder of its own, that touches no network but loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real.run.daemons import daemon, succeeds


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine."""

    socket: Path
    client: str
    """The program `docker`."""

    @property
    def environ(self) -> dict[str, str]:
        """What makes a client use this engine."""
        return {"DOCKER_HOST": f"unix://{self.socket}"}

    def docker(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run the client; what it printed."""
        done = subprocess.run(
            [self.client, "-H", f"unix://{self.socket}", *arguments], input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """Run an engine below `folder` (a short path: sockets have at most 107 characters)."""
    client = shutil.which("docker")
    assert client is not None
    made = Engine(folder / "docker.sock", client)
    unconfined = folder / "seccomp.json"
    unconfined.write_text('{"defaultAction": "SCMP_ACT_ALLOW"}', encoding="utf-8")
    command = [
        "dockerd",
        *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"),
        *("-H", f"unix://{made.socket}", "--bridge=none", "--iptables=false", "--ip6tables=false"),
        *("--ip-forward=false", "--userland-proxy=false"),
        # For every container what a runner has for buildah: `security_opt = ["seccomp:unconfined"]`.
        *("--seccomp-profile", str(unconfined)),
    ]
    try:
        with daemon(command, folder / "dockerd.log", succeeds(client, "-H", f"unix://{made.socket}", "version")):
            yield made
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    """Unmount what is left below a folder."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    for mount in sorted((path for path in mounts if path.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
