"""Every change that would be made, before any is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static

from screens.content import MUTED, line
from screens.help import Help
from screens.plan_page import PlanPage, in_project
from screens.planning import doable
from screens.save_plan import SavePlanScreen
from screens.widgets.change_list import Purpose
from screens.widgets.top_bar import Trail
from screens.without_wizard import WithoutWizardScreen
from wizard.change import Change, Plan
from wizard.lint import Verdict, warned
from wizard.output import plan_markdown

_INTRO = (
    "Nothing has been changed yet. These are exactly the changes that will be made, in groups; what is marked = is as "
    "wanted already. Applying asks once more."
)
_KEYS = (
    "Enter goes on to the confirmation. E goes back to the question behind the change under the cursor, and from there "
    "straight to this page again. / shows only what holds the words you type. D shows the details alone, Tab scrolls "
    "them. S saves the plan as a file, C copies it as Markdown, W shows the command line that does the same. O allows "
    "to write a file that stands in the way, where that is possible."
)
_REPLACEABLE = ("file-edited", "file-not-ours")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the plan: apply it, change an answer, or plan again with a permission for one file."""

    what: Literal["apply", "finish", "edit", "overwrite", "allow-dirty"]
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What the review asks for: the consent to apply, GitLab's verdict (in a thread), the commands that do the same."""

    agreed: Callable[[], Awaitable[bool]]
    lint: Callable[[], Verdict | None]
    commands: Callable[[], str]


class ReviewScreen(PlanPage[Decision]):
    """Shows the plan."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Apply …", id="review.go-on"),
        Binding("enter", "finish", "Finish", id="review.finish"),
        Binding("e", "edit", "Edit answer", id="review.edit"),
        Binding("o", "overwrite", "Overwrite", id="review.overwrite"),
        Binding("s", "save", "Save the plan", show=False, id="review.save"),
        Binding("c", "copy", "Copy as Markdown", show=False, id="review.copy"),
        Binding("w", "without", "Without the wizard", show=False, id="review.without"),
    ]

    class Judged(Message):
        """GitLab said what it thinks of the pipeline."""

        def __init__(self, verdict: Verdict | None) -> None:
            """Carry it; None: there is no pipeline to judge."""
            super().__init__()
            self.verdict = verdict

    def __init__(self, trail: Trail, plan: Plan, reviewing: Reviewing, at: Change | None = None) -> None:
        """Show this plan; `at`: the change that the cursor begins on."""
        super().__init__(trail, plan, at)
        self._reviewing = reviewing

    @property
    def purpose(self) -> Purpose:
        """Go on to the confirmation, where there is anything to confirm."""
        return "apply" if self.plan.pending else "finish"

    def headline(self) -> Content:
        """Say whether there is anything to do."""
        return in_project("These changes will be made" if self.plan.pending else "Nothing to do: all is as wanted",
                          self.plan)  # fmt: skip

    def notes(self) -> ComposeResult:
        """Yield the line for GitLab's verdict."""
        yield Static(classes="verdict")

    def help(self) -> Help:
        """Return how to read the plan."""
        return Help("Review", _INTRO, "Keys", _KEYS)

    def on_mount(self) -> None:
        """Ask GitLab for its verdict meanwhile."""
        self.query_one(".verdict").display = False
        self._judge()

    @work(thread=True, exit_on_error=False, group="lint", description="lint")
    def _judge(self) -> None:
        try:
            found = self._reviewing.lint()
        except Exception as error:  # whatever it is: the plan stands without the verdict, and the line must say so
            found = Verdict("unknown", why=type(error).__name__)
        self.post_message(self.Judged(found))

    @on(Judged)
    def _judged(self, message: Judged) -> None:
        verdict = message.verdict
        if verdict is None:
            return
        shown = self.query_one(".verdict", Static)
        shown.display = True
        shown.update(_said(verdict))
        if verdict.notice:
            self.take(warned(self.plan, verdict))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what fits the plan and the change under the cursor."""
        if not self.is_mounted:
            return True
        if action == "overwrite":
            return self._permission() is not None
        if action == "edit":
            return True if self.change and self.change.step else None
        if action in ("go_on", "finish") and bool(self.plan.pending) != (action == "go_on"):
            return False
        if action == "go_on" and not doable(self.plan):
            return None
        return super().check_action(action, parameters)

    def action_go_on(self) -> None:
        """Go on to the confirmation."""
        self.confirm(self._reviewing.agreed, Decision("apply"))

    def action_finish(self) -> None:
        """Go to the end: there is nothing to do."""
        self.dismiss(Decision("finish"))

    def action_edit(self) -> None:
        """Go back to the question behind the change."""
        self.dismiss(Decision("edit", self.change))

    def action_overwrite(self) -> None:
        """Allow the file under the cursor to be written."""
        permission = self._permission()
        if permission is not None:
            self.dismiss(permission)

    def action_save(self) -> None:
        """Ask for a file name and save the plan there."""
        self.app.push_screen(SavePlanScreen(self.plan))

    def action_copy(self) -> None:
        """Copy the plan as Markdown, through the terminal (OSC 52). It holds no secret, as no plan does."""
        self.app.copy_to_clipboard(plan_markdown.render(self.plan))
        self.notify(
            "Copied as Markdown. Where nothing arrives, the terminal does not allow it: "
            "registry-wizard plan --format markdown prints the same.",
            markup=False,
        )

    def action_without(self) -> None:
        """Show the command line that does the same."""
        self.app.push_screen(WithoutWizardScreen(self._reviewing.commands()))

    def _permission(self) -> Decision | None:
        conflict = self.change.conflict if self.change else None
        if conflict is None or self.change is None or self.change.kind != "file":
            return None
        if conflict.code in _REPLACEABLE:
            return Decision("overwrite", self.change)
        return Decision("allow-dirty", self.change) if conflict.code == "uncommitted" else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if not self.plan.pending:
            self.action_finish()
        elif self.check_action("go_on", ()):
            self.action_go_on()


def _said(verdict: Verdict) -> Content:
    match verdict.state:
        case "valid":
            more = f", and warns: {'; '.join(verdict.warnings)}" if verdict.warnings else ""
            return Content.assemble(("✓ ", "bold $text-success"), line(f"GitLab finds the pipeline valid{more}", MUTED))
        case "invalid":
            return Content.assemble(
                ("✗ ", "bold $text-error"), line("GitLab would refuse the pipeline: see the first warning")
            )
        case "unknown":
            return line(f"· GitLab did not judge the pipeline: {verdict.why}", MUTED)
