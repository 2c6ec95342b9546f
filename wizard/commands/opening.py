"""From the common options to an open session: repository, answers, target, token, in this order.

What is wrong with the command line is told before anything is read from GitLab.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Stop
from typing import TYPE_CHECKING

from wizard.answers import Answers
from wizard.commands.given import Given, read_given
from wizard.commands.invocation import Invocation
from wizard.commands.options import Changing, Common
from wizard.commands.place import Place, find_place, find_target
from wizard.errors import UsageError
from wizard.gateways import credentials
from wizard.gateways.credentials import Token, TokenKeeper, TokenSearch
from wizard.gateways.local_secrets import LocalSecrets
from wizard.lint import warned
from wizard.output.console import Console
from wizard.planning.options import PlanOptions
from wizard.references import references
from wizard.secret import Secret, typed_question
from wizard.target import Target

if TYPE_CHECKING:
    from wizard.change import Plan
    from wizard.demo import Demo
    from wizard.gateways.device_login import DeviceLogin
    from wizard.kept_answers import KeptAnswers
    from wizard.session import Memory, Session

NOT_WITH_DEMO = ("repo", "url", "token_file", "token_stdin", "ca_file")


@dataclass(slots=True)
class Work:
    """An open session with all that belongs to it."""

    console: Console
    session: Session
    target: Target
    given: Given
    local: LocalSecrets
    demo: Demo | None = None
    secrets: dict[str, Secret] = field(default_factory=dict)
    """The local secrets that the last plan could look at."""

    @property
    def answers(self) -> Answers:
        """The answers that were given."""
        return self.given.answers

    def plan(self, changing: Changing, *, write_answers: bool = False) -> Plan:
        """Read what is there and plan; nothing is changed. `write_answers`: also over an answers file that is there."""
        options = PlanOptions(
            allow_dirty=changing.allow_dirty,
            overwrite=frozenset(changing.overwrite or ()),
            rotate=frozenset(changing.rotate or ()),
            write_answers=write_answers,
        )
        self.secrets = self.local.read_quietly(references(self.answers), changing.allow_secret or ())
        self.console.hide(self.secrets.values())
        state = self.session.discover(self.answers, self.secrets)
        plan = self.session.plan(self.answers, state, options, self.given.text)
        return warned(plan, self.session.lint(plan, state))

    def asked(self, purpose: str) -> Secret:
        """Ask for a value that the answers leave to be typed."""
        secret = self.console.ask_secret(f"{typed_question(purpose)}: ")
        self.console.hide([secret])
        return secret


@dataclass(slots=True)
class Prepared:
    """All that a session needs, worked out without asking GitLab or anybody."""

    console: Console
    common: Common
    place: Place
    given: Given
    target: Target
    token: Token | None
    """None: no source has one."""
    notes: tuple[str, ...] = ()
    demo: Demo | None = None
    leaving: Stop = field(default_factory=Stop)
    """Set when nobody waits for what is being read any more."""
    memory: Memory = field(default_factory=dict)
    """What was applied, so that it can be taken back after another log-in too."""

    def session(self, secret: Secret, *, project_open: bool = False, quiet: bool = False) -> Session:
        """Make a session; nothing is sent yet. `project_open`: the answers will say the project. `quiet`: no notes."""
        from wizard.session import Session  # noqa: PLC0415  # the gateways are loaded when they are needed

        self.console.hide([secret])
        return Session(
            replace(self.target, project=None) if project_open else self.target,
            secret,
            ca_file=self.common.ca_file,
            waiting=None if quiet else self._waiting,
            journal_folder=self.demo.state if self.demo else None,
            leaving=self.leaving,
            memory=self.memory,
        )

    def connect(self, typed: Secret | None) -> Session:
        """Make a session for the screens, with the token that was typed or else the one that was found."""
        secret = typed or (self.token.secret if self.token else None)
        if secret is None:
            raise credentials.missing(self.target.url)
        return self.session(secret, project_open=True, quiet=True)

    def work(self, token: Token, *, project_open: bool = False) -> Work:
        """Open a session with this token, with all that belongs to it."""
        work = Work(
            console=self.console,
            session=self.session(token.secret, project_open=project_open),
            target=self.target,
            given=self.given,
            local=self.local(token),
            demo=self.demo,
        )
        if self.console.interactive:
            work.local = replace(work.local, ask=work.asked)
        return work

    @property
    def code_login(self) -> Callable[[], DeviceLogin] | None:
        """Makes a log-in by a code; None where no application is registered for it, and in the demo."""
        client_id = os.environ.get(credentials.CLIENT_ID_VARIABLE)
        if not client_id or self.demo:
            return None

        def begin() -> DeviceLogin:
            from wizard.gateways.device_login import DeviceLogin  # noqa: PLC0415  # rarely needed

            return DeviceLogin(self.target.url, client_id, ca_file=self.common.ca_file)

        return begin

    @property
    def kept(self) -> KeptAnswers | None:
        """Where answers are kept for the next start; None for the demo, whose projects are gone by then."""
        from wizard.kept_answers import KeptAnswers  # noqa: PLC0415  # for the wizard alone

        return None if self.demo else KeptAnswers(self.target.url)

    @property
    def keeper(self) -> TokenKeeper:
        """Keeps a token that was typed, when that is asked for."""
        return TokenKeeper(self.target.url)

    def local(self, token: Token | None) -> LocalSecrets:
        """Return the local secrets as seen from here."""
        return LocalSecrets(self.place.work_tree, os.environ, token)

    def _waiting(self, seconds: float, reason: str) -> None:
        self.console.note(f"waiting {seconds:g} s: {reason}")


@contextmanager
def prepared(invocation: Invocation, *, saved: Plan | None = None, choose: bool = False) -> Iterator[Prepared]:
    """Work out repository, answers, target and token. `saved` is a plan that names its own project.

    With `choose` the project may stay open.
    """
    common, console = invocation.common, invocation.console
    check_demo(common)
    with ExitStack() as stack:
        demo = None
        if common.demo:
            from wizard.demo import running  # noqa: PLC0415  # the sandbox is for the demo alone

            demo = stack.enter_context(running(common.project, console))
            common = replace(common, repo=demo.repo, project=None)
        place = find_place(common)
        given = read_given(common, place.work_tree)
        target = find_target(common, place, given.answers, saved, choose=choose)
        if common.ca_file and not common.ca_file.is_file():
            raise UsageError("ca-file", f"--ca-file {common.ca_file} is not a file", "Give a PEM file.")
        console.detail(f"repository: {place.work_tree or 'none'}; answers: {given.name}")
        search = _search(target, common, console)
        token = Token(demo.token, "the demo") if demo else search.find()
        notes = (*target.notes, *search.notes)
        yield Prepared(console, common, place, given, target, token, notes, demo)


@contextmanager
def opened(invocation: Invocation, *, saved: Plan | None = None) -> Iterator[Work]:
    """Open a session for the common options, and close it. `saved` is a plan that names its own project."""
    with prepared(invocation, saved=saved) as ready:
        for note in ready.notes:
            ready.console.note(note)
        if ready.token is None:
            raise credentials.missing(ready.target.url)
        ready.console.note(whereabouts(ready.target, ready.token))
        work = ready.work(ready.token)
        with closing(work.session):
            yield work


def whereabouts(target: Target, token: Token) -> str:
    """Say, before the first request, where it goes and with what."""
    return f"{target.project or 'no project yet'} on {target.url}, with the token from {token.source}"


def check_demo(common: Common) -> None:
    """Refuse what the demo brings itself."""
    given = [f"--{name.replace('_', '-')}" for name in NOT_WITH_DEMO if getattr(common, name)]
    if common.demo and given:
        raise UsageError(
            "options-exclude",
            f"--demo brings its own GitLab, repository and token: it cannot be combined with {', '.join(given)}",
            "Leave one of them out.",
        )


def _search(target: Target, common: Common, console: Console) -> TokenSearch:
    return TokenSearch(
        target.url,
        by_option=common.url is not None,
        environ=os.environ,
        home=Path.home(),
        stdin=console.read_input if common.token_stdin else None,
        file=common.token_file,
    )


def not_with(saved: Path | None, given: dict[str, object]) -> None:
    """Refuse options that would change what a saved plan says."""
    named = [name for name, value in given.items() if value]
    if saved and named:
        raise UsageError(
            "options-exclude",
            f"a saved plan is applied as it stands: it cannot be combined with {', '.join(named)}",
            "Make a new plan with these options, or leave them out.",
        )
