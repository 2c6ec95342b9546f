"""Random interleavings of applies, deaths, undos and other people's edits: what must hold holds after each of them.

- Whatever happens, nothing that the answers never named is touched.
- After an apply that came to its end, nothing is left to do, and every token that works is held by a variable.
- An undo leaves alone what somebody changed since.

A few interleavings run by default; `REGISTRY_WIZARD_INTERLEAVINGS=200` runs so many, and longer ones.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.core.crashing import Killed, Writes
from tests.core.live import (
    ANSWERS,
    APP,
    BASE,
    FILES,
    PULL_TOKEN,
    TOOLS,
    NoWait,
    Ran,
    Setup,
    git_repository,
    new_world,
    served_project,
    stored,
    variables,
    working_tokens,
)
from tests.core.states import answers_of
from wizard.sandbox.loading import load_world
from wizard.sandbox.schema import Protection
from wizard.sandbox.server import Sandbox

_EXAMPLES = int(os.environ.get("REGISTRY_WIZARD_INTERLEAVINGS", "0"))
_WISHES: tuple[Mapping[str, Any], ...] = (
    {**ANSWERS, "build": {"tags": ["branch"]}},
    {
        "registry": {"visibility": "project", "protect": {"push": "owner"}},
        "pull": [{"project": TOOLS, "image": "lint:1", "as": "job", "with": "deploy-token"}],
        "variables": [{"key": "LEVEL", "value": "trace", "masked": False}, {"key": "OTHER", "value": "env:DSN"}],
    },
    {
        "registry": {"cleanup": {"enabled": False}, "protect": "none"},
        "pull": [{"project": BASE, "absent": True}, {"project": TOOLS, "absent": True}],
        "docker_auth": [{"host": "127.0.0.1:1", "absent": True}],
        "variables": [{"key": "SENTRY_DSN", "absent": True}, {"key": "CA", "scope": "production", "absent": True}],
    },
)
_Wish = st.sampled_from(range(len(_WISHES)))


class Interleavings(RuleBasedStateMachine):
    """One project over its life; each run of the program is a session of its own."""

    box: ClassVar[Sandbox]

    @initialize()
    def begin(self) -> None:
        self.box.instance.replace(load_world(new_world()))
        self.folder = Path(tempfile.mkdtemp(prefix="interleavings-"))
        self.setup = Setup(self.box.url, git_repository(self.folder / "repo", FILES), self.folder / "state")
        self.writes = Writes()

    @rule(wish=_Wish)
    def apply(self, wish: int) -> None:
        """An apply that nobody disturbs does all of it, whatever was before."""
        ran = self._apply(wish)
        assert ran.ending in {("done", 0), ("nothing", 0)}, ran.named("change-failed")
        left = self.setup.plan(self.setup.session()).pending
        assert left == (), left
        held = {row["value"] for row in stored(self.box)["variables"]}
        assert [
            token["id"] for token in working_tokens(self.box, TOOLS, PULL_TOKEN) if token["token"] not in held
        ] == []

    @rule(wish=_Wish, number=st.integers(0, 16), side=st.sampled_from(["before", "after"]))
    def die(self, wish: int, number: int, side: str) -> None:
        """An apply dies at one of its writes, or comes to its end before that."""
        with self.writes.counted((number, side)):
            try:
                self._apply(wish)
            except Killed:
                return

    @rule(number=st.one_of(st.none(), st.integers(0, 8)), side=st.sampled_from(["before", "after"]))
    def undo(self, number: int | None, side: str) -> None:
        """The last apply is taken back, or that dies too; what somebody made of LEVEL meanwhile stays."""
        session = self.setup.session()
        theirs = variables(self.box).get("LEVEL@*")
        shown = session.undo_plan(self.setup.answers)
        with self.writes.counted((number, side) if number is not None else None):
            try:
                ran = Ran(list(session.undo(shown, stop=NoWait())))
            except Killed:
                return
        assert ran.finished.exit in {0, 1, 3}
        if theirs and theirs["value"] == "theirs":
            assert variables(self.box)["LEVEL@*"]["value"] == "theirs"

    @rule(value=st.sampled_from(["theirs", "info"]), protected=st.booleans())
    def somebody_sets_a_variable(self, value: str, protected: bool) -> None:
        project = served_project(self.box)
        for row in project.variables:
            if (row.key, row.environment_scope) == ("LEVEL", "*"):
                row.value, row.protected = value, protected

    @rule(entry=st.booleans(), policy=st.booleans())
    def somebody_changes_settings(self, entry: bool, policy: bool) -> None:
        scope = served_project(self.box, BASE).job_token_scope
        if entry and APP not in scope.projects:
            scope.projects.append(APP)
        served_project(self.box).registry = "enabled"
        if policy:
            served_project(self.box).cleanup_policy.cadence = "1month"

    @rule()
    def somebody_makes_a_rule(self) -> None:
        project = served_project(self.box)
        project.repository_protection[:] = [Protection(id=99, pattern=APP, push="admin")]

    @rule()
    def somebody_revokes_the_token(self) -> None:
        for token in served_project(self.box, TOOLS).deploy_tokens:
            if token.name == PULL_TOKEN:
                token.revoked = True

    @invariant()
    def nothing_is_touched_that_no_answer_named(self) -> None:
        app, found = stored(self.box), variables(self.box)
        assert (found["THEIRS@*"]["value"], found["THEIRS@*"]["protected"]) == ("untouched", True)
        assert found["LEVEL@production"]["value"] == "warn"
        assert '"quay.io":{"auth":"dTpw"}' in found["DOCKER_AUTH_CONFIG@*"]["value"].replace(" ", "")
        assert [token["id"] for token in app["deploy_tokens"]] == [5]
        others = [token for token in stored(self.box, TOOLS)["deploy_tokens"] if token["id"] in {6, 7}]
        assert [token["token"] for token in others] == ["gldt-older", "gldt-other"]
        assert "acme/team/web" in stored(self.box, BASE)["job_token_scope"]["projects"]

    @invariant()
    def no_secret_stands_in_the_journal(self) -> None:
        values = [row["value"] for row in stored(self.box)["variables"] if row["masked"] or row["hidden"]]
        for path in self.setup.journal.rglob("journal.jsonl"):
            text = path.read_text()
            assert [value for value in values if value in text] == []

    @invariant()
    def the_files_are_those_of_git_or_of_the_plan(self) -> None:
        assert self.setup.work_tree is not None
        assert [name for name in FILES if (self.setup.work_tree / name).read_text() != FILES[name]] == []

    def teardown(self) -> None:
        if hasattr(self, "setup"):
            self.setup.close()
            shutil.rmtree(self.folder)

    def _apply(self, wish: int) -> Ran:
        self.setup.answers = answers_of(_WISHES[wish])
        session = self.setup.session()
        return Ran(list(session.apply(self.setup.plan(session), self.setup.secrets, stop=NoWait())))


def test_whatever_happens_in_whatever_order_nothing_is_lost(served: Sandbox) -> None:
    Interleavings.box = served
    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=_EXAMPLES or 5,
            stateful_step_count=14 if _EXAMPLES else 8,
            derandomize=not _EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if _EXAMPLES else [Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
