"""Asks for a file name and saves the plan there, to be applied later, exactly as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from screens.closing import Dialog
from screens.content import lines
from screens.failure import told
from screens.forms.text import Line
from wizard.change import Plan
from wizard.output import plan_document

_USUAL = "plan.json"


class SavePlanScreen(Dialog[None]):
    """The name of the file; a file that is there is replaced only when Enter is pressed twice."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", id="save.back")]

    def __init__(self, plan: Plan) -> None:
        """Save this plan."""
        super().__init__()
        self._plan = plan
        self._warned = ""

    def compose(self) -> ComposeResult:
        """What is saved, the line, what is wrong."""
        with Vertical(id="dialog"):
            yield Static("Save the plan", classes="title")
            yield Static(
                "It holds every change and no secret, and only you can read it. `registry-wizard apply` with its name "
                "makes exactly these changes, or refuses where something moved.",
                classes="text",
                markup=False,
            )
            yield Line()
            yield Static(classes="problem")

    def on_mount(self) -> None:
        """Propose a name."""
        self.query_one(Line).value = _USUAL

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.value.strip()
        if name and Path(name).expanduser().exists() and name != self._warned:
            self._warned = name
            self._complain(f"{name} is there already: Enter once more replaces it")
        elif name:
            self._save(Path(name).expanduser())

    @work(thread=True, exit_on_error=False, exclusive=True, group="save", description="save the plan")
    def _save(self, path: Path) -> None:
        try:
            plan_document.save(self._plan, datetime.now(UTC), path)
        except Exception as error:  # whatever it is, the dialog must say so
            problem = told(error)
            self.app.call_from_thread(self._complain, f"{problem.message}\n{problem.hint}")
        else:
            self.app.call_from_thread(self._saved, path)

    def _complain(self, text: str) -> None:
        self.query_one(".problem", Static).update(lines(f"✗ {text}"))

    def _saved(self, path: Path) -> None:
        self.app.notify(f"Saved. Apply it with: registry-wizard apply {path}", title="Plan", markup=False)
        self.dismiss(None)
