"""What there is of the project under the cursor, and what it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import on, work
from textual.message import Message

from screens.failure import told
from screens.widgets.preview_pane import PreviewPane
from wizard.preview import Preview
from wizard.previews.project import project_facts
from wizard.state import State

_PAUSE = 0.3
"""Seconds that the cursor rests before anything is read."""


class ProjectFacts(PreviewPane):
    """The facts of one project at a time, each read once."""

    class Looked(Message):
        """A project was looked at."""

        def __init__(self, path: str, shown: Preview) -> None:
            """Carry what there is to show."""
            super().__init__()
            self.path = path
            self.shown = shown

    def __init__(self, look_at: Callable[[str], State], clone_of: str | None) -> None:
        """Look with `look_at`, in a thread; the work tree is a clone of `clone_of`."""
        super().__init__()
        self._clone_of = clone_of
        self._look_at = look_at
        self._seen: dict[str, Preview] = {}
        self._path = ""

    def look(self, path: str | None) -> None:
        """Show this project as soon as the cursor rests on it; None: there is none."""
        if path == self._path:
            return
        self._path = path or ""
        self.show(self._seen.get(self._path) or (Preview(self._path, ("Looking at it …",)) if path else None))
        if path and path not in self._seen:
            self._wait(path)

    @work(exclusive=True, group="rest", description="rest before looking")
    async def _wait(self, path: str) -> None:
        await asyncio.sleep(_PAUSE)
        self._read(path)

    @work(thread=True, exit_on_error=False, group="look", description="look at a project")
    def _read(self, path: str) -> None:
        try:
            shown = project_facts(self._look_at(path), self._clone_of)
        except Exception as error:  # whatever it is, the page must say so
            problem = told(error)
            shown = Preview(path, (f"✗ {problem.message}", *([problem.hint] if problem.hint else [])))
        self.post_message(self.Looked(path, shown))

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        self._seen[event.path] = event.shown
        if event.path == self._path:
            self.show(event.shown)
