"""From the common options to an open session: repository, answers, target, token, in this order.

What is wrong with the command line is told before anything is read from GitLab.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.answers import Answers
from wizard.commands.given import Given, read_given
from wizard.commands.invocation import Invocation
from wizard.commands.options import Changing, Common
from wizard.commands.place import find_place, find_target
from wizard.errors import UsageError
from wizard.gateways import credentials
from wizard.gateways.credentials import Token, TokenSearch
from wizard.gateways.local_secrets import LocalSecrets
from wizard.output.console import Console
from wizard.planning.options import PlanOptions
from wizard.references import references
from wizard.secret import Secret
from wizard.target import Target

if TYPE_CHECKING:
    from wizard.change import Plan
    from wizard.demo import Demo
    from wizard.session import Session

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
        return self.session.plan(self.answers, state, options, self.given.text)

    def asked(self) -> Secret:
        """Ask for the one value that the answers leave to be typed."""
        secret = self.console.ask_secret("Value of the secret that the answers leave open (not shown): ")
        self.console.hide([secret])
        return secret


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody who sits there can be asked while opening."""

    token: Callable[[str], Secret]
    """Asks for the token of the GitLab at this URL."""


@contextmanager
def opened(invocation: Invocation, *, saved: Plan | None = None, person: Person | None = None) -> Iterator[Work]:
    """Open a session for the common options, and close it.

    `saved` is a plan that names its own project. With a `person` the token may be asked for, and the project is left
    open, for the answers to say.
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
        target = find_target(common, place, given.answers, saved, choose=person is not None)
        console.detail(f"repository: {place.work_tree or 'none'}; answers: {given.name}")
        for note in target.notes:
            console.note(note)
        token = Token(demo.token, "the demo") if demo else _token(target, common, console, person)
        console.hide([token.secret])
        console.note(f"{target.project or 'no project yet'} on {target.url}, with the token from {token.source}")
        work = Work(
            console=console,
            session=_session(replace(target, project=None) if person else target, token, common, console, demo),
            target=target,
            given=given,
            local=LocalSecrets(place.work_tree, os.environ, token),
            demo=demo,
        )
        stack.callback(work.session.close)
        if console.interactive:
            work.local = replace(work.local, ask=work.asked)
        yield work


def check_demo(common: Common) -> None:
    """Refuse what the demo brings itself."""
    given = [f"--{name.replace('_', '-')}" for name in NOT_WITH_DEMO if getattr(common, name)]
    if common.demo and given:
        raise UsageError(
            "options-exclude",
            f"--demo brings its own GitLab, repository and token: it cannot be combined with {', '.join(given)}",
            "Leave one of them out.",
        )


def _token(target: Target, common: Common, console: Console, person: Person | None) -> Token:
    """Find the token of the target, ask for it where somebody can be asked, and say what was passed over."""
    search = TokenSearch(
        target.url,
        by_option=common.url is not None,
        environ=os.environ,
        home=Path.home(),
        stdin=console.read_input if common.token_stdin else None,
        file=common.token_file,
    )
    token = search.find()
    for note in search.notes:
        console.note(note)
    if token is None:
        if person is None:
            raise credentials.missing(target.url)
        token = Token(credentials.usable(person.token(target.url).reveal(), "what was typed"), "you")
    return token


def _session(target: Target, token: Token, common: Common, console: Console, demo: Demo | None) -> Session:
    from wizard.session import Session  # noqa: PLC0415  # the gateways are loaded when they are needed

    if common.ca_file and not common.ca_file.is_file():
        raise UsageError("ca-file", f"--ca-file {common.ca_file} is not a file", "Give a PEM file.")
    return Session(
        target,
        token.secret,
        ca_file=common.ca_file,
        waiting=lambda seconds, reason: console.note(f"waiting {seconds:g} s: {reason}"),
        journal_folder=demo.state if demo else None,
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
