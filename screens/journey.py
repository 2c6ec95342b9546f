"""The way through the pages, forth and back. What was answered lives here, never in a widget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

from screens import planning, route
from screens.beginning import Beginning, Outcome
from screens.carrying import Carrying
from screens.confirm import LeaveScreen
from screens.connect import Connected, ConnectScreen
from screens.consent import Consent
from screens.page import Turn
from screens.project import Named, ProjectScreen
from screens.resuming import ResumeScreen
from screens.review import Decision, Reviewing, ReviewScreen
from screens.step import StepScreen
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from screens.work import WorkScreen
from wizard import flow
from wizard.answers_file import answers_so_far
from wizard.commands.keeping import Keeping
from wizard.commands.place import delivered
from wizard.differences import differences
from wizard.errors import Exit
from wizard.planning.files import image_repository
from wizard.question import Draft, Known
from wizard.references import without_typed

if TYPE_CHECKING:
    from textual.app import App

    from wizard.change import Plan
    from wizard.state import State

T = TypeVar("T")


@dataclass(slots=True)
class Journey:
    """One run through the wizard."""

    app: App[Outcome]
    beginning: Beginning
    draft: Draft
    keeping: Keeping
    consent: Consent = field(init=False)
    carrying: Carrying = field(init=False)
    here: str = route.CONNECT
    """The page that is open, or opens next."""
    connected: Connected | None = None
    state: State | None = None
    plan: Plan | None = None
    permissions: planning.Permissions = field(default_factory=planning.Permissions)
    editing: Decision | None = None
    """The change whose answer is being changed; then the way leads back to the review."""

    def __post_init__(self) -> None:
        """Begin with no consent to anything, and nothing carried out."""
        self.consent, self.carrying = Consent(self.beginning.local, self._show), Carrying(self._show)

    async def travel(self) -> Outcome:
        """Go from page to page until the end."""
        pages: dict[str, Callable[[], Awaitable[str | Outcome]]] = {
            route.CONNECT: self._connect,
            route.PROJECT: self._project,
            route.RESUME: self._resume,
            route.LOOK: self._look,
            route.PLAN: self._make_plan,
            route.REVIEW: self._review,
            route.APPLY: self._apply,
            route.RESULT: self._tell,
            route.UNDO: self._undo,
        }
        while True:
            step = route.key_of(self.here)
            following = await (self._step(step) if step else pages[self.here]())
            if isinstance(following, Outcome):
                return following
            self.here = following

    def keep(self, page: Screen[Any]) -> None:
        """Keep the answers as they stand on the page that is open."""
        asking = page.query_one_optional(Questionnaire) if isinstance(page, StepScreen) else None
        self.keeping.keep(asking.known.draft if asking else self.draft)

    async def _connect(self) -> str | Outcome:
        self.connected = await self._show(ConnectScreen(self._trail(route.CONNECT), self.beginning, self.connected))
        return route.PROJECT

    async def _project(self) -> str:
        named = Named(self.draft.get("project") or self.beginning.project, self.beginning.origin_project)
        chosen = await self._show(ProjectScreen(self._trail(route.PROJECT), self._open, named))
        if chosen is None:
            return route.CONNECT
        self.draft = self.draft.put("project", chosen)
        return route.RESUME

    async def _resume(self) -> str:
        project, target = str(self.draft.get("project")), self._open.backend.target
        self.draft = delivered(self.draft, target)
        kept = self.keeping.find(project)
        found = differences(without_typed(self.draft).document, kept.draft.document) if kept else ()
        if kept and found:
            going_on = await self._show(ResumeScreen(self._trail(route.RESUME), kept.at, found))
            if going_on is None:
                return route.PROJECT
            self.draft = delivered(kept.draft.put("project", project), target) if going_on else self.draft
            self.keeping.begin(project, self.draft, kept=going_on)
        elif self.keeping.project != project:
            self.keeping.begin(project, self.draft)
        return route.LOOK

    async def _look(self) -> str:
        answers, backend = answers_so_far(self.draft, self.beginning.draft), self._open.backend
        doing = f"Looking at {answers.project}: settings, variables, files"
        state = await self._show(WorkScreen(self._trail(route.LOOK), doing, lambda: backend.discover(answers, {})))
        if state is None:
            return route.PROJECT
        self.state = state
        return route.of_step(route.steps(self._known)[0])

    async def _step(self, key: str) -> str:
        before = route.steps(self._known)
        at = next(number for number, step in enumerate(before) if step.key == key)
        page = StepScreen(self._trail(self.here), before[at], self._known, self._open.backend.look_up)
        answered = await self._show(page)
        self.draft, self.state = answered.draft, answered.state
        self.keeping.keep(self.draft)
        after = route.steps(self._known)
        if self.editing:
            new = [step for step in after if step not in before]
            return route.of_step(new[0]) if new and answered.turn is Turn.ON else route.PLAN
        if answered.turn is Turn.ON:
            at = after.index(before[at])
            return route.of_step(after[at + 1]) if at + 1 < len(after) else route.PLAN
        return route.of_step(before[at - 1]) if at else route.PROJECT

    async def _make_plan(self) -> str:
        wish, doing = self._wish(), f"Comparing {self.draft.get('project')} with your answers"
        made = await self._show(WorkScreen(self._trail(route.PLAN), doing, lambda: planning.make(wish)))
        if made is None:
            self.editing = None
            return self._last_step()
        self.state, self.plan = made
        return route.REVIEW

    async def _review(self) -> str | Outcome:
        plan, wish, state, backend = self._planned, self._wish(), self.state, self._open.backend
        trail, at = self._trail(route.REVIEW), self.editing.change if self.editing else None
        self.editing = None
        reviewing = Reviewing(
            agreed=lambda: self.consent.given(plan, self.draft, trail),
            lint=lambda: backend.lint(plan, state) if state else None,
            commands=lambda: planning.commands(wish, plan),
        )
        decision = await self._show(ReviewScreen(trail, plan, reviewing, at))
        if decision is None:
            return self._last_step()
        match decision.what:
            case "finish":
                self.keeping.forget()
                return self.carrying.outcome or Outcome("nothing", Exit.DONE, without_typed(self.draft))
            case "edit":
                self.editing = decision
                return route.of_step(route.cause(decision.change, route.steps(self._known)))
            case "apply":
                return route.APPLY
        self.permissions = self.permissions.with_one(decision)
        return route.PLAN

    async def _apply(self) -> str | Outcome:
        plan, secrets, backend = self._planned, self.consent.secrets, self._open.backend
        if await self.carrying.apply(plan, secrets, backend, self._trail(route.APPLY), self.draft):
            self.keeping.forget()
        return self._ended or route.RESULT

    async def _tell(self) -> str | Outcome:
        answers = answers_so_far(flow.settled(self._known), self.beginning.draft)
        images = image_repository(answers, self.state) if self.state else None
        choice = await self.carrying.tell(self._trail(route.RESULT), images)
        following = {"retry": route.PLAN, "undo": route.UNDO}
        return (
            following.get(choice) or self.carrying.outcome or Outcome("nothing", Exit.DONE, without_typed(self.draft))
        )

    async def _undo(self) -> str | Outcome:
        if await self.carrying.undo(self._open.backend, self._trail(route.UNDO), self.draft):
            self.keeping.begin(str(self.draft.get("project")), Draft())
            self.keeping.keep(self.draft)
        return self._ended or route.RESULT

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

    @property
    def _ended(self) -> Outcome | None:
        """How it ended, where a signal asked for the end and nobody may be there to press a key."""
        return self.carrying.outcome if self.carrying.hurried else None

    def _wish(self) -> planning.Wish:
        settled = flow.settled(self._known)
        return planning.Wish(self.beginning, self._open.backend, settled, self.consent.allowed, self.permissions)

    def _last_step(self) -> str:
        return route.of_step(route.steps(self._known)[-1])

    def _trail(self, page: str) -> Trail:
        return route.trail(page, self._known)


def journey(app: App[Any], beginning: Beginning) -> Journey:
    """Return a journey at its first page."""

    def told(error: Exception) -> None:
        app.notify(f"{error}. The wizard goes on without.", severity="warning", markup=False)

    return Journey(app, beginning, replace(beginning.draft), Keeping(beginning.kept, told))
