"""Keeps the answers while they are given, for whoever leaves the wizard or loses the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.errors import WizardError
from wizard.question import Draft
from wizard.references import without_typed

if TYPE_CHECKING:
    from wizard.kept_answers import Kept, KeptAnswers


KEPT = "your answers are kept: the next start offers to go on with them"
"""What somebody is told who leaves before an apply has come to its end."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Keeping:
    """The answers of one run, on their way to the disk.

    They are written at once, on the screens even on the event loop: a few hundred bytes, which must lie there before
    the next key is handled, because nothing announces a kill.
    """

    answers: KeptAnswers | None
    """None: nothing is kept."""
    failed: Callable[[WizardError], None]
    """Told once that the answers cannot be kept."""
    clock: Callable[[], datetime] = _now
    project: str | None = None
    """The project whose answers are kept; None until it is known, so that an earlier run's are not overwritten."""
    last: Draft | None = None
    kept: bool = False
    """Whether answers lie on the disk for the next start."""

    def find(self, project: str) -> Kept | None:
        """Return the answers of an earlier run, the first time that this project comes up."""
        return self.answers.find(project) if self.answers and self.project != project else None

    def begin(self, project: str, draft: Draft, *, kept: bool = False) -> None:
        """Keep what is answered for this project from now on; `kept`: these answers lie there already."""
        if not kept and self.answers:
            self.answers.forget(project)
        self.project, self.last, self.kept = project, draft, kept

    def keep(self, draft: Draft) -> None:
        """Keep these answers. Where that fails the wizard goes on."""
        if self.answers is None or self.project is None or draft == self.last:
            return
        self.last = draft
        try:
            self.answers.keep(self.project, without_typed(draft), self.clock())
        except WizardError as error:
            self.answers = None
            self.failed(error)
        else:
            self.kept = True

    def forget(self) -> None:
        """Keep nothing any more: the answers have served."""
        if self.answers and self.project:
            self.answers.forget(self.project)
        self.project, self.kept = None, False
