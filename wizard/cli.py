"""The command line: commands, the choice of the front end, exit codes. Each command is imported when it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wizard.commands.invocation import Invocation
from wizard.commands.options import Changing, Common, VersionAsked, flattened
from wizard.commands.signals import as_interrupt
from wizard.errors import Exit, InterruptedRunError, UsageError, WizardError
from wizard.output.console import Console
from wizard.release import release

if TYPE_CHECKING:
    from socket import socket

    from wizard.commands.opening import Prepared
    from wizard.events import Finished

# ruff: noqa: PLC0415 - every command imports what it needs when it runs, so that none waits for another's libraries

_USAGE: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for any wrong usage."""
_HELP = "Sets a GitLab project up for private container images: shows every change first, applies it, proves it."

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, help=_HELP)
answers_app = typer.Typer(rich_markup_mode=None, help="The format of the answers file.")
app.add_typer(answers_app, name="answers")

TextOrJson = Literal["text", "json"]
Format = Literal["text", "json", "markdown"]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


def run(arguments: Sequence[str], console: Console | None = None) -> int:
    """Run one command line and return its exit code; whatever goes wrong is told on stderr."""
    console = console or Console()
    try:
        with as_interrupt():
            code = _parsed(list(arguments), console)
        return Exit.FAILED if console.lost and code == Exit.DONE else code
    except VersionAsked:
        console.result(release())
        return Exit.DONE
    except (KeyboardInterrupt, InterruptedRunError) as ending:
        console.note(getattr(ending, "message", "") or "interrupted, nothing was changed")
        return Exit.INTERRUPTED
    except WizardError as error:
        console.failure(error)
        return error.exit
    except _USAGE as error:
        console.failure(_usage(error))
        return Exit.USAGE
    except Exception as error:  # the last line of defence: no traceback without --verbose, no secret in it
        console.crash(error)
        return Exit.FAILED


def _parsed(arguments: list[str], console: Console) -> int:
    """Let typer parse and call; it turns KeyboardInterrupt into a code of its own."""
    returned = app(arguments, prog_name="registry-wizard", standalone_mode=False, obj=Invocation(console))
    return returned if isinstance(returned, int) else Exit.DONE


def _usage(error: Exception) -> UsageError:
    if getattr(error, "option_name", None) == "--token":
        return UsageError(
            "token-on-command-line",
            "there is no --token: a secret on the command line is visible to every user of the machine",
            "Use --token-stdin, --token-file FILE or the variable GITLAB_TOKEN.",
        )
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "registry-wizard"
    said = error.format_message() if hasattr(error, "format_message") else str(error)
    return UsageError("usage", said, f"{command} --help shows what there is.")


def _invocation(context: typer.Context, common: Common) -> Invocation:
    """Lay the options of this place over the earlier ones."""
    invocation: Invocation = context.obj
    invocation.common = common.over(invocation.common)
    invocation.console.verbose = invocation.common.verbose
    return invocation


def _command(parent: typer.Typer, name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    def declare(function: Callable[..., int]) -> Callable[..., int]:
        parent.command(name)(flattened(function))
        return function

    return declare


@app.callback(invoke_without_command=True)
@flattened
def bare(
    context: typer.Context,
    common: Common,
    plain: Annotated[bool, typer.Option("--plain", help="Ask in plain lines instead of screens.")] = False,
) -> int:
    """Set a GitLab project up for private container images: every change is shown first, applied, and proved.

    Without a command: the wizard.
    """
    invocation = _invocation(context, common)
    if context.invoked_subcommand is not None:
        if plain:
            raise UsageError("options-exclude", "--plain is for the wizard, which runs without a command")
        return Exit.DONE
    from wizard.commands import wizard

    return wizard.run(invocation, _on_screens, plain=plain)


def _on_screens(prepare: Callable[[], Prepared], console: Console) -> tuple[Exit, Finished | None]:
    """Run the screens on what `prepare` works out. Only here does the core know of them."""
    from screens.app import run as run_screens

    outcome = run_screens(prepare)
    if outcome.kept:
        from wizard.commands.keeping import KEPT

        console.note(KEPT)
    return outcome.exit, outcome.finished


@_command(app, "plan")
def plan(
    context: typer.Context,
    common: Common,
    changing: Changing,
    form: Annotated[Format, typer.Option("--format", help="How the plan is printed.")] = "text",
    out: Annotated[Path | None, typer.Option("--out", metavar="PLAN.json", help="Also save the plan.")] = None,
    detailed_exitcode: Annotated[bool, typer.Option("--detailed-exitcode", help="Exit 2 on pending changes.")] = False,
) -> int:
    """Show every change, make none."""
    from wizard.commands import plan as command

    return command.run(_invocation(context, common), changing, form, out, detailed=detailed_exitcode)


@_command(app, "apply")
def apply(
    context: typer.Context,
    common: Common,
    changing: Changing,
    saved: Annotated[Path | None, typer.Argument(metavar="[PLAN.json]", help="A plan saved by plan --out.")] = None,
    form: Annotated[TextOrJson, typer.Option("--format", help="How the events are printed.")] = "text",
    yes: Yes = False,
) -> int:
    """Make the changes: those of a new plan, or exactly those of a saved one."""
    from wizard.commands import apply as command

    return command.run(_invocation(context, common), changing, saved, form, yes=yes)


@_command(app, "undo")
def undo(
    context: typer.Context,
    common: Common,
    form: Annotated[TextOrJson, typer.Option("--format", help="How the events are printed.")] = "text",
    yes: Yes = False,
) -> int:
    """Take back what the last apply on this project did."""
    from wizard.commands import undo as command

    return command.run(_invocation(context, common), form, yes=yes)


@_command(app, "doctor")
def doctor(
    context: typer.Context,
    common: Common,
    images: Annotated[bool, typer.Option("--images", help="Say which generated image versions are old.")] = False,
) -> int:
    """Check that the set-up does what it is for."""
    from wizard.commands import doctor as command

    invocation = _invocation(context, common)
    return command.run_images(invocation) if images else command.run(invocation)


@_command(app, "explain")
def explain(
    context: typer.Context,
    common: Common,
    topic: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="A page; without one, all are listed.")] = None,
) -> int:
    """Explain a concept: the help pages of the wizard, as text."""
    from wizard.commands import explain as command

    return command.run(_invocation(context, common), topic)


@_command(app, "sandbox")
def sandbox(
    context: typer.Context,
    common: Common,
    world: Annotated[Path | None, typer.Option("--world", metavar="FILE", help="Default: the demo's world.")] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 0,
    control: Annotated[bool, typer.Option("--control", help="Allow looking at and replacing the world.")] = False,
    signing_key: Annotated[
        Path | None, typer.Option("--signing-key", metavar="DIR", help="Keep the key of the registry tokens there.")
    ] = None,
) -> int:
    """Serve a simulated GitLab on this machine."""
    from wizard.commands import sandbox as command

    return command.run(_invocation(context, common), world, port, signing_key, control=control)


@_command(app, "serve")
def serve(
    context: typer.Context,
    common: Common,
    host: Annotated[str, typer.Option("--host", help="Where to listen. Default: this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8000,
) -> int:
    """Serve the wizard as a page for browsers (needs the extra `web`)."""
    from wizard.commands import serve as command

    return command.run(_invocation(context, common), _in_browsers, host, port)


def _in_browsers(session: str, listening: socket, only_local: bool) -> None:
    """Serve a command as a page. Like the screens, only the command line knows of it."""
    from wizard.commands.serve import missing

    try:
        from screens.web import loopback_names
        from screens.web import serve as serve_pages
    except ModuleNotFoundError:
        raise missing() from None
    serve_pages(session, listening, loopback_names() if only_local else None)


@answers_app.callback()
@flattened
def answers(context: typer.Context, common: Common) -> int:
    """Explain and check the format of the answers file."""
    _invocation(context, common)
    return Exit.DONE


@_command(answers_app, "schema")
def answers_schema(context: typer.Context, common: Common) -> int:
    """Print the JSON Schema of the answers file; it states every default."""
    from wizard.commands import answers as command

    return command.schema(_invocation(context, common))


@_command(answers_app, "example")
def answers_example(context: typer.Context, common: Common) -> int:
    """Print an answers file with every section."""
    from wizard.commands import answers as command

    return command.example(_invocation(context, common))


@_command(answers_app, "check")
def answers_check(context: typer.Context, common: Common, file: Annotated[Path, typer.Argument(metavar="FILE")]) -> int:
    """Check an answers file; everything wrong with it is told at once."""
    from wizard.commands import answers as command

    return command.check(_invocation(context, common), file)
