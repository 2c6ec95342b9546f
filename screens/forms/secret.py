"""Where a secret is: a reference, or the value itself, typed unseen; the draft keeps it in memory, masked."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, OptionList, Static

from screens.content import line
from screens.forms.form import KEEP, Form, Reply, untouched
from screens.forms.text import Line
from screens.widgets.entering import Lead
from screens.widgets.rows import Row, Rows
from wizard import flow
from wizard.question import Known, Question
from wizard.replies import Problem
from wizard.secret import ASK, Reference, Secret, parse_reference

_WAYS = (
    Row("env", "environment variable", "its name; read when the changes are made"),
    Row("file", "file", "its path, in this repository or elsewhere"),
    Row("keyring", "keyring", "SERVICE/USER, in the keyring of this machine"),
    Row("ask", "type it now, unseen", "kept in memory until the changes are made"),
)
_PROMPTS = {"env": "name", "file": "path", "keyring": "service/user", "ask": "value"}


class SecretForm(Form):
    """Asks where a secret is."""

    asked: Question
    _known: Known | None = None
    _typed = False
    """Whether the value was typed already."""

    def widgets(self) -> ComposeResult:
        """Yield the ways, and the line that completes the chosen one."""
        yield Rows("one")
        yield Static(classes="prompt")
        yield Line()

    def show(self, known: Known) -> None:
        """Show the way that stands, and its reference; a typed value is never shown again."""
        self._known = known
        value = flow.value_of(self.asked, known)
        reference = Reference("ask") if isinstance(value, Secret) else parse_reference(str(value or ""))
        scheme = reference.scheme if reference else "env"
        self._typed = isinstance(value, Secret)
        self.query_one(Rows).fill(_WAYS, next(at for at, row in enumerate(_WAYS) if row.value == scheme))
        self.query_one(Line).value = reference.rest if reference else ""
        self._suit(scheme)
        answer = ("typed, kept in memory" if self._typed else "to be typed") if scheme == "ask" else str(value or "")
        self.answered(answer, recommended=untouched(self.asked, known))

    def reply(self, known: Known) -> Reply:
        """Return the reference, or the value that was typed; `ask` where it is left for later."""
        row, text = self.query_one(Rows).current, self.query_one(Line).value
        scheme = str(row.value) if row else "env"
        if scheme == "ask":
            return self._unseen(text, known)
        if not text.strip():
            return Problem(f"the {_PROMPTS[scheme]} is needed here")
        value = f"{scheme}:{text.strip()}"
        problem = self.asked.check(value)
        if problem:
            return Problem(problem)
        return KEEP if value == flow.value_of(self.asked, known) else value

    def lead(self, lead: Lead) -> None:
        """Enter on a way leads to the line below it, on the line further."""
        self.query_one(Line).leads = lead

    def _unseen(self, text: str, known: Known) -> Reply:
        if text:
            problem = self.asked.unseen(Secret(text), known)
            if problem:
                return Problem(problem)
            self.query_one(Line).value = ""
            return Secret(text)
        stands = flow.value_of(self.asked, known)
        return KEEP if isinstance(stands, Secret) or stands == ASK else ASK

    def explanation(self) -> str:
        """Return what the way under the cursor means."""
        row = self.query_one(Rows).current
        return f"{row.label}: {row.note}" if row else ""

    def _suit(self, scheme: str) -> None:
        typed = self.query_one(Line)
        typed.password = scheme == "ask"
        typed.placeholder = "typed already; empty keeps it" if scheme == "ask" and self._typed else ""
        self.query_one(".prompt", Static).update(_PROMPTS[scheme])

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        scheme = str(_WAYS[event.option_index].value)
        typed = self.query_one(Line)
        if typed.password != (scheme == "ask"):
            typed.value = ""  # a value typed unseen must not appear as a name, nor a name as a value
        self._suit(scheme)
        self.post_message(self.Explained(self))

    @on(OptionList.OptionSelected)
    def _way_taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one(Line).focus()

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        """Say while a value is typed unseen whether it will do."""
        event.stop()
        if event.input.password and event.value and self._known is not None:
            problem = self.asked.unseen(Secret(event.value), self._known)
            self.query_one(".prompt", Static).update(line(f"✗ {problem}" if problem else "✓ this value will do"))
        elif event.input.password:
            self.query_one(".prompt", Static).update(_PROMPTS["ask"])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Passed(self))
