"""The wizard in plain lines: questions, the plan, one confirmation, the changes."""

from __future__ import annotations

from dataclasses import replace

from wizard.answers_file import answers_of, draft_of
from wizard.answers_text import render
from wizard.asking import Asker, Prompt
from wizard.commands.apply import apply_shown
from wizard.commands.carrying_out import Carrying
from wizard.commands.given import Given
from wizard.commands.invocation import Invocation
from wizard.commands.opening import Work, opened
from wizard.commands.options import Changing
from wizard.commands.place import check_work_tree
from wizard.errors import InterruptedRunError, UsageError
from wizard.prompts import ask_all, choose, terminal_asker
from wizard.question import Choice, Draft, Known
from wizard.secret import Secret


def run(invocation: Invocation) -> int:
    """Ask everything, show the plan, and apply it after a yes."""
    if invocation.common.token_stdin:
        raise UsageError(
            "options-exclude", "--token-stdin takes stdin, which the questions need", "Use --token-file or a variable."
        )
    asker = terminal_asker()

    def ask_token(url: str) -> Secret:
        return asker.unseen(f"A token for {url} with the scope api (not shown)")

    with opened(invocation, ask_token=ask_token) as work:
        connection = work.session.connect()
        asker.say(f"GitLab {connection.instance.version_text}, as {connection.identity.username}.")
        work.local = replace(work.local, ask=lambda: asker.unseen("The value of the secret (not shown)"))
        work.given = _asked(work, asker)
        if work.answers.delivery.mode == "working-tree":
            check_work_tree(work.target, work.answers.project)
        plan = work.plan(Changing(), write_answers=True)
        carrying = Carrying(work.console, "text")
        return apply_shown(work, plan, Changing(), carrying, yes=False, ask=lambda text: _line(asker, text))


def _asked(work: Work, asker: Asker) -> Given:
    """Ask for the answers, beginning with those that were given."""
    before = draft_of(work.given.document)
    draft = _with_project(before, work, asker)
    state = work.session.discover(answers_of(draft), {})
    draft = ask_all(Known(draft, state), asker)
    document = {"version": 1, **draft.document}
    # A file that leaves the project to `origin` is not rewritten for saying the same by name.
    unchanged = draft in (before, before.put("project", work.target.project))
    text = work.given.text if unchanged and work.given.text else render(document)
    return Given(work.given.name, answers_of(draft), document, text)


def _with_project(draft: Draft, work: Work, asker: Asker) -> Draft:
    if work.target.project:
        return draft.put("project", work.target.project)
    projects = work.session.projects()
    if not projects:
        raise UsageError("no-project", "this token is a member of no project", "Name one with --project GROUP/PROJECT.")
    picked = choose(asker, "Which project is set up?", [Choice(found.path, found.path) for found in projects])
    if picked is None:
        raise InterruptedRunError("left", "left, nothing was changed")
    return draft.put("project", picked)


def _line(asker: Asker, text: str) -> str:
    reply = asker.ask(Prompt(text.strip(), "text", lambda typed: typed.strip(), optional=True))
    return reply if isinstance(reply, str) else ""
