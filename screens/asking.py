"""What a page of questions has: the questions, their help, what stands beside them, and looking up what that needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeAlias, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import Static

from screens.content import line, lines
from screens.course import Asked, Course
from screens.failure import told
from screens.help import Help, question_help
from screens.page import Page
from screens.preview import PreviewScreen
from screens.widgets.help_pane import HelpPane
from screens.widgets.preview_pane import PreviewPane
from screens.widgets.questionnaire import Questionnaire
from screens.widgets.top_bar import Trail
from wizard.lookups import Lookups, unreadable, with_found
from wizard.preview import Preview
from wizard.question import Known
from wizard.state import State

Result = TypeVar("Result")
LookUp: TypeAlias = Callable[[State, Lookups], State]
"""Reads more; called in a thread."""


def nothing_more(state: State, _wanted: Lookups) -> State:
    """Look nothing up."""
    return state


class AskingPage(Page[Result]):
    """Asks the questions of a course."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "go_on", "Next page", show=False, id="page.go-on"),
        Binding("f2", "preview", "Preview", id="page.preview"),
    ]

    class LookedUp(Message):
        """More is known."""

        def __init__(self, found: State) -> None:
            """Carry the state with what was found."""
            super().__init__()
            self.found = found

    def __init__(self, trail: Trail, course: Course, known: Known, look_up: LookUp) -> None:
        """Ask the questions of `course` with what is known."""
        super().__init__(trail)
        self._course = course
        self._known = known
        self._look_up = look_up
        self._looked_up: set[Lookups] = set()
        self._open: Asked | None = None
        self._glanced = known
        """What would be known if the answer under the cursor were taken; of a list, with the item under it."""

    def body(self) -> ComposeResult:
        """Introduction and questions, beside them help and preview."""
        title, intro = self._course.heading(self._known)
        with Container(id="sides"):
            with Vertical(id="asking"):
                yield Static(line(title), classes="title")
                yield Static(lines(intro), classes="intro")
                yield Questionnaire(self._course, self._known)
                yield Static(classes="problem")
            with Vertical(id="beside"):
                yield HelpPane()
                yield PreviewPane()

    @property
    def asking(self) -> Questionnaire:
        """The questions."""
        return self.query_one(Questionnaire)

    def help(self) -> Help:
        """Return what the page says first, and the help of the open question."""
        title, intro = self._course.heading(self._known)
        return question_help(title, intro, self._open, self.asking.known)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a preview only where there is one."""
        if action == "preview" and self.is_mounted and self.query(Questionnaire):
            return self._preview_now() is not None
        return super().check_action(action, parameters)

    def action_preview(self) -> None:
        """Show what stands beside the open question on a page of its own."""
        preview = self._preview_now()
        if preview is not None:
            self.app.push_screen(PreviewScreen(preview))

    def show_beside(self) -> None:
        """Bring the preview up to date, and look up what is missing for it."""
        preview = self._preview_now()
        self.query_one(PreviewPane).show(preview)
        self.query_one(HelpPane).sum_up(preview.brief if preview else "")
        known = replace(self._glanced, state=self.asking.known.state)
        wanted = self._course.lookups(known)
        if wanted and known.state is not None and wanted not in self._looked_up:
            self._looked_up.add(wanted)
            self._read(known.state, wanted)

    def _preview_now(self) -> Preview | None:
        return self._course.preview(self._open, replace(self._glanced, state=self.asking.known.state))

    @work(thread=True, exit_on_error=False, group="look-up", description="look up")
    def _read(self, state: State, wanted: Lookups) -> None:
        try:
            found = self._look_up(state, wanted)
        except Exception as error:  # whatever it is, nobody may wait for it in vain
            found = unreadable(state, wanted, told(error).message)
        self.post_message(self.LookedUp(found))

    @on(LookedUp)
    def _found(self, event: LookedUp) -> None:
        event.stop()
        known = self.asking.known
        if known.state is not None:
            self.asking.know_more(replace(known, state=with_found(known.state, event.found)))

    @on(Questionnaire.Focused)
    def _focused(self, event: Questionnaire.Focused) -> None:
        """Explain what is open. The event goes on to the app, which keeps the answers."""
        self._open = event.question
        self._glanced = event.known if event.item is None else replace(event.known, item=event.item)
        self.query_one(HelpPane).explain(event.question.help, event.explanation)
        self.show_beside()
        self.refresh_bindings()
