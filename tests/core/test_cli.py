"""The command line: options, exit codes, questions, and what goes to which stream. GitLab is not needed here."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.fake_session import AT, CREATE, SECOND, UNCHANGED, FakeSession, plan_of, signalled
from wizard.__main__ import main
from wizard.change import Blocked
from wizard.errors import StaleError, WizardError
from wizard.gateways.git import Git
from wizard.output.plan_document import dump, load_plan

ANSWERS = ".gitlab/registry-wizard.yml"
Run = Callable[..., int]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work tree whose origin is acme/app, as the current folder, and an environment without any token."""
    root = tmp_path / "repo"
    root.mkdir()
    Git(root).run("init", "--quiet", "--initial-branch=main")
    Git(root).run("remote", "add", "origin", "git@gitlab.example.com:acme/app.git")
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GITLAB_PRIVATE_TOKEN", "GITLAB_URL", "GITLAB_HOST", "CI_SERVER_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-variable")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return root


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, repo: Path) -> FakeSession:
    fake = FakeSession()
    monkeypatch.setitem(sys.modules, "wizard.session", fake.module())
    return fake


class Terminal(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let somebody sit at a terminal and type these lines."""

    def sit(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        monkeypatch.setattr("wizard.output.console._is_terminal", lambda stream: stream is not sys.stdout)

    return sit


def write_answers(repo: Path, text: str = "version: 1\n") -> str:
    (repo / ".gitlab").mkdir(exist_ok=True)
    (repo / ANSWERS).write_text(text)
    return text


# usage


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nonsense"], "No such option"),
        (["explode"], "No such command"),
        (["plan", "--format", "xml"], "--format"),
        (["plan", "extra"], "unexpected extra argument"),
        (["plan", "--out"], "--out"),
        (["answers"], "Missing command"),
        (["answers", "check"], "Missing argument"),
        (["sandbox", "--port", "99999"], "--port"),
        (["sandbox", "--demo", "--world", "x.yml"], "--world"),
        (["--plain", "plan"], "--plain"),
        (["plan", "--demo", "--repo", "."], "--repo"),
        (["--demo", "plan", "--url", "https://x"], "--url"),
        (["--demo", "apply", "--token-file", "x"], "--token-file"),
        (["--token-stdin", "doctor", "--demo"], "--token-stdin"),
        (["undo", "--demo", "--ca-file", "x"], "--ca-file"),
        (["apply", "plan.json", "--set", "version=1"], "--set"),
        (["apply", "plan.json", "--demo"], "--demo"),
        (["--answers", "x", "apply", "plan.json"], "--answers"),
        (["apply", "plan.json", "--rotate", "A", "--allow-dirty"], "--allow-dirty, --rotate"),
        (["apply", "none.json"], "none.json"),
        (["plan", "--repo", "nowhere"], "nowhere"),
        (["plan", "--answers", "none.yml"], "none.yml"),
        (["plan", "--ca-file", "none.pem"], "none.pem"),
        (["plan", "--set", "registry.tagret=gitlab"], "did you mean 'target'"),
        (["plan", "--url", "gitlab.example.com"], "--url"),
        (["plan", "--url", ""], "--url"),
        (["plan", "--project", "app"], "--project"),
        (["apply"], "--yes"),
        ([], "terminal"),
    ],
)
def test_wrong_usage_ends_with_64_and_says_what(
    session: FakeSession, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(arguments) == 64
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.out == ""
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("arguments", [["--token", "glpat-x", "plan"], ["plan", "--token=glpat-x"]])
def test_a_token_on_the_command_line_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 64
    said = capsys.readouterr().err
    assert "--token-stdin" in said
    assert "glpat-x" not in said


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plan", "--help"], ["answers", "--help"], ["answers", "check", "--help"]]
)
def test_help_goes_to_stdout(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Usage: registry-wizard")
    assert "--set KEY=VALUE" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80


@pytest.mark.parametrize("arguments", [["--version"], ["plan", "--version"], ["--verbose", "--version"]])
def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("registry-wizard 0.")


def test_common_options_stand_before_and_after_the_command_and_the_later_wins(session: FakeSession) -> None:
    assert main([
        "--url", "https://one.example.com", "--project", "acme/one", "--set", "project=acme/x",
        "plan",
        "--url", "https://two.example.com", "--set", "delivery.mode=branch",
    ]) == 0  # fmt: skip
    target, _, _ = session.called("open")
    answers, _, _ = session.called("plan")
    assert (target.url, target.project) == ("https://two.example.com", "acme/one")
    assert (answers.project, answers.delivery.mode) == ("acme/x", "branch")


def test_a_later_set_wins_over_an_earlier_one(session: FakeSession) -> None:
    assert main(["--set", "delivery.branch=one", "plan", "--set", "delivery.branch=two"]) == 0
    assert session.called("plan")[0].delivery.branch == "two"


def test_options_stand_between_answers_and_its_command(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_answers(repo)
    assert main(["answers", "--set", "build.engine=nonsense", "check", ANSWERS]) == 64
    assert "build.engine" in capsys.readouterr().err


# plan


def test_plan_prints_the_plan_and_the_next_command(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--set", "project=acme/app", "--rotate", "A"]) == 0
    printed = capsys.readouterr()
    assert "+ create    variable:A@*" in printed.out
    assert "Next: registry-wizard apply --set project=acme/app --rotate A" in printed.out
    assert printed.err == "acme/app on https://gitlab.example.com, with the token from GITLAB_TOKEN\n"
    assert session.count("apply") == 0
    assert session.calls[-1][0] == "close"


@pytest.mark.parametrize(("changes", "code"), [((CREATE,), 2), ((UNCHANGED,), 0), ((), 0)])
def test_the_detailed_exit_code_tells_pending_changes(session: FakeSession, changes: Any, code: int) -> None:
    session.planned = plan_of(*changes)
    assert main(["plan", "--detailed-exitcode"]) == code
    assert main(["plan"]) == 0


def test_plan_as_json_is_one_document(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--format", "json"]) == 0
    assert load_plan(capsys.readouterr().out) == session.planned


def test_plan_as_markdown(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Plan for acme/app")


def test_plan_saves_what_apply_takes(session: FakeSession, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--out", "plan.json", "--set", "version=1"]) == 0
    assert (repo / "plan.json").stat().st_mode & 0o777 == 0o600
    assert "Next: registry-wizard apply plan.json\n" in capsys.readouterr().out
    session.planned = plan_of()
    assert main(["apply", "plan.json", "--yes"]) == 0
    assert session.called("apply")[0] == plan_of(CREATE, SECOND, UNCHANGED)
    assert session.count("discover") == 1


def test_a_plan_that_asks_is_not_saved(session: FakeSession, repo: Path) -> None:
    session.planned = plan_of(CREATE, secrets=("ask",))
    assert main(["plan", "--out", "plan.json"]) == 64
    assert not (repo / "plan.json").exists()


def test_the_permissions_of_the_command_line_reach_the_plan(session: FakeSession) -> None:
    assert main(["plan", "--allow-dirty", "--overwrite", "a", "--overwrite", "b", "--rotate", "K@prod"]) == 0
    options = session.called("plan")[1]
    assert options.allow_dirty
    assert options.overwrite == {"a", "b"}
    assert options.rotate == {"K@prod"}
    assert not options.write_answers


@pytest.mark.parametrize(
    ("on_disk", "arguments", "text"),
    [
        (None, [], "version: 1  # The version of this format.\n"),
        (None, ["--set", "project=acme/app"], None),
        ("version: 1\nproject: acme/app\n", [], "version: 1\nproject: acme/app\n"),
        ("version: 1\nproject: acme/app\n", ["--set", "delivery.mode=branch"], None),
    ],
)
def test_flags_alone_never_cause_an_answers_file(
    session: FakeSession, repo: Path, on_disk: str | None, arguments: list[str], text: str | None
) -> None:
    if on_disk:
        write_answers(repo, on_disk)
    assert main(["plan", *arguments]) == 0
    given = session.called("plan")[2]
    assert given is None if text is None else given.endswith(text)


def test_a_plan_looks_at_secrets_that_are_set_and_harmless(
    session: FakeSession, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_answers(repo, "version: 1\ndocker_auth:\n"
                  "  - {host: a.example, username: u, password: env:SET}\n"
                  "  - {host: b.example, username: u, password: env:UNSET}\n"
                  "  - {host: c.example, username: u, password: env:GITLAB_TOKEN}\n"
                  "  - {host: d.example, username: u, password: ask}\n")  # fmt: skip
    monkeypatch.setenv("SET", "hunter2")
    assert main(["plan"]) == 0
    assert session.called("discover")[1] == {"env:SET": "hunter2"}


# the token


def test_the_token_can_come_through_a_pipe(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("glpat-piped\n"))
    assert main(["plan", "--token-stdin"]) == 0
    assert session.called("open")[1] == "glpat-piped"


def test_without_a_token_a_command_that_may_not_ask_says_where_to_put_one(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    assert main(["plan"]) == 1
    said = capsys.readouterr().err
    assert "error (no-token)" in said
    assert "--token-stdin" in said


def test_a_token_for_another_host_is_not_sent(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITLAB_HOST", "gitlab.com")
    assert main(["plan"]) == 1
    assert session.count("open") == 0
    assert "GITLAB_HOST" in capsys.readouterr().err


# the repository


def test_outside_a_repository_project_and_url_are_needed(
    session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan"]) == 64
    assert main(["plan", "--project", "acme/app", "--url", "https://gitlab.example.com"]) == 0
    assert session.called("open")[0].work_tree is None


def test_the_work_tree_around_the_current_folder_is_used(
    session: FakeSession, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repo / "deep" / "er")
    write_answers(repo, "version: 1\nproject: acme/other\n")
    assert main(["plan", "--set", "delivery.mode=branch"]) == 0
    target = session.called("open")[0]
    assert (target.work_tree, target.project, target.origin_project) == (repo, "acme/other", "acme/app")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--project", "acme/other"], 64),
        (["--set", "project=acme/other"], 64),
        (["--project", "Acme/App"], 0),
        (["--project", "acme/other", "--set", "delivery.mode=merge-request"], 0),
    ],
)
def test_files_are_not_written_into_the_clone_of_another_project(
    session: FakeSession, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert main(["plan", *arguments]) == code
    assert ("other-work-tree" in capsys.readouterr().err) is bool(code)


def test_two_values_to_be_typed_are_not_mixed_up(session: FakeSession, typing: Callable[..., None]) -> None:
    session.planned = plan_of(
        replace(CREATE, inputs={"value": "ask"}), replace(SECOND, inputs={"value": "ask"}), secrets=("ask",)
    )
    typing("y")
    assert main(["apply"]) == 64
    assert session.count("apply") == 0


def test_a_bare_repository_has_a_remote_but_no_work_tree(session: FakeSession, repo: Path, tmp_path: Path) -> None:
    Git(tmp_path).run("clone", "--quiet", "--bare", str(repo), "bare.git")
    Git(tmp_path / "bare.git").run("remote", "set-url", "origin", "git@gitlab.example.com:acme/bare.git")
    assert main(["plan", "--repo", str(tmp_path / "bare.git")]) == 0
    target = session.called("open")[0]
    assert (target.work_tree, target.project) == (None, "acme/bare")


# apply


def test_apply_shows_the_plan_on_stderr_and_the_result_on_stdout(
    session: FakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", "--yes"]) == 0
    printed = capsys.readouterr()
    assert "+ create    variable:A@*" in printed.err
    assert "created  variable:A@*" in printed.out
    assert "Done. 2 changes stand, 0 left." in printed.out


def test_apply_as_json_is_one_event_per_line(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--yes", "--format", "json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(event["format"] == 1 for event in events)
    assert events[-1] == {
        "format": 1, "event": "result", "at": AT.isoformat(timespec="milliseconds"), "status": "done", "exit": 0,
        "done": ["variable:A@*", "variable:B@*"], "left": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (WizardError("unreachable", "no answer"), 1, "failed"),
        (StaleError("moved", "moved"), 4, "failed"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_a_json_stream_always_ends_with_a_result(
    session: FakeSession, capsys: pytest.CaptureFixture[str], error: Any, code: int, status: str
) -> None:
    session.fails = error
    assert main(["apply", "--yes", "--format", "json"]) == code
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["status"], last["exit"]) == ("result", status, code)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("YES", 0), ("", 130), ("n", 130), ("nonsense", 130)])
def test_the_confirmation_defaults_to_no(
    session: FakeSession, typing: Callable[..., None], answer: str, code: int
) -> None:
    typing(answer)
    assert main(["apply"]) == code
    assert session.count("apply") == (code == 0)


def test_nothing_to_do_needs_no_confirmation(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    session.planned = plan_of(UNCHANGED)
    assert main(["apply"]) == 0
    assert "Nothing to do." in capsys.readouterr().out


def test_what_a_role_forbids_is_refused_without_a_question(session: FakeSession) -> None:
    blocked = replace(SECOND, blocked=Blocked("maintainer", "acme/base"))
    session.planned = plan_of(CREATE, blocked, secrets=("env:UNSET",))
    assert main(["apply"]) == 1
    session.planned = plan_of(CREATE, blocked)
    assert main(["apply", "--partial", "--yes"]) == 0
    assert session.called("apply")[2] is True


def test_apply_reads_every_secret_before_the_first_write(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session.planned = plan_of(CREATE, secrets=("env:A_SECRET", "env:OTHER"))
    monkeypatch.setenv("A_SECRET", "hunter2-hunter2")
    assert main(["apply", "--yes"]) == 1
    assert session.count("apply") == 0
    monkeypatch.setenv("OTHER", "hunter3-hunter3")
    assert main(["apply", "--yes"]) == 0
    assert session.called("apply")[1] == {"env:A_SECRET": "hunter2-hunter2", "env:OTHER": "hunter3-hunter3"}
    printed = capsys.readouterr()
    assert "env:A_SECRET" in printed.err
    assert "hunter" not in printed.out + printed.err


def test_ask_without_a_terminal_is_wrong_usage(session: FakeSession) -> None:
    session.planned = plan_of(CREATE, secrets=("ask",))
    assert main(["apply", "--yes"]) == 64
    assert session.count("apply") == 0


def test_ask_at_a_terminal_asks(
    session: FakeSession, typing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    typing("y")
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "typed")
    session.planned = plan_of(CREATE, secrets=("ask",))
    assert main(["apply"]) == 0
    assert session.called("apply")[1] == {"ask": "typed"}


@pytest.mark.parametrize("reference", ["env:GITLAB_TOKEN", "file:../outside"])
class TestASecretThatNeedsATypedYes:
    @pytest.fixture(autouse=True)
    def _planned(self, session: FakeSession, tmp_path: Path, reference: str) -> None:
        (tmp_path / "outside").write_text("value\n")
        session.planned = plan_of(CREATE, secrets=(reference,))

    def test_is_refused_without_a_terminal(
        self, session: FakeSession, reference: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["apply", "--yes"]) == 64
        assert f"--allow-secret {reference}" in capsys.readouterr().err
        assert session.count("apply") == 0

    def test_is_read_when_it_is_allowed_by_name(self, session: FakeSession, reference: str) -> None:
        assert main(["apply", "--yes", "--allow-secret", "env:SOMETHING"]) == 64
        assert main(["apply", "--yes", "--allow-secret", reference]) == 0
        assert list(session.called("apply")[1]) == [reference]

    @pytest.mark.parametrize(("typed", "code"), [(("yes", "y"), 0), (("y", "y"), 130), (("yes", ""), 130)])
    def test_is_read_after_a_typed_yes(
        self, session: FakeSession, typing: Callable[..., None], typed: tuple[str, ...], code: int
    ) -> None:
        typing(*typed)
        assert main(["apply"]) == code
        assert session.count("apply") == (code == 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--project", "acme/app", "--url", "https://gitlab.example.com"], 0),
        (["--url", "https://evil.example.com"], 64),
        (["--project", "acme/other"], 64),
    ],
)
def test_a_saved_plan_is_applied_only_to_its_own_project(
    session: FakeSession, repo: Path, arguments: list[str], code: int
) -> None:
    (repo / "plan.json").write_text(dump(session.planned, AT))
    assert main(["apply", "plan.json", "--yes", *arguments]) == code


# signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
class TestASignal:
    def test_lets_the_change_under_way_come_to_its_end(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session.between = signalled(number)
        assert main(["apply", "--yes"]) == 3
        printed = capsys.readouterr()
        assert "created  variable:A@*" in printed.out
        assert "variable:B@*" not in printed.out
        assert "stopping after the change under way" in printed.err

    def test_that_comes_twice_stops_at_once(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session.between = signalled(number, number)
        assert main(["apply", "--yes", "--format", "json"]) == 3
        printed = capsys.readouterr()
        last = json.loads(printed.out.splitlines()[-1])
        assert (last["status"], last["exit"], last["left"]) == ("interrupted", 3, ["variable:A@*"])
        assert "Traceback" not in printed.err

    def test_before_anything_was_changed_ends_with_130(
        self, session: FakeSession, number: signal.Signals, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handler = signal.getsignal(number)
        session.before = signalled(number)
        assert main(["plan"]) == 130
        assert "nothing was changed" in capsys.readouterr().err
        assert signal.getsignal(number) is handler


def test_a_crash_in_the_middle_says_what_was_done(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    def fall_over() -> None:
        raise ZeroDivisionError

    session.between = fall_over
    assert main(["apply", "--yes"]) == 3
    printed = capsys.readouterr()
    assert "ZeroDivisionError" in printed.err
    assert "Traceback" not in printed.err
    assert "Left:\n  variable:A@*" in printed.out


@pytest.mark.parametrize("verbose", [False, True])
def test_a_crash_never_shows_the_token(session: FakeSession, capsys: pytest.CaptureFixture[str], verbose: bool) -> None:
    session.fails = ValueError("glpat-variable was refused")
    assert main(["plan", *["--verbose"] * verbose]) == 1
    said = capsys.readouterr().err
    assert "glpat-variable" not in said
    assert ("Traceback" in said) is verbose


# undo and doctor


def test_undo_with_nothing_to_undo_is_done(session: FakeSession, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo"]) == 0
    assert "Nothing to do." in capsys.readouterr().out


def test_undo_shows_asks_and_takes_back(
    session: FakeSession, typing: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    session.undo = plan_of(replace(CREATE, action="delete", before={"key": "A"}, after=None))
    assert main(["undo"]) == 64
    typing("n")
    assert main(["undo"]) == 130
    assert session.count("undo") == 0
    assert main(["undo", "--yes"]) == 0
    assert "- delete    variable:A@*" in capsys.readouterr().err


@pytest.mark.parametrize(("verdicts", "code"), [((True, True), 0), ((True, False), 1), ((), 0)])
def test_doctor_tells_whether_all_is_well(session: FakeSession, verdicts: tuple[bool, ...], code: int) -> None:
    session.verdicts = verdicts
    assert main(["doctor"]) == code


# answers


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "schema"]) == 0
    assert "properties" in json.loads(capsys.readouterr().out)


def test_the_example_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers", "example"]) == 0
    file = tmp_path / "answers.yml"
    file.write_text(capsys.readouterr().out)
    assert main(["answers", "check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: valid\n"


@pytest.mark.parametrize("content", [b"version: 2\nbiuld: {}\n", b"\xff", None])
def test_an_invalid_or_missing_file_ends_with_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "answers.yml"
    if content:
        file.write_bytes(content)
    assert main(["answers", "check", str(file)]) == 64
    assert str(file) in capsys.readouterr().err


# as a process


def test_the_version_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "wizard", "--version"], capture_output=True, text=True, check=True
    )
    assert "registry-wizard" in done.stdout
    assert "typer" not in done.stderr
    assert "pydantic" not in done.stderr


def test_a_reader_that_closes_the_pipe_causes_no_error() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard answers schema | head -1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout == "{\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_result_that_cannot_be_written_is_a_failure() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard answers schema > /dev/full"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "the result cannot be written to stdout: No space left on device\n"


def test_closed_streams_cause_no_traceback() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wizard apply --token-stdin <&- >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {1, 64}
    assert "Traceback" not in done.stderr
