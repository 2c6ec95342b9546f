"""The wizard in plain lines: questions, the plan, one confirmation, the changes; and back at every point."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from wizard.answers_file import answers_of, answers_so_far, draft_of, text_of
from wizard.asking import BACK, Asker, Prompt, choose, menu, yes_or_no
from wizard.change import Plan
from wizard.commands.apply import apply_shown
from wizard.commands.carrying_out import Carrying
from wizard.commands.consent import agree
from wizard.commands.given import Given
from wizard.commands.invocation import Invocation
from wizard.commands.keeping import KEPT, Keeping
from wizard.commands.opening import Prepared, Work, prepared
from wizard.commands.options import Changing
from wizard.commands.place import check_work_tree, delivered
from wizard.commands.resuming import resumed
from wizard.commands.sign_in import sign_in
from wizard.conversation import Surroundings, ask_all
from wizard.errors import Exit, InterruptedRunError, UsageError, WizardError
from wizard.events import Finished
from wizard.next_steps import next_steps
from wizard.output import plan_text
from wizard.preview import FileText, Preview
from wizard.prompts import terminal_asker
from wizard.question import Choice, Draft, Known
from wizard.secret import typed_question
from wizard.state import State
from wizard.unanswered import left, told

T = TypeVar("T")
_YES_OR_NO = "[y/N]"


def run(invocation: Invocation) -> int:
    """Ask everything, show the plan, and apply it after a yes."""
    if invocation.common.token_stdin:
        raise UsageError(
            "options-exclude", "--token-stdin takes stdin, which the questions need", "Use --token-file or a variable."
        )
    asker = terminal_asker()
    asker.say(asker.how)
    with prepared(invocation, choose=True) as ready:
        for note in ready.notes:
            asker.say(f"Note: {note}.")
        work = sign_in(ready, asker)
        with closing(work.session):
            work.local = replace(work.local, ask=lambda purpose: asker.unseen(typed_question(purpose)))
            return _kept(ready, work, asker)


def _kept(ready: Prepared, work: Work, asker: Asker) -> int:
    """Go through it all, with the answers kept for whoever stops halfway or loses the terminal."""
    keeping = Keeping(ready.kept, lambda error: asker.say(f"{error}. The wizard goes on without."))
    try:
        return _Dialogue(work, asker, keeping).run()
    finally:
        if keeping.kept:
            work.console.note(KEPT)


def _new_files(plan: Plan) -> Preview | None:
    """Return the files that a plan makes, to be read on request: aloud they take longer than all the rest."""
    files = tuple(
        FileText(change.target, "\n".join(line[1:] for line in change.diff.splitlines()[2:] if line[:1] == "+"))
        for change in plan.pending
        if change.kind == "file" and change.action == "create" and change.diff
    )
    lines = sum(file.text.count("\n") + 1 for file in files)
    noun = "file" if len(files) == 1 else "files"
    return Preview(f"the {len(files)} new {noun}, {lines} lines", files) if files else None


class _WentBack(Exception):  # noqa: N818  # a wish, not an error
    """Somebody wants to look at the questions again."""


@dataclass(slots=True)
class _Dialogue:
    """From the project to the end."""

    work: Work
    asker: Asker
    keeping: Keeping
    state: State | None = None
    """What there is of the project."""

    def run(self) -> int:
        """Ask, plan and apply until there is nothing to go back for. Returns the exit code."""
        before = draft_of(self.work.given.document)
        draft = self._begun(before)
        self.state = self._persistently(lambda: self.work.session.discover(answers_so_far(draft, before), {}))
        around = Surroundings(self.work.session.look_up, self.keeping.keep, self._moved)
        at_the_end = False
        while True:
            draft = ask_all(Known(draft, self.state), self.asker, around, at_the_end=at_the_end)
            self.work.given = self._given(draft, before)
            try:
                plan = self._persistently(self._plan, back=True)
                return self._apply(plan)
            except _WentBack:
                at_the_end = True

    def _moved(self, known: Known) -> Known:
        """Look at the project that the answers name now, and offer what was kept for it."""
        target = self.work.target
        draft = delivered(known.draft, target)
        self.state = self.work.session.discover(answers_so_far(draft, Draft()), {})
        return Known(delivered(resumed(self.asker, self.keeping, draft) or draft, target), self.state)

    def _begun(self, before: Draft) -> Draft:
        """Return the answers to begin with: those that are given, or those of an earlier run."""
        while True:
            target = self.work.target
            draft = resumed(self.asker, self.keeping, delivered(self._with_project(before), target))
            if draft is not None:
                return delivered(draft, target)
            if self.work.target.project:
                raise left()

    def _with_project(self, draft: Draft) -> Draft:
        work = self.work
        if work.target.project:
            return draft.put("project", work.target.project)
        projects = self._persistently(work.session.projects)
        if not projects:
            raise UsageError(
                "no-project", "this token is a member of no project", "Name one with --project GROUP/PROJECT."
            )
        choices = tuple(Choice(found.path, found.path) for found in projects)
        with told():
            picked = self.asker.ask(replace(menu("Which project is set up?", choices, ""), recommended=None))
        if picked is BACK:
            raise left()
        return draft.put("project", picked)

    def _given(self, draft: Draft, before: Draft) -> Given:
        """Return the answers; a file that nothing was answered differently from keeps its text."""
        given, document = self.work.given, {"version": 1, **draft.document}
        text = text_of(draft, given.text, before, self.work.target.project)
        return Given(given.name, answers_of(draft), document, text)

    def _plan(self) -> Plan:
        work = self.work
        if work.answers.delivery.mode == "working-tree":
            check_work_tree(work.target, work.answers.project)
        return work.plan(Changing(), write_answers=True)

    def _apply(self, plan: Plan) -> int:
        """Show the plan, apply it after a yes, and after a failure do what is wished."""
        while True:
            carrying = Carrying(self.work.console, "text")
            ask = partial(self._line, beside=_new_files(plan))
            code = apply_shown(self.work, plan, Changing(), carrying, yes=False, ask=ask, brief=True)
            finished = carrying.finished
            if finished and finished.status in ("done", "nothing"):
                self.keeping.forget()
                self._tell_next_steps(plan, finished)
            if finished is None or finished.status != "failed":
                return code
            what = self._after_failure(made=bool(finished.done))
            if what == "stop":
                return code
            if what == "undo":
                return self._take_back(code)
            plan = self._persistently(self._plan)

    def _tell_next_steps(self, plan: Plan, finished: Finished) -> None:
        if not self.work.demo:  # whose GitLab ends with it
            for word, step in next_steps(plan, finished.done, finished.left):
                self.asker.say(f"{word}: {step}")

    def _after_failure(self, *, made: bool) -> str:
        again = Choice("again", "plan again, and make what is left")
        undo = Choice("undo", "take back what was made")
        stop = Choice("stop", "stop here", "What was made stands." if made else "")
        try:
            what = choose(self.asker, "What now?", (again, undo, stop) if made else (again, stop))
        except (UsageError, InterruptedRunError):  # nobody answers any more: what was told stands
            return "stop"
        return what or "stop"

    def _take_back(self, code: int) -> int:
        """Undo what this run made. The run itself stays a failed one, now with nothing changed."""
        work = self.work
        plan = work.session.undo_plan(work.answers)
        work.console.preview(plan_text.render(plan))
        try:
            agree(work, plan, yes=False, allowed=(), question="Take this back?", ask=self._line)
        except (InterruptedRunError, _WentBack):
            return code
        undone = Carrying(work.console, "text").out(lambda stop: work.session.undo(plan, stop=stop))
        return Exit.FAILED if undone == Exit.DONE else Exit.PARTIAL

    def _line(self, text: str, beside: Preview | None = None) -> str:
        """Ask for the consent to something, as yes or no where that is enough, else as a typed text."""
        question = text.strip()
        if question.endswith(_YES_OR_NO):
            prompt = replace(yes_or_no(question.removesuffix(_YES_OR_NO).rstrip()), beside=beside)
        else:
            prompt = Prompt(question, "text", lambda typed: typed.strip(), optional=True)
        with told():
            reply = self.asker.ask(prompt)
        if reply is BACK:
            raise _WentBack
        return reply if isinstance(reply, str) else "yes" if reply is True else ""

    def _persistently(self, attempt: Callable[[], T], *, back: bool = False) -> T:
        """Try until it works or somebody gives up; `back`: going back to the questions may help, too.

        The error itself, where nobody is there to answer.
        """
        while True:
            try:
                return attempt()
            except InterruptedRunError:
                raise
            except WizardError as error:
                self._what_now(error, back=back)

    def _what_now(self, error: WizardError, *, back: bool) -> None:
        self.asker.say(f"That did not work: {error.message}\n{error.hint}".rstrip())
        again = Choice("again", "try again")
        questions = Choice("questions", "change the answers")
        leave = Choice("leave", "leave", "Nothing was changed.")
        choices = (questions, again, leave) if back and isinstance(error, UsageError) else (again, questions, leave)
        offered = tuple(choice for choice in choices if back or choice is not questions)
        try:
            what: Any = choose(self.asker, "What now?", offered)
        except UsageError:
            raise error from None
        if what == "questions" or (what is None and back):
            raise _WentBack
        if what != "again":
            raise left()
