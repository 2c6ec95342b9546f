"""A session: one project on one GitLab, for one run of any front end. Here the gateways are put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Stop
from typing import Any

from wizard import decode
from wizard.answers import Answers, Delivery
from wizard.apply import Applying
from wizard.change import Plan
from wizard.changes.kind import Hands
from wizard.discover import Connection, Discovery, connect, connection_reads, explained
from wizard.doctor import Doctor
from wizard.errors import Exit, UsageError, WizardError
from wizard.events import Event, Finished, Verified
from wizard.gateways.gitlab import Api, encoded
from wizard.gateways.registry import Registries
from wizard.gateways.work_tree import WorkTree
from wizard.journal import Journal, Run
from wizard.lint import Verdict, pipeline, verdict
from wizard.looking_up import look_up
from wizard.lookups import Lookups
from wizard.plan import build_plan
from wizard.planning.options import PlanOptions
from wizard.reading import Reader, silent
from wizard.secret import Secret
from wizard.state import State
from wizard.target import Target
from wizard.undo import Undoing, last_run, plan_undo

__all__ = ["Connection", "PlanOptions", "ProjectSummary", "Session", "Target"]

_SEARCH_RESULTS = 50
Memory = dict[tuple[int, int], Hands]
"""What applies have read and written, by project id and place in that project's journal."""


@dataclasses.dataclass(frozen=True, slots=True)
class ProjectSummary:
    """A project to choose."""

    path: str
    role: int
    visibility: str


def _now() -> datetime:
    return datetime.now(UTC)


class Session:
    """Everything that a front end may ask for. Nothing is sent before the first call."""

    def __init__(
        self,
        target: Target,
        token: Secret,
        *,
        ca_file: Path | None = None,
        waiting: Callable[[float, str], None] | None = None,
        clock: Callable[[], datetime] = _now,
        journal_folder: Path | None = None,
        leaving: Stop | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Put the gateways together. `waiting` is told of each pause (seconds, reason) while reading.

        Once `leaving` is set, reads that are under way are given up. Sessions with one `memory`, on one GitLab, can
        take back each other's applies, secrets included.
        """
        self.target = target
        self._token = token
        self._clock = clock
        self._journal_folder = journal_folder
        self._api = Api(target.url, token, ca_file=ca_file)
        self._registries = Registries(ca_file=ca_file)
        self._work_tree = WorkTree(target.work_tree) if target.work_tree else None
        self._reader = Reader(waiting or silent, leaving or Stop())
        self._memory: Memory = {} if memory is None else memory

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._registries.close()

    def connect(self) -> Connection:
        """Say which GitLab this is and whose token; WizardError where either does not serve."""
        found = self._reader.together(connection_reads(self._api))
        return connect(self.target.url, found, self._clock().date())

    def projects(self, search: str = "") -> tuple[ProjectSummary, ...]:
        """Return projects that the caller is a member of, the most recently active first."""
        named = {"search": search, "search_namespaces": True} if search else {}
        query = {"membership": True, "order_by": "last_activity_at", "per_page": _SEARCH_RESULTS, **named}
        rows = self._read(lambda: self._api.get("/projects", **query))
        return tuple(
            ProjectSummary(row["path_with_namespace"], decode.role(row, admin=False), row.get("visibility", "private"))
            for row in rows
        )

    def discover(self, answers: Answers, secrets: Mapping[str, Secret] | None = None) -> State:
        """Read what is there."""
        path = self._project_of(answers)
        discovery = Discovery(
            api=self._api,
            project=path,
            today=self._clock().date(),
            work_tree=self._work_tree,
            reader=self._reader,
            secrets=secrets or {},
            journal_folder=self._journal_folder,
        )
        try:
            return discovery.state(answers)
        except WizardError as error:
            raise explained(error, path) from None

    def look_at(self, project: str) -> State:
        """Read what there is of a project, to tell whether it can be set up."""
        delivery = Delivery(mode="working-tree" if self._work_tree else "merge-request")
        return self.discover(Answers(version=1, project=project, delivery=delivery))

    def look_up(self, state: State, wanted: Lookups) -> State:
        """Return the state with what a question needs to know beside it, or with why that cannot be read."""
        return look_up(self._api, self._reader, state, wanted)

    def plan(
        self,
        answers: Answers,
        state: State,
        options: PlanOptions | None = None,
        answers_text: str | None = None,
    ) -> Plan:
        """Return the plan: a pure function of what is given."""
        return build_plan(answers, state, options or PlanOptions(), answers_text)

    def lint(self, plan: Plan, state: State) -> Verdict | None:
        """Ask GitLab what it says of the pipeline as it will be; None where the plan has none. It never fails."""
        content = pipeline(plan, state)
        if content is None:
            return None
        try:
            answer = self._read(lambda: self._api.ask(f"/projects/{plan.project_id}/ci/lint", {"content": content}))
        except WizardError as error:
            return Verdict("unknown", why=error.message)
        return verdict(answer if isinstance(answer, Mapping) else {})

    def apply(
        self, plan: Plan, secrets: Mapping[str, Secret], *, partial: bool = False, stop: Stop | None = None
    ) -> Iterator[Event]:
        """Make the plan's changes, then prove them; the last event is `Finished`."""
        if not self._may_write(plan):
            raise WizardError(
                "scope-too-low", "the token has not the scope `api`, so nothing can be applied", "Create one with it."
            )
        hands = self._hands(secrets)
        applying = Applying(hands, self._journal(plan), self._clock, stop or Stop())
        for event in applying.run(plan, partial=partial):
            self._memory[plan.project_id, applying.number] = hands
            if isinstance(event, Finished) and event.exit in {Exit.DONE, Exit.PARTIAL} and not applying.stop.is_set():
                left = set(event.left)
                yield from self._doctor(hands).prove(check for check in plan.checks if check.id not in left)
            yield event

    def undo_plan(self, answers: Answers) -> Plan:
        """Return what taking back the last apply on the project would do."""
        empty = self._empty_plan(answers)
        run = last_run(self._journal(empty))
        return plan_undo(run, empty, self._remembering(empty, run).previous)

    def undo(self, plan: Plan, *, stop: Stop | None = None) -> Iterator[Event]:
        """Take back the last apply, newest change first; `plan` is what `undo_plan` returned."""
        journal = self._journal(plan)
        with journal.alone():
            run = last_run(journal)
            undoing = Undoing(self._remembering(plan, run), journal, self._clock, stop or Stop())
            yield from undoing.run(run, plan)

    def verify(self, plan: Plan, secrets: Mapping[str, Secret]) -> Iterator[Verified]:
        """Say what of the plan stands, and prove it."""
        doctor = self._doctor(self._hands(secrets))
        yield from doctor.standing(plan)
        pending = {change.id for change in plan.pending}
        yield from doctor.prove(check for check in plan.checks if check.id not in pending)

    def _project_of(self, answers: Answers) -> str:
        path = self.target.project or answers.project
        if path is None:
            raise UsageError("no-project", "no project is named", "Use --project GROUP/PROJECT.")
        return path

    def _may_write(self, plan: Plan) -> bool:
        return not any(notice.code == "scope-too-low" for notice in plan.warnings)

    def _empty_plan(self, answers: Answers) -> Plan:
        path = self._project_of(answers)
        try:
            body = self._read(lambda: self._api.get(f"/projects/{encoded(path)}"))
        except WizardError as error:
            raise explained(error, path) from None
        return Plan(body["path_with_namespace"], body["id"], self.target.url)

    def _read(self, read: Callable[[], Any]) -> Any:
        """Read one thing with the patience of all reads; given up as they are."""
        return self._reader.together({"one": read})["one"]

    def _journal(self, plan: Plan) -> Journal:
        return Journal(self.target.url, plan.project_id, self._journal_folder)

    def _remembering(self, plan: Plan, run: Run | None) -> Hands:
        """Return hands for undo, with the values in memory where this process made the apply."""
        applied = self._memory.get((plan.project_id, run.number)) if run else None
        hands = self._hands({})
        return dataclasses.replace(hands, previous=applied.previous, written=applied.written) if applied else hands

    def _hands(self, secrets: Mapping[str, Secret]) -> Hands:
        return Hands(self._api, self._work_tree, secrets)

    def _doctor(self, hands: Hands) -> Doctor:
        return Doctor(self.target.url, self._token, hands, self._registries, self._clock)
