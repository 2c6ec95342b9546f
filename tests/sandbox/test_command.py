"""`registry-wizard sandbox` from a shell: what is wrong with a world or a port is said, all of it, with exit 64."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

WORLD = """version: 1
usrs: []
users:
  - {id: 1, username: dev, tokens: [{value: glpat-s3cret, kind: project}]}
groups:
  - {path: acme, members: {devv: guest}}
projects:
  - {id: 5, path: acme/one}
  - {id: 5, path: acme/two}
"""


def sandbox(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wizard", "sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_all_mistakes_of_a_world_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "world.yml"
    file.write_text(WORLD, encoding="utf-8")
    done = sandbox("--world", str(file))
    assert (done.returncode, done.stdout) == (64, "")
    for line in (
        "line 2: usrs: there is no such key; did you mean 'users'?",
        "line 4: users.0.tokens.0.of: a project token needs the path that it is of",
        "line 6: groups.0.members.devv: there is no user 'devv'; did you mean 'dev'?",
        "line 9: projects.1.id: the project id '5' is there twice",
    ):
        assert f"{file}: {line}" in done.stderr
    assert "s3cret" not in done.stderr


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = sandbox("--port", port)
    assert (done.returncode, done.stdout) == (64, "")
    assert f"Port {port} cannot be used: it is in use." in done.stderr
    assert "--port" in done.stderr
