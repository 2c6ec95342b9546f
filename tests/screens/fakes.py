"""A GitLab that answers as it is told: the wizard's screens are driven against it without any I/O."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event as Stop

from screens.beginning import Backend, Beginning
from tests.core.question_states import CI, DOCKERFILE, state
from wizard.answers import Answers
from wizard.change import Blocked, Change, Conflict, Notice, Plan
from wizard.errors import WizardError
from wizard.events import ChangeDone, ChangeFailed, ChangeStarted, Event, Finished, PlanStarted, Verified
from wizard.kept_answers import KeptAnswers
from wizard.lint import Verdict
from wizard.lookups import Lookups, unreadable
from wizard.planning.options import PlanOptions
from wizard.question import Draft
from wizard.secret import Secret
from wizard.session import Connection, ProjectSummary, Target
from wizard.state import Identity, Instance, State

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://gitlab.example.com"
PROJECT = "acme/team/app"
STATE = state({"Dockerfile": DOCKERFILE, ".gitlab-ci.yml": CI})
DIFF = """\
--- a/.gitlab-ci.yml
+++ b/.gitlab-ci.yml
@@ -1,3 +1,6 @@
+include:
+  - local: .gitlab/ci/registry.gitlab-ci.yml
+
 stages: [build, test]
 lint:
-  image: old
+  image: registry.example.com/platform/lint:2
"""
REGISTRY = Change("registry:acme/team/app", "registry", "unchanged", PROJECT, "container registry: on", step="registry")
POLICY = Change(
    "cleanup-policy:acme/team/app",
    "cleanup-policy",
    "update",
    PROJECT,
    "cleanup policy: every 7 days, the newest 10 tags stay",
    before={"cadence": "1d", "keep_n": 10, "older_than": "90d"},
    after={"cadence": "7d", "keep_n": 10, "older_than": "14d"},
    step="registry.cleanup",
)
ALLOW = Change(
    "job-token-allowlist:acme/team/app@platform/base",
    "job-token-allowlist",
    "create",
    "platform/base",
    "acme/team/app may pull from platform/base",
    after={"target_project_id": 10},
    step="pull",
)
PASSWORD = Change(
    "variable:DOCKER_AUTH_CONFIG@*",
    "variable",
    "create",
    PROJECT,
    "DOCKER_AUTH_CONFIG (masked): the runner logs in to harbor.example.com",
    after={"key": "DOCKER_AUTH_CONFIG", "value": "(sensitive)", "masked": True, "raw": True},
    inputs={"value": "env:HARBOR_PASSWORD"},
    step="docker_auth",
)
OLD = Change(
    "variable:OLD_TOKEN@*", "variable", "delete", PROJECT, "remove the variable OLD_TOKEN (*)", step="variables"
)
CI_FILE = Change(
    "file:.gitlab-ci.yml", "file", "update", ".gitlab-ci.yml", "include the registry jobs", diff=DIFF, step="build"
)
PIPELINE = Change(
    "file:.gitlab/ci/registry.gitlab-ci.yml",
    "file",
    "create",
    ".gitlab/ci/registry.gitlab-ci.yml",
    "the jobs that build and publish the image",
    diff="--- /dev/null\n+++ b/.gitlab/ci/registry.gitlab-ci.yml\n@@ -0,0 +1 @@\n+registry-image-build: {}\n",
    step="build",
)
CHANGES = (REGISTRY, ALLOW, PASSWORD, OLD, POLICY, PIPELINE, CI_FILE)
WARNING = Notice(
    "allowlist-not-enforced",
    "platform/base lets in the job token of every project",
    "The entry is added all the same. To switch the check on there: enforce: true.",
)
BLOCKED = Change(
    "job-token-allowlist:acme/team/app@platform/tools",
    "job-token-allowlist",
    "create",
    "platform/tools",
    "acme/team/app may pull from platform/tools",
    blocked=Blocked("maintainer", "platform/tools"),
    step="pull",
)
EDITED = Change(
    "file:Dockerfile",
    "file",
    "update",
    "Dockerfile",
    "the Dockerfile",
    diff="@@ -1 +1 @@\n-a\n+b\n",
    conflict=Conflict("file-edited", "Dockerfile was edited after it was generated", "To replace it: --overwrite."),
    step="build",
)


def plan_of(*changes: Change, warnings: tuple[Notice, ...] = (), secrets: tuple[str, ...] = ()) -> Plan:
    """Return a plan of these changes."""
    return Plan(PROJECT, 10, URL, changes, warnings=warnings, secrets=secrets)


PLAN = plan_of(*CHANGES, warnings=(WARNING,), secrets=("env:HARBOR_PASSWORD",))
LOST = Notice("not-restorable", "variable:DOCKER_AUTH_CONFIG@*: its previous value is a secret that nobody kept")
Script = Callable[[Plan, Stop], Iterator[Event]]


def makes_everything(plan: Plan, stop: Stop) -> Iterator[Event]:
    """Make every change, then prove two things."""
    yield PlanStarted(at=AT, counts=dict(plan.counts), fingerprint=plan.fingerprint)
    done: list[str] = []
    for change in plan.pending:
        if stop.is_set():
            left = tuple(other.id for other in plan.pending if other.id not in done)
            yield Finished(at=AT, status="interrupted", exit=3 if done else 130, done=tuple(done), left=left)
            return
        yield ChangeStarted(at=AT, id=change.id)
        done.append(change.id)
        made = {"create": "created", "update": "updated", "delete": "deleted"}[change.action]
        yield ChangeDone(at=AT, id=change.id, result=made)  # type: ignore[arg-type]  # one of the results
    yield Verified(
        at=AT, id="registry", ok=True, message="acme/team/app: pull and push are granted to a job of its own"
    )
    yield Verified(at=AT, id="pull", ok=True, message="platform/base: pull is granted to the job token")
    yield Finished(at=AT, status="done", exit=0, done=tuple(done))


def fails_at_the_second(plan: Plan, _: Stop) -> Iterator[Event]:
    """Make one change, and fail at the next."""
    first, second, *rest = plan.pending
    yield ChangeStarted(at=AT, id=first.id)
    yield ChangeDone(at=AT, id=first.id, result="created")
    yield ChangeStarted(at=AT, id=second.id)
    yield ChangeFailed(
        at=AT, id=second.id, code="refused", message="GitLab: 400 [value is invalid]", hint="Look at the value."
    )
    left = (second.id, *(change.id for change in rest))
    yield Finished(at=AT, status="failed", exit=3, done=(first.id,), left=left)


@dataclass
class FakeBackend:
    """Plans what it is told to, and remembers what it was asked."""

    planned: Plan = PLAN
    script: Script = makes_everything
    judged: Verdict | None = None
    undoing: Plan = field(default_factory=lambda: plan_of(replace(ALLOW, action="delete"), warnings=(LOST,)))
    undo_script: Script = makes_everything
    fails: dict[str, list[BaseException]] = field(default_factory=dict)
    """Errors to raise by the name of the call, the first one first."""
    gates: dict[str, threading.Event] = field(default_factory=dict)
    """Events that a call waits for."""
    calls: list[tuple[str, object]] = field(default_factory=list)
    found: State = STATE
    summaries: tuple[ProjectSummary, ...] = (
        ProjectSummary(PROJECT, 40, "private"),
        ProjectSummary("acme/team/api", 30, "internal"),
        ProjectSummary("platform/base", 20, "private"),
    )
    target: Target = field(default_factory=lambda: Target(URL, None, Path("/clone"), origin_project=PROJECT))

    def connect(self) -> Connection:
        """Say who is connected."""
        self._called("connect", None)
        return Connection(
            Instance(URL, (19, 5), "19.5.0-ee"), Identity(3, "maint", scopes=("api",), expires_at=date(2027, 11, 1))
        )

    def projects(self, search: str = "") -> tuple[ProjectSummary, ...]:
        """Return the projects whose path holds the text."""
        self._called("projects", search)
        return tuple(found for found in self.summaries if search in found.path)

    def discover(self, answers: Answers, secrets: Mapping[str, Secret] | None = None) -> State:
        """Return the state."""
        self._called("discover", (answers, dict(secrets or {})))
        return self.found

    def look_at(self, project: str) -> State:
        """Return the state, as that of this project."""
        self._called("look_at", project)
        return replace(self.found, project=replace(self.found.project, path=project))

    def look_up(self, state: State, wanted: Lookups) -> State:
        """Return the state as it is, with no images and no such projects."""
        self._called("look_up", wanted)
        return unreadable(state, wanted, "nothing to read here")

    def plan(
        self, answers: Answers, state: State, options: PlanOptions | None = None, answers_text: str | None = None
    ) -> Plan:
        """Return the plan."""
        assert state is self.found
        self._called("plan", (answers, options, answers_text))
        return self.planned

    def apply(
        self, plan: Plan, secrets: Mapping[str, Secret], *, partial: bool = False, stop: Stop | None = None
    ) -> Iterator[Event]:
        """Follow the script."""
        self._called("apply", (plan, dict(secrets), partial))
        for event in self.script(plan, stop or Stop()):
            if isinstance(event, ChangeDone) and event.id in self.gates:
                assert self.gates[event.id].wait(5)
            yield event

    def lint(self, plan: Plan, state: State) -> Verdict | None:
        """Say what it was told to."""
        self._called("lint", (plan, state))
        return self.judged

    def undo_plan(self, answers: Answers) -> Plan:
        """Return what taking back would do."""
        self._called("undo_plan", answers)
        return self.undoing

    def undo(self, plan: Plan, *, stop: Stop | None = None) -> Iterator[Event]:
        """Follow the script."""
        self._called("undo", plan)
        yield from self.undo_script(plan, stop or Stop())

    def asked(self, name: str) -> object:
        """Return what the last call of that name was given."""
        return next(given for called, given in reversed(self.calls) if called == name)

    def count(self, name: str) -> int:
        """Return how often it was called."""
        return sum(called == name for called, _ in self.calls)

    def _called(self, name: str, given: object) -> None:
        self.calls.append((name, given))
        if name in self.gates:
            assert self.gates[name].wait(5)
        if self.fails.get(name):
            raise self.fails[name].pop(0)


@dataclass
class FakeSecrets:
    """The secrets of this machine."""

    values: dict[str, str] = field(default_factory=lambda: {"env:HARBOR_PASSWORD": "s3cr3t-harbor"})
    risks: dict[str, str] = field(default_factory=dict)

    def read_all(self, references: Iterable[str]) -> dict[str, Secret]:
        """Return every secret, or say which is missing."""
        named = list(references)
        missing = [name for name in named if name not in self.values]
        if missing:
            raise WizardError("secret-unavailable", f"{', '.join(missing)} is not set", "Set it, then run again.")
        return {name: Secret(self.values[name]) for name in named}

    def read_quietly(self, references: Iterable[str], allowed: Collection[str] = ()) -> dict[str, Secret]:
        """Return what is there and needs no consent."""
        named = [name for name in references if name in self.values and (name not in self.risks or name in allowed)]
        return self.read_all(named)

    def risk(self, text: str) -> str | None:
        """Say why it needs a typed yes."""
        return self.risks.get(text)


def beginning(
    backend: FakeBackend | None = None,
    *,
    local: FakeSecrets | None = None,
    draft: Draft | None = None,
    source: str = "GITLAB_TOKEN",
    tokens: list[Secret | None] | None = None,
    answers_text: str | None = None,
    project: str | None = PROJECT,
    kept: KeptAnswers | None = None,
) -> Beginning:
    """Return what the wizard begins with; `tokens` takes every token that a session was made with."""
    used = backend or FakeBackend()

    def connect(token: Secret | None) -> Backend:
        if tokens is not None:
            tokens.append(token)
        return used

    return Beginning(
        url=URL,
        connect=connect,
        local=local or FakeSecrets(),
        draft=draft or Draft(),
        project=project,
        origin_project=PROJECT,
        answers_text=answers_text,
        token_source=source,
        kept=kept,
    )
