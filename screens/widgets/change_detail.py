"""All there is to say about one warning or change."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens import code
from screens.content import MUTED, line, lines
from screens.widgets.change_list import COLOURS, Entry
from wizard.change import Change, Notice
from wizard.output.plan_text import SYMBOLS, fields


class ChangeDetail(VerticalScroll):
    """Fields before and after, the diff of a file, or the file where it is new."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static()

    def show(self, entry: Entry | None) -> None:
        """Show this one, from its beginning."""
        self.query_one(Static).update(Content("\n").join(_told(entry)))
        self.scroll_home(animate=False)


def _told(entry: Entry | None) -> Iterator[Content]:
    if isinstance(entry, Notice):
        yield Content.assemble(("! ", "bold $text-warning"), (entry.code, "bold"))
        yield lines(entry.message)
        if entry.hint:
            yield lines(entry.hint, MUTED)
    elif entry is not None:
        yield from _change(entry)


def _change(change: Change) -> Iterator[Content]:
    yield Content.assemble(
        (f"{SYMBOLS[change.action]} {change.action}  ", f"bold {COLOURS[change.action]}"), line(change.id, "bold")
    )
    yield line(change.summary)
    if change.target not in change.id:
        yield line(f"on {change.target}", MUTED)
    if change.blocked:
        yield line(f"✗ held back: needs {change.blocked.needs} on {change.blocked.on}", "$text-error")
    if change.conflict:
        yield lines(f"✗ held back: {change.conflict.message}", "$text-error")
        yield lines(change.conflict.hint, MUTED)
    yield Content("")
    if change.diff is not None:
        yield code.diff(change.target, change.diff)
    elif change.pending:
        yield from (line(field) for field in fields(change))
    else:
        yield line("It is as wanted: nothing to do.", MUTED)
