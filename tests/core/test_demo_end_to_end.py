"""The whole program against the demo's GitLab: plan, apply, prove, take back, in one process and across several."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wizard.__main__ import main
from wizard.gateways.git import Git

TOKEN = "glpat-demo-mira-0000000000"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """Keep everything below a folder of the test, and list the demo's folders in it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("GITLAB_TOKEN", "GITLAB_PRIVATE_TOKEN", "GITLAB_URL", "GITLAB_HOST", "CI_SERVER_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    return lambda: sorted(tmp_path.glob("registry-wizard-demo-*"))


def test_the_dry_run_shows_what_a_company_would_see_and_leaves_nothing(
    capsys: Capture, folders: Callable[[], list[Path]]
) -> None:
    assert main(["plan", "--demo"]) == 0
    printed = capsys.readouterr()
    for part in ("Warnings", "Settings", "Credentials", "Variables", "Files", "deploy-token:", ".gitlab-ci.yml"):
        assert part in printed.out
    assert TOKEN not in printed.out + printed.err
    assert folders() == []


def test_an_apply_proves_itself_and_the_second_plan_is_empty(
    capsys: Capture, folders: Callable[[], list[Path]], tmp_path: Path
) -> None:
    assert main(["apply", "--demo", "--yes"]) == 0
    printed = capsys.readouterr()
    assert "second plan: no change" in printed.out
    assert "not ok" not in printed.out
    (folder,) = folders()
    assert f"git -C {folder / 'repo'} diff" in printed.err
    changed = Git(folder / "repo").status()
    assert changed[".gitlab-ci.yml"] == " M"
    assert changed[".gitlab/ci/registry.gitlab-ci.yml"] == "??"
    everything = printed.out + printed.err + "".join(
        file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()
    )  # fmt: skip
    assert TOKEN not in everything
    assert "gldt-" not in everything


def test_the_pipeline_that_was_there_keeps_every_byte(folders: Callable[[], list[Path]]) -> None:
    assert main(["apply", "--demo", "--yes"]) == 0
    repo = folders()[0] / "repo"
    before = (Git(repo).head_blob(".gitlab-ci.yml") or b"").splitlines()
    after = iter((repo / ".gitlab-ci.yml").read_bytes().splitlines())
    assert all(line in after for line in before)


def test_every_line_of_json_is_an_event(capsys: Capture) -> None:
    assert main(["apply", "--demo", "--yes", "--format", "json", "--project", "tidewater/shop/recommender"]) == 0
    printed = capsys.readouterr()
    events = [json.loads(line) for line in printed.out.splitlines()]
    assert events[0]["event"] == "plan"
    assert (events[-1]["event"], events[-1]["status"]) == ("result", "done")
    assert "second plan: no change" in printed.err


@dataclass
class Listener:
    """Somebody at the other end of a pipe who takes every recommended answer, and has a verdict on the plan."""

    heard: io.StringIO
    verdict: str

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return f"{self.verdict}\n" if "Apply these changes?" in self.heard.getvalue()[-200:] else "\n"


@pytest.mark.parametrize(("verdict", "code"), [("y", 0), ("", 130)])
def test_plain_lines_lead_to_the_same_apply(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, verdict: str, code: int
) -> None:
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(sys, "stdin", Listener(err, verdict))
    assert main(["--plain", "--demo"]) == code, err.getvalue()[-2000:]
    assert ("second plan: no change" in capsys.readouterr().out) is (code == 0)


# across processes


@dataclass
class Served:
    repo: Path
    options: list[str]

    def run(self, *arguments: str) -> int:
        return main([*self.options, *arguments])


@pytest.fixture
def served() -> Iterator[Served]:
    process = subprocess.Popen([sys.executable, "-m", "wizard", "sandbox", "--demo"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Served(Path(ready["repo"]), ["--repo", ready["repo"], "--token-file", ready["token_file"]])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_across_processes_plan_apply_doctor_and_undo_go_together(served: Served, capsys: Capture) -> None:
    assert served.run("plan", "--detailed-exitcode") == 2
    assert served.run("doctor") == 1
    assert served.run("apply", "--yes") == 0
    assert served.run("plan", "--detailed-exitcode") == 0, capsys.readouterr().out
    assert served.run("doctor") == 0, capsys.readouterr().out
    assert served.run("apply", "--yes") == 0
    assert served.run("undo", "--yes") == 0, capsys.readouterr().out
    assert Git(served.repo).status() == {}
    assert served.run("plan", "--detailed-exitcode") == 2


def test_a_saved_plan_is_applied_exactly_and_refused_when_the_world_moved(
    served: Served, tmp_path: Path, capsys: Capture
) -> None:
    first, second = str(tmp_path / "first.json"), str(tmp_path / "second.json")
    assert served.run("plan", "--out", first) == 0
    ci = served.repo / ".gitlab-ci.yml"
    before = ci.read_bytes()
    ci.write_bytes(before + b"# moved\n")
    assert served.run("apply", first, "--yes") in {3, 4}
    ci.write_bytes(before)
    assert served.run("plan", "--out", second) == 0
    assert served.run("apply", second, "--yes") == 0, capsys.readouterr().out
    assert served.run("plan", "--detailed-exitcode") == 0
