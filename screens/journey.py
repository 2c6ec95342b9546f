"""The way through the pages, forth and back. What was answered lives here, never in a widget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from textual.screen import Screen

from screens import planning
from screens.applying import ApplyScreen
from screens.beginning import Beginning, Outcome, ended
from screens.confirm import ConfirmScreen, ConsentScreen, LeaveScreen, UnseenScreen
from screens.connect import Connected, ConnectScreen
from screens.page import Turn
from screens.project import Named, ProjectScreen
from screens.result import ResultScreen
from screens.review import Decision, ReviewScreen, doable
from screens.step import StepScreen
from screens.widgets.top_bar import Trail
from screens.work import WorkScreen
from wizard import flow
from wizard.answers_file import answers_of
from wizard.errors import Exit
from wizard.question import Draft, Known, Step
from wizard.references import typed_in, without_typed
from wizard.secret import Secret, is_typed

if TYPE_CHECKING:
    from textual.app import App

    from wizard.change import Plan
    from wizard.state import State

_CONNECT: Final = "connect"
_PROJECT: Final = "project"
_LOOK: Final = "look"
_PLAN: Final = "plan"
_REVIEW: Final = "review"
_APPLY: Final = "apply"
_STEP: Final = "step:"
T = TypeVar("T")


@dataclass(slots=True)
class Journey:
    """One run through the wizard."""

    app: App[Outcome]
    beginning: Beginning
    draft: Draft
    here: str = _CONNECT
    """The page that is open, or opens next."""
    connected: Connected | None = None
    state: State | None = None
    plan: Plan | None = None
    secrets: dict[str, Secret] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    """References that somebody typed yes for."""
    permissions: planning.Permissions = field(default_factory=planning.Permissions)
    hurried: bool = False
    """A signal asked for the end: nobody may be there to press a key."""
    outcome: Outcome | None = None
    """How it ended; None while nothing has been changed."""

    async def travel(self) -> Outcome:
        """Go from page to page until the end."""
        pages: dict[str, Callable[[], Awaitable[str | Outcome]]] = {
            _CONNECT: self._connect,
            _PROJECT: self._project,
            _LOOK: self._look,
            _PLAN: self._make_plan,
            _REVIEW: self._review,
            _APPLY: self._apply,
        }
        while True:
            step = self.here.removeprefix(_STEP)
            following = await (pages[self.here]() if step == self.here else self._step(step))
            if isinstance(following, Outcome):
                return following
            self.here = following

    async def _connect(self) -> str | Outcome:
        connected = await self._show(ConnectScreen(self._trail(_CONNECT), self.beginning, self.connected))
        self.connected = connected
        return _PROJECT

    async def _project(self) -> str:
        named = Named(self.draft.get("project") or self.beginning.project, self.beginning.origin_project)
        chosen = await self._show(ProjectScreen(self._trail(_PROJECT), self._open, named))
        if chosen is None:
            return _CONNECT
        self.draft = self.draft.put("project", chosen)
        return _LOOK

    async def _look(self) -> str:
        # what was answered meanwhile may not be complete yet; planning looks again
        draft, backend = self.beginning.draft.put("project", self.draft.get("project")), self._open.backend
        doing = f"Looking at {draft.get('project')}: settings, variables, files"
        page = WorkScreen(self._trail(_LOOK), doing, lambda: backend.discover(answers_of(draft), {}))
        state = await self._show(page)
        if state is None:
            return _PROJECT
        self.state = state
        return f"{_STEP}{self._steps()[0].key}"

    async def _step(self, key: str) -> str:
        step = next(step for step in self._steps() if step.key == key)
        page = StepScreen(self._trail(f"{_STEP}{key}"), step, self._known)
        answered = await self._show(page)
        self.draft = answered.draft
        keys = [step.key for step in self._steps()]
        at = keys.index(key)
        if answered.turn is Turn.ON:
            return f"{_STEP}{keys[at + 1]}" if at + 1 < len(keys) else _PLAN
        return f"{_STEP}{keys[at - 1]}" if at else _PROJECT

    async def _make_plan(self) -> str:
        wish = planning.Wish(
            self.beginning, self._open.backend, flow.settled(self._known), self.allowed, self.permissions
        )
        doing = f"Comparing {self.draft.get('project')} with your answers"
        made = await self._show(WorkScreen(self._trail(_PLAN), doing, lambda: planning.make(wish)))
        if made is None:
            return self._last_step()
        self.state, self.plan = made
        return _REVIEW

    async def _review(self) -> str | Outcome:
        decision = await self._show(ReviewScreen(self._trail(_REVIEW), self._planned, self._agreed))
        if decision is None:
            return self._last_step()
        match decision.what:
            case "finish":
                return Outcome("nothing", Exit.DONE, without_typed(self.draft))
            case "edit":
                return self._step_of(decision)
            case "apply":
                return _APPLY
        self.permissions = self.permissions.with_one(decision)
        return _PLAN

    async def _agreed(self) -> bool:
        """Get the consent to the plan and to every secret it reads, then read them."""
        plan, count = self._planned, len(doable(self._planned))
        held = len(plan.pending) - count
        text = planning.summary(plan, held)
        noun = "change" if count == 1 else "changes"
        question = f"Make {count} {noun} in {plan.project}?"
        if not await self._confirms(ConfirmScreen(question, text, yes=f"Yes, make {count} {noun}", no="No, go back")):
            return False
        for reference in plan.secrets:
            why = self.beginning.local.risk(reference)
            if why and reference not in self.allowed:
                if not await self._confirms(ConsentScreen(reference, why)):
                    return False
                self.allowed |= {reference}
        return await self._read_secrets()

    async def _read_secrets(self) -> bool:
        plan, local = self._planned, self.beginning.local
        typed = typed_in(self.draft)
        for reference in plan.secrets:
            if is_typed(reference) and reference not in typed:
                value = await self._show(UnseenScreen(reference.partition(":")[2]))
                if value is None:
                    return False
                typed[reference] = value
        named = [reference for reference in plan.secrets if reference not in typed]
        if named:
            page = WorkScreen(
                self._trail(_REVIEW), "Reading the secrets of this machine", lambda: local.read_all(named)
            )
            found = await self._show(page)
            if found is None:
                return False
            typed |= found
        self.secrets = typed
        return True

    async def _apply(self) -> Outcome:
        plan, secrets, backend = self._planned, self.secrets, self._open.backend
        partial = len(doable(plan)) < len(plan.pending)
        page = ApplyScreen(
            self._trail(_APPLY), plan, lambda stop: backend.apply(plan, secrets, partial=partial, stop=stop)
        )
        applied = await self._show(page)
        self.outcome = ended(applied.finished, self.draft)
        if self.hurried:
            return self.outcome
        prefix = self.state.project.image_prefix if self.state else None
        await self._show(ResultScreen(self._trail(_APPLY, done=True), plan, applied, prefix))
        return self.outcome

    async def _confirms(self, page: Screen[bool]) -> bool:
        answer = await self._show(page)
        return answer is True

    async def _show(self, page: Screen[T]) -> T:
        """Show a page and wait for its result. A question whether to leave has no meaning on another page."""
        for screen in self.app.screen_stack:
            if isinstance(screen, LeaveScreen):
                screen.dismiss(False)
        return await self.app.push_screen_wait(page)

    @property
    def _known(self) -> Known:
        return Known(self.draft, self.state)

    @property
    def _open(self) -> Connected:
        assert self.connected is not None, "the first page connects"  # noqa: S101  # by the order of the pages
        return self.connected

    @property
    def _planned(self) -> Plan:
        assert self.plan is not None, "the plan is made before it is shown"  # noqa: S101  # by the order of the pages
        return self.plan

    def _steps(self) -> list[Step]:
        """Return the steps that come up; the project has a page of its own."""
        return [step for step in flow.steps(self._known) if step.key != _PROJECT]

    def _last_step(self) -> str:
        return f"{_STEP}{self._steps()[-1].key}"

    def _step_of(self, decision: Decision) -> str:
        """Return the step whose questions caused a change."""
        cause = decision.change.step.partition(".")[0] if decision.change else ""
        steps = self._steps()
        fitting = [step for step in steps if step.key == cause]
        fitting += [step for step in steps if any(asked.key.partition(".")[0] == cause for asked in step.questions)]
        return f"{_STEP}{fitting[0].key}" if fitting else self._last_step()

    def _trail(self, here: str, *, done: bool = False) -> Trail:
        steps = [f"{_STEP}{step.key}" for step in self._steps()]
        order = [_CONNECT, _PROJECT, *steps, _REVIEW, _APPLY]
        known = self.state is not None
        at = {_LOOK: _PROJECT, _PLAN: _REVIEW}.get(here, here)
        page = order.index(at) + 1
        return Trail(str(self.draft.get("project") or ""), page, len(order) if known or done else 0)


def journey(app: App[Any], beginning: Beginning) -> Journey:
    """Return a journey at its first page."""
    return Journey(app, beginning, replace(beginning.draft))
