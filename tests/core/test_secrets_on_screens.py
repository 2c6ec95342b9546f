"""Marker secrets on the screens: every byte that goes to the terminal is looked at, and every file that is left.

`-s` shows the places that were looked at.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.core.live import TOOLS, stored
from tests.core.marked import ANSWERS, BY_ASKING, BY_FILE, BY_KEYRING, TOKEN, Sweep, stored_values, swept
from tests.core.whole_run import Runner
from tests.core.window import Window, window
from wizard.sandbox.server import Sandbox

pytestmark = pytest.mark.thorough

ASKED = {**ANSWERS, "variables": [{"key": "ASKED", "value": "ask"}]}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture
def sweep(served: Sandbox, runner: Runner, tmp_path: Path) -> Iterator[Sweep]:
    with swept(served, runner, tmp_path) as made:
        yield made


def command(sweep: Sweep, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "wizard", "--repo", str(sweep.machine.repo), *sweep.machine.options, *arguments)


def answer(sweep: Sweep, answers: object) -> None:
    """Commit other answers."""
    (sweep.machine.repo / ".gitlab/registry-wizard.yml").write_text(yaml.safe_dump(answers, sort_keys=False))
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    subprocess.run(["git", "-C", str(sweep.machine.repo), *identity, "commit", "-qam", "answers"], check=True)


def over(sweep: Sweep, seen: Window, key: str, shown: str, place: str) -> None:
    """Open what lies over a page, look at it, and close it."""
    seen.press(key)
    seen.shows(shown)
    sweep.look(place, seen.text)
    seen.press("escape")
    seen.hides(shown)


def to_the_review(sweep: Sweep, seen: Window, *, closely: bool = False) -> None:
    """Take every page as it stands; `closely`: with its help and its preview."""
    seen.shows("Which project is set up")
    seen.press("enter")
    for page in range(3, 20):
        seen.shows(rf"(?s)\b{page} of \d+.*(Next page|⇥|GitLab finds the pipeline)")
        sweep.look("pages", seen.text)
        if re.search(rf"\b{page} of {page + 1}\b", seen.text):
            return
        if closely:
            over(sweep, seen, "f1", "esc Close", "help of the pages")
        if closely and "f2 Preview" in seen.text:
            over(sweep, seen, "f2", "esc Close", "preview of the pages")
        seen.press("next")
    raise AssertionError(seen.text)


def agree(seen: Window, *typed: str, until: str = "Making the changes|What exists now") -> None:
    """Say yes to the plan and to each secret of this machine, and type what is asked for."""
    seen.press("enter")
    seen.shows("Make [0-9]+ changes in")
    seen.press("y")
    values = iter(typed)
    while True:
        came = seen.shows("Type yes to allow it", "It is kept in memory until", until)
        if came.startswith("Type yes"):
            seen.press("yes")
            seen.press("enter")
        elif came.startswith("It is kept"):
            seen.press(next(values))
            seen.press("enter")
        else:
            return
        seen.hides(came)


def test_a_whole_run_on_the_screens_tells_no_secret(sweep: Sweep) -> None:
    plan = sweep.machine.folder / "plan.json"
    with window(command(sweep), sweep.machine.environ, sweep.machine.folder) as seen:
        seen.shows("You are")
        seen.press("enter")
        to_the_review(sweep, seen, closely=True)
        over(sweep, seen, "w", "Without the wizard", "command line")
        seen.press("c")
        seen.shows("Copied as Markdown")
        for _ in range(13):
            seen.press("down")
        seen.shows("registry-wizard.yml: the answers")
        sweep.look("details of a change", seen.text)
        seen.press("s")
        seen.shows("Save the plan")
        seen.press("enter")
        seen.shows("Saved")
        assert json.loads(plan.read_text())["format"] == 1
        agree(seen)
        seen.shows("What exists now")
        seen.press("enter")
        code = seen.ended()
    assert code == 0
    assert b"\x1b]52;" in seen.raw, "the plan was copied"
    assert stored_values(sweep.box) >= {BY_FILE, BY_KEYRING}
    sweep.look("everything written to the terminal", seen.raw)
    sweep.files("after the run")


def test_a_token_and_a_value_that_are_typed_are_not_shown(sweep: Sweep) -> None:
    """A token that is refused first; then an apply whose answers ask for a value."""
    environ = {**sweep.machine.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    del environ["GITLAB_TOKEN"]
    answer(sweep, ASKED)
    with window(command(sweep), environ, sweep.machine.folder) as seen:
        seen.shows("Your GitLab token")
        seen.press(f"{TOKEN}-refused")
        seen.press("enter")
        seen.shows("That did not work")
        sweep.look("a refused token", seen.text)
        seen.press(TOKEN)
        seen.press("enter")
        seen.shows("You are")
        seen.press("enter")
        to_the_review(sweep, seen)
        agree(seen, BY_ASKING)
        seen.shows("What exists now")
        seen.press("enter")
        told = seen.text
        assert seen.ended() == 0, told
    assert BY_ASKING in stored_values(sweep.box)
    sweep.look("everything written to the terminal", seen.raw)
    sweep.files("after the run")


def test_nothing_that_a_killed_run_leaves_behind_holds_a_secret(sweep: Sweep) -> None:
    """Killed in the middle of an apply, and the answers that are kept are offered to the next start."""
    with window(command(sweep), sweep.machine.environ, sweep.machine.folder) as seen:
        seen.shows("You are")
        seen.press("enter")
        to_the_review(sweep, seen)
        agree(seen)
        seen.kill()
        seen.ended()
    sweep.look("everything written to the terminal", seen.raw)
    sweep.files("after the kill")
    after = sweep.fresh("the apply after a kill", "apply", "--yes", "--allow-secret", "keyring:service/user")
    assert after.code == 0, after.err
    assert len(stored(sweep.box, TOOLS)["deploy_tokens"]) == 1


_CRASHING = """
import sys, screens.applying as page
from wizard.__main__ import main
def fail(self):
    token, everything = open(sys.argv[1]).read(), vars(self)
    raise ValueError(token, everything)
page.ApplyScreen.on_mount = fail
sys.exit(main(sys.argv[2:]))
"""


def test_a_crash_on_the_screens_tells_no_secret(sweep: Sweep, tmp_path: Path) -> None:
    """The program fails where changes are made, with a secret in hand."""
    program = (sys.executable, "-c", _CRASHING, str(tmp_path / "doors" / "token"))
    with window((*program, *command(sweep)[3:]), sweep.machine.environ, sweep.machine.folder) as seen:
        seen.shows("You are")
        seen.press("enter")
        to_the_review(sweep, seen)
        agree(seen, until="the program failed")
        code = seen.ended()
    assert code == 1
    assert "the program failed: ValueError" in seen.raw.decode()
    sweep.look("everything written to the terminal", seen.raw)
    sweep.files("after the crash")
