"""What the screens need from outside, and what they hand back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Stop
from typing import TYPE_CHECKING, Literal, Protocol

from wizard.commands.options import Common
from wizard.errors import Exit
from wizard.question import Draft
from wizard.references import without_typed

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.change import Plan
    from wizard.commands.opening import Prepared
    from wizard.events import Event, Finished
    from wizard.gateways.device_login import Invitation
    from wizard.kept_answers import KeptAnswers
    from wizard.lint import Verdict
    from wizard.lookups import Lookups
    from wizard.planning.options import PlanOptions
    from wizard.secret import Secret
    from wizard.session import Connection, ProjectSummary, Target
    from wizard.state import State


class Backend(Protocol):
    """The part of `wizard.session.Session` that the screens call, always in a thread."""

    target: Target

    def connect(self) -> Connection:
        """Say which GitLab this is and whose token."""

    def projects(self, search: str = "") -> tuple[ProjectSummary, ...]:
        """Return projects to choose from."""

    def discover(self, answers: Answers, secrets: Mapping[str, Secret] | None = None) -> State:
        """Read what is there."""

    def look_at(self, project: str) -> State:
        """Read what there is of a project."""

    def look_up(self, state: State, wanted: Lookups) -> State:
        """Return the state with what a question needs to know beside it."""

    def plan(
        self, answers: Answers, state: State, options: PlanOptions | None = None, answers_text: str | None = None
    ) -> Plan:
        """Return the plan."""

    def lint(self, plan: Plan, state: State) -> Verdict | None:
        """Return GitLab's verdict on the pipeline as it will be."""

    def apply(
        self, plan: Plan, secrets: Mapping[str, Secret], *, partial: bool = False, stop: Stop | None = None
    ) -> Iterator[Event]:
        """Make the plan's changes; the last event is `Finished`."""

    def undo_plan(self, answers: Answers) -> Plan:
        """Return what taking back the last apply would do."""

    def undo(self, plan: Plan, *, stop: Stop | None = None) -> Iterator[Event]:
        """Take back the last apply; the last event is `Finished`."""


class LocalSecrets(Protocol):
    """The part of `wizard.gateways.local_secrets.LocalSecrets` that the screens call."""

    def read_all(self, references: Iterable[str]) -> dict[str, Secret]:
        """Return every secret, or raise one error that names all that are missing."""

    def read_quietly(self, references: Iterable[str], allowed: Collection[str] = ()) -> dict[str, Secret]:
        """Return those secrets that can be read without a question."""

    def risk(self, text: str) -> str | None:
        """Say why reading this secret needs a typed yes."""


class CodeLogin(Protocol):
    """The part of `wizard.gateways.device_login.DeviceLogin` that the screens call, in a thread."""

    def begin(self) -> Invitation:
        """Ask GitLab for a code to type into a browser."""

    def finish(self, invitation: Invitation, stop: Stop) -> Secret | None:
        """Wait until somebody has decided; None where `stop` was set meanwhile."""


class Keeper(Protocol):
    """The part of `wizard.gateways.credentials.TokenKeeper` that the screens call, in a thread."""

    def can_keep(self) -> bool:
        """Whether there is a keyring that may be trusted."""

    def keep(self, token: Secret) -> None:
        """Keep the token for the next time."""

    def forget(self) -> None:
        """Take the kept token out."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the wizard begins with."""

    url: str
    """GitLab's own address, to show before the first request."""
    connect: Callable[[Secret | None], Backend]
    """Makes a session without any request, with the token that was typed or else the one that was found."""
    local: LocalSecrets
    draft: Draft = field(default_factory=Draft)
    """The answers that were given already."""
    answers_text: str | None = None
    """The answers file as it is; it stays so where nothing is answered differently."""
    project: str | None = None
    """The project that the options, the answers or `origin` name."""
    origin_project: str | None = None
    """The project that this work tree is a clone of."""
    notes: tuple[str, ...] = ()
    token_source: str = ""
    """Where the token was found; empty: nowhere, so it is asked for."""
    code_login: Callable[[], CodeLogin] | None = None
    """Begins a log-in by a code; None where no application is registered for it."""
    keeper: Keeper | None = None
    """Keeps a typed token, and takes it out again, when that is asked for."""
    kept: KeptAnswers | None = None
    """Where answers are kept for whoever leaves the wizard; None: nowhere."""
    options: Common = field(default_factory=Common)
    """The options of the command line, for the commands that do the same without the wizard."""
    leaving: Stop = field(default_factory=Stop)
    """To be set on leaving: what is being read then is given up, so that a silent server holds nobody back."""


def begun(ready: Prepared) -> Beginning:
    """Return what the wizard begins with on what was worked out from the command line."""
    from wizard.answers_file import draft_of  # noqa: PLC0415  # loaded by then, not with the first frame

    return Beginning(
        url=ready.target.url,
        connect=ready.connect,
        local=ready.local(ready.token),
        draft=draft_of(ready.given.document),
        answers_text=ready.given.text,
        project=ready.target.project,
        origin_project=ready.target.origin_project,
        notes=ready.notes,
        token_source=ready.token.source if ready.token else "",
        code_login=ready.code_login,
        keeper=ready.keeper,
        kept=ready.kept,
        options=replace(ready.common, repo=None if ready.demo else ready.common.repo),
        leaving=ready.leaving,
    )


Ending = Literal["left", "interrupted", "nothing", "applied", "undone", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the wizard ended."""

    ending: Ending
    exit: Exit
    draft: Draft
    """What was answered by then; without any secret."""
    finished: Finished | None = None
    kept: bool = False
    """Whether the answers lie on the disk for the next start."""


_NO_ANSWERS = Draft()


def left(draft: Draft = _NO_ANSWERS) -> Outcome:
    """Return the outcome of a wizard that was left with nothing changed."""
    return Outcome("left", Exit.INTERRUPTED, without_typed(draft))


def interrupted(draft: Draft = _NO_ANSWERS) -> Outcome:
    """Return the outcome of a wizard that a signal ended with nothing changed."""
    return Outcome("interrupted", Exit.INTERRUPTED, without_typed(draft))


def failed(beginning: Beginning | None) -> Outcome:
    """Return the outcome of a wizard that crashed."""
    return Outcome("failed", Exit.FAILED, beginning.draft if beginning else _NO_ANSWERS)


def ended(finished: Finished, draft: Draft) -> Outcome:
    """Return the outcome of an apply."""
    if finished.status == "interrupted":
        ending: Ending = "interrupted"
    elif finished.status == "nothing":
        ending = "nothing"
    else:
        ending = "failed" if finished.status in ("failed", "refused") else "applied"
    return Outcome(ending, Exit(finished.exit), without_typed(draft), finished)


def taken_back(finished: Finished, draft: Draft) -> Outcome:
    """Return the outcome of an undo."""
    outcome = ended(finished, draft)
    return replace(outcome, ending="undone") if outcome.ending in ("applied", "nothing") else outcome
