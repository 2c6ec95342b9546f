"""Which project is set up: the one that was named first, others to search for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from screens.connect import Connected
from screens.content import MUTED, line
from screens.failure import told
from screens.forms.text import Line
from screens.help import Help
from screens.page import Page
from screens.widgets.project_facts import ProjectFacts
from screens.widgets.rows import Row, Rows
from screens.widgets.top_bar import Trail
from screens.widgets.trouble import Trouble
from wizard.errors import WizardError
from wizard.previews.roles import role_name
from wizard.state import Role
from wizard.validators import check_project_path

if TYPE_CHECKING:
    from wizard.session import ProjectSummary

_INTRO = "Everything that follows is about one project: its registry, its variables, its pipeline."
_NONE = "No project of yours has that name. A full path, such as group/project, can be typed as well."
_PAUSE = 0.3
"""Seconds without typing after which is searched."""


@dataclass(frozen=True, slots=True)
class Named:
    """The projects that are known before any search."""

    chosen: str | None
    """The answer that stands."""
    origin: str | None
    """The project that the work tree is a clone of."""


class ProjectScreen(Page[str]):
    """Asks for the project; closes with its full path."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "search", "Search", key_display="/", id="project.search")]

    class Found(Message):
        """GitLab answered a search."""

        def __init__(self, search: str, projects: Sequence[ProjectSummary]) -> None:
            """Carry what was found for a text."""
            super().__init__()
            self.search = search
            self.projects = tuple(projects)

    class Failed(Message):
        """The search failed."""

        def __init__(self, error: WizardError) -> None:
            """Carry why."""
            super().__init__()
            self.error = error

    def __init__(self, trail: Trail, connected: Connected, named: Named) -> None:
        """Choose among the projects of this connection."""
        super().__init__(trail)
        self._connected = connected
        self._named = named
        self._found: tuple[ProjectSummary, ...] = ()

    def body(self) -> ComposeResult:
        """Who is connected, the search, the projects."""
        with Container(id="sides"):
            with Vertical(id="choosing"):
                yield Static("Which project is set up?", classes="title")
                yield Static(self._who(), classes="intro")
                yield Line()
                yield Rows("one")
                yield Static("Looking for projects …", classes="status")
                yield Trouble()
            yield ProjectFacts(self._connected.backend.look_at, self._named.origin)

    def help(self) -> Help:
        """Return what is asked for here."""
        text = "Its full path, as in the address of its page: group/project. Type / to search, or a path to use it."
        return Help("Project", _INTRO, "Which project is set up?", text, topic="project")

    def on_mount(self) -> None:
        """Offer the named project at once, and look for others."""
        self.query_one(Line).placeholder = "/ search by name, or type a full path"
        self._offer("")
        self.query_one(Rows if self._named.chosen else Line).focus()
        self._search("")

    def action_search(self) -> None:
        """Go to the search line."""
        self.query_one(Line).focus()

    def _who(self) -> Content:
        instance, identity = self._connected.connection.instance, self._connected.connection.identity
        return line(f"Connected to GitLab {instance.version_text} as {identity.username}.", MUTED)

    def _offer(self, search: str) -> None:
        """Show what fits: the named project, what was found, and the typed path."""
        rows = {found.path: Row(found.path, found.path, _note(found, self._named)) for found in self._found}
        named = self._named.chosen
        if named and search.casefold() in named.casefold() and named not in rows:
            rows = {named: Row(named, named, "from origin" if named == self._named.origin else "as named"), **rows}
        if search and search not in rows and check_project_path(search) is None:
            rows[search] = Row(search, search, "as typed")
        listed = sorted(rows.values(), key=lambda row: row.value != named)
        self.query_one(Rows).fill(listed, 0)
        self._look()

    def _look(self) -> None:
        current = self.query_one(Rows).current
        self.query_one(ProjectFacts).look(str(current.value) if current else None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.has_focus:
            self._offer(event.value.strip())
            self._search(event.value.strip())

    @work(exclusive=True, group="pause", description="pause before searching")
    async def _search(self, text: str) -> None:
        if text:
            await asyncio.sleep(_PAUSE)
        self.query_one(".status", Static).update("Looking for projects …")
        self._ask(text)

    @work(thread=True, exit_on_error=False, exclusive=True, group="search", description="search")
    def _ask(self, text: str) -> None:
        try:
            found = self._connected.backend.projects(text)
        except Exception as error:  # whatever it is, the page must say so
            self.post_message(self.Failed(told(error)))
        else:
            self.post_message(self.Found(text, found))

    @on(Found)
    def _answered(self, event: Found) -> None:
        search = self.query_one(Line).value.strip()
        if event.search != search:
            return  # a slower answer to what was typed before
        chosen = self.query_one(Rows).current
        self._found = event.projects
        self._offer(search)
        rows = self.query_one(Rows)
        if chosen is not None:
            rows.highlighted = next((at for at, row in enumerate(rows.rows) if row.value == chosen.value), 0)
        self.remove_class("-trouble")
        self.query_one(Trouble).tell(None)
        told_now = "" if rows.rows else _NONE
        self.query_one(".status", Static).update(told_now)

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self.query_one(".status", Static).update("")
        self.add_class("-trouble")
        self.query_one(Trouble).tell(event.error)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        current = self.query_one(Rows).current
        if current is not None:
            self.dismiss(str(current.value))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._look()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(str(self.query_one(Rows).rows[event.option_index].value))


def _note(found: ProjectSummary, named: Named) -> str:
    """Say what the caller is there, in words."""
    role = "no role" if found.role < Role.GUEST else role_name(found.role)
    origin = " · from origin" if found.path == named.origin else ""
    return f"{found.visibility} · {role}{origin}"
