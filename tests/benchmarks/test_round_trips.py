"""Round trips of a plan and an apply on one project over a slow link. The rounds of reads are a rule."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from wizard.answers_file import read_answers
from wizard.events import Finished
from wizard.reading import Reader, Reads
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret
from wizard.session import Session
from wizard.target import Target

pytestmark = pytest.mark.benchmark

LATENCY = 50
"""Milliseconds that every answer of the API takes."""
DEEPEST = 4
"""Rounds of reads, one behind the other, that a plan may take."""
WORLD: dict[str, Any] = {
    "version": 1,
    "instance": {"latency_ms": LATENCY},
    "users": [{"id": 3, "username": "maint", "tokens": [{"value": "glpat-maint", "scopes": ["api"]}]}],
    "groups": [
        {"id": 1, "path": "acme", "members": {"maint": "maintainer"}},
        {"id": 2, "path": "platform", "members": {"maint": "maintainer"}},
    ],
    "projects": [
        {"id": 10, "path": "acme/app", "files": {"README.md": "app\n"}},
        {"id": 20, "path": "platform/base", "files": {"README.md": "base\n"}},
    ],
}
ANSWERS = """
version: 1
registry: {visibility: private, cleanup: {}, protect: {}}
pull: [{project: platform/base, image: "python:3.14"}]
docker_auth: [{host: 127.0.0.1:9, username: robot, password: "env:PASSWORD"}]
build: {}
deploy: {kubernetes: {environments: [{name: staging, namespace: app, agent: "acme/agents:staging"}]}}
variables: [{key: LOG_LEVEL, value: info, masked: false}]
"""


def test_round_trips(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "app"
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    (repository / "Dockerfile").write_text("FROM scratch\nUSER 10001\n")
    answers = read_answers(ANSWERS, name="answers")
    secrets = {"env:PASSWORD": Secret("correct-horse")}
    rounds: list[int] = []
    together = Reader.together

    def counted(reader: Reader, reads: Reads) -> dict[str, Any]:
        rounds.append(len(reads))
        return together(reader, reads)

    monkeypatch.setattr(Reader, "together", counted)
    with Sandbox(WORLD, control=True) as box:
        session = Session(
            Target(box.url, "acme/app", repository), Secret("glpat-maint"), journal_folder=tmp_path / "state"
        )
        started = time.perf_counter()
        plan = session.plan(answers, session.discover(answers, secrets))
        planned = time.perf_counter() - started
        reads = len(box.world.log)
        started = time.perf_counter()
        *_, last = session.apply(plan, secrets)
        applied = time.perf_counter() - started
        calls = len(box.world.log) - reads
        session.close()
    assert isinstance(last, Finished)
    assert last.exit == 0
    depth = planned / (LATENCY / 1000)
    with capsys.disabled():
        print(f"\n\n  one project, {LATENCY} ms a call")
        print(f"  plan   {reads:3} calls, {planned * 1000:6.0f} ms: {len(rounds)} rounds, as long as {depth:.1f} calls")
        print(f"  apply  {calls:3} calls, {applied * 1000:6.0f} ms for {len(plan.pending)} changes")
    assert len(rounds) <= DEEPEST
