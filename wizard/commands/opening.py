"""From the common options to an open session: repository, answers, target, token, in this order.

What is wrong with the command line is told before anything is read from GitLab.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.answers import FILE, Answers
from wizard.answers_file import document_of, read_answers
from wizard.answers_text import render
from wizard.commands.invocation import Invocation
from wizard.commands.options import Changing, Common
from wizard.errors import UsageError
from wizard.gateways import credentials
from wizard.gateways.credentials import Token, TokenSearch
from wizard.gateways.git import Git, GitError
from wizard.gateways.local_secrets import LocalSecrets
from wizard.output.console import Console
from wizard.planning.options import PlanOptions
from wizard.references import references
from wizard.secret import Secret
from wizard.target import Target, resolve

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
    answers: Answers
    local: LocalSecrets
    answers_text: str | None = None
    """What the answers file should hold where there is none; None: none is written."""
    demo: Demo | None = None
    secrets: dict[str, Secret] = field(default_factory=dict)
    """The local secrets that the last plan could look at."""

    def plan(self, changing: Changing) -> Plan:
        """Read what is there and plan; nothing is changed."""
        options = PlanOptions(
            allow_dirty=changing.allow_dirty,
            overwrite=frozenset(changing.overwrite or ()),
            rotate=frozenset(changing.rotate or ()),
        )
        self.secrets = self.local.read_quietly(references(self.answers), changing.allow_secret or ())
        self.console.hide(self.secrets.values())
        state = self.session.discover(self.answers, self.secrets)
        return self.session.plan(self.answers, state, options, self.answers_text)

    def asked(self) -> Secret:
        """Ask for the one value that the answers leave to be typed."""
        secret = self.console.ask_secret("Value of the secret that the answers leave open (not shown): ")
        self.console.hide([secret])
        return secret


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the command works: a repository, or nothing but GitLab."""

    git: Git | None = None
    work_tree: Path | None = None


@contextmanager
def opened(invocation: Invocation, *, saved: Plan | None = None) -> Iterator[Work]:
    """Open a session for the common options, and close it. `saved` is a plan that names its own project."""
    common, console = invocation.common, invocation.console
    check_demo(common)
    with ExitStack() as stack:
        demo = None
        if common.demo:
            from wizard.demo import running  # noqa: PLC0415  # the sandbox is for the demo alone

            demo = stack.enter_context(running(common.project, console))
            common = replace(common, repo=demo.repo, project=None)
        place = _place(common)
        answers, text = _answers(common, place.work_tree)
        target = _target(common, place, answers, saved)
        for note in target.notes:
            console.note(note)
        token = Token(demo.token, "the demo") if demo else find_token(target, common, console)
        console.hide([token.secret])
        console.note(f"{target.project} on {target.url}, with the token from {token.source}")
        work = Work(
            console=console,
            session=_session(target, token, common, console, demo),
            answers=answers,
            local=LocalSecrets(place.work_tree, os.environ, token),
            answers_text=text,
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


def find_token(target: Target, common: Common, console: Console) -> Token:
    """Find the token of the target; WizardError where no source has one."""
    token = search_token(target, common, console)
    if token is None:
        raise credentials.missing(target.url)
    return token


def search_token(target: Target, common: Common, console: Console) -> Token | None:
    """Find the token of the target, and say which sources were passed over."""
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


def _place(common: Common) -> _Place:
    start = common.repo or Path.cwd()
    if not start.is_dir():
        raise UsageError("repo", f"--repo {start} is not a folder", "Name the top folder of a git work tree.")
    try:
        top = Git.top(start)
        if top is not None:
            return _Place(Git(top), top)
        if Git(start).exists():
            return _Place(Git(start))
    except GitError as error:
        if error.code != "git-missing" or common.repo:
            raise
    if common.repo:
        raise UsageError("repo", f"--repo {start} is not a git repository", "Name the top folder of a git work tree.")
    return _Place()


def _answers(common: Common, work_tree: Path | None) -> tuple[Answers, str | None]:
    """Read the answers, and the text to write where the repository has none. Flags alone never cause a file."""
    usual = work_tree / FILE if work_tree else None
    file = common.answers or (usual if usual and usual.exists() else None)
    sets = tuple(common.set_ or ())
    if file is None:
        answers = read_answers(None, name=FILE, sets=sets)
        return answers, None if sets else render(document_of(answers))
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError("answers-unreadable", f"{file} cannot be read: {error.strerror}", "Check --answers.") from None
    except UnicodeDecodeError:
        raise UsageError("answers-unreadable", f"{file} is not text in UTF-8", "Check --answers.") from None
    return read_answers(text, name=str(file), sets=sets), None if sets else text


def _target(common: Common, place: _Place, answers: Answers, saved: Plan | None) -> Target:
    target = resolve(
        project=common.project,
        answered=saved.project if saved else answers.project,
        url=common.url,
        origin=place.git.remote_url() if place.git else None,
        work_tree=place.work_tree,
    )
    if saved and (saved.url != target.url or saved.project != target.project):
        raise UsageError(
            "other-plan",
            f"the plan is for {saved.project} on {saved.url}, not for {target.project} on {target.url}",
            "Run it in that project's repository, or name both with --project and --url.",
        )
    return target


def not_with(saved: Path | None, given: dict[str, object]) -> None:
    """Refuse options that would change what a saved plan says."""
    named = [name for name, value in given.items() if value]
    if saved and named:
        raise UsageError(
            "options-exclude",
            f"a saved plan is applied as it stands: it cannot be combined with {', '.join(named)}",
            "Make a new plan with these options, or leave them out.",
        )
