"""Options that several commands share, declared once.

A command takes such a group as one parameter; `flattened` shows typer its fields as options of their own.
"""

from __future__ import annotations

import dataclasses
import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from wizard.errors import InterruptedRunError

Group = TypeVar("Group")
Option = typer.Option


def _version(wanted: bool) -> None:
    if wanted:
        raise VersionAsked


class VersionAsked(Exception):  # noqa: N818  # a request, not an error
    """Somebody gave `--version`."""


@dataclass(frozen=True, slots=True)
class Common:
    """Options of every command, valid before and after it."""

    repo: Annotated[
        Path | None,
        Option("--repo", metavar="DIR", help="The repository. Default: the git work tree around the current folder."),
    ] = None
    project: Annotated[
        str | None, Option("--project", metavar="PATH", help="The GitLab project. Default: from the answers or origin.")
    ] = None
    url: Annotated[
        str | None, Option("--url", metavar="URL", help="GitLab's address. Default: from the remote origin.")
    ] = None
    answers: Annotated[
        Path | None,
        Option("--answers", metavar="FILE", help="The answers. Default: .gitlab/registry-wizard.yml, if there."),
    ] = None
    set_: Annotated[
        list[str] | None,
        Option("--set", metavar="KEY=VALUE", help="One answer, laid over the file (repeatable)."),
    ] = None
    token_file: Annotated[
        Path | None, Option("--token-file", metavar="FILE", help="Read the GitLab token from a file.")
    ] = None
    token_stdin: Annotated[bool, Option("--token-stdin", help="Read the GitLab token from stdin.")] = False
    ca_file: Annotated[
        Path | None, Option("--ca-file", metavar="FILE", help="Certificates (PEM) to trust for GitLab.")
    ] = None
    demo: Annotated[bool, Option("--demo", help="Use an embedded simulated GitLab and a throwaway repository.")] = False
    verbose: Annotated[bool, Option("--verbose", help="Say more on stderr.")] = False
    version: Annotated[bool, Option("--version", help="Print the version.", is_eager=True, callback=_version)] = False

    def over(self, earlier: Common) -> Common:
        """Return both together; what stands here, later on the command line, wins. `--set` adds up in order."""
        values = {name: value for name, value in _values(self).items() if value is not None and value is not False}
        return Common(**{**_values(earlier), **values, "set_": [*(earlier.set_ or ()), *(self.set_ or ())]})

    def for_saved_plan(self) -> Common:
        """Return the options that go together with a saved plan."""
        return dataclasses.replace(self, answers=None, set_=None, demo=False)

    def arguments(self) -> list[str]:
        """Return these options as they are typed, for a command to run next."""
        named = {"--repo": self.repo, "--project": self.project, "--url": self.url, "--answers": self.answers}
        typed = [part for name, value in named.items() if value for part in (name, str(value))]
        typed += [part for value in self.set_ or () for part in ("--set", value)]
        if self.token_file:
            typed += ["--token-file", str(self.token_file)]
        typed += ["--token-stdin"] * self.token_stdin
        return typed + (["--ca-file", str(self.ca_file)] if self.ca_file else []) + ["--demo"] * self.demo


@dataclass(frozen=True, slots=True)
class Changing:
    """Options of plan and apply: what may be done beyond the ordinary. Command line only, never in the answers."""

    allow_dirty: Annotated[
        bool, Option("--allow-dirty", help="Also write files that have changes which are not committed.")
    ] = False
    overwrite: Annotated[
        list[str] | None,
        Option("--overwrite", metavar="PATH", help="Replace this generated file although it was edited (repeatable)."),
    ] = None
    partial: Annotated[bool, Option("--partial", help="Do what is possible, leave out what is held back.")] = False
    rotate: Annotated[
        list[str] | None,
        Option("--rotate", metavar="KEY[@SCOPE]", help="Write this secret again (repeatable)."),
    ] = None
    allow_secret: Annotated[
        list[str] | None,
        Option("--allow-secret", metavar="REF", help="Allow reading this local secret without asking (repeatable)."),
    ] = None

    def arguments(self) -> list[str]:
        """Return these options as they are typed, for a command to run next."""
        named = {"--overwrite": self.overwrite, "--rotate": self.rotate, "--allow-secret": self.allow_secret}
        repeated = [part for name, values in named.items() for value in values or () for part in (name, value)]
        return ["--allow-dirty"] * self.allow_dirty + ["--partial"] * self.partial + repeated


def command_line(command: str, *parts: list[str]) -> str:
    """Return a command of ours as it is typed in a shell."""
    return shlex.join(["registry-wizard", command, *(word for part in parts for word in part)])


def flattened(function: Callable[..., int]) -> Callable[..., int]:
    """Return the function with the fields of each option group among its parameters, as typer reads them."""
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, Any] = {
        name: kind for name, kind in hints.items() if name != "return" and dataclasses.is_dataclass(kind)
    }
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in groups:
            parameters += _parameters(groups[name])
        else:
            parameters.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))

    def call(**given: Any) -> int:
        # typer would end the run without a word; as our own error it is told like any other
        try:
            return function(**_grouped(given))
        except (KeyboardInterrupt, EOFError):
            raise InterruptedRunError("interrupted", "interrupted, nothing was changed") from None

    def _grouped(given: dict[str, Any]) -> dict[str, Any]:
        for name, kind in groups.items():
            values = {field.name: given.pop(field.name) for field in _fields(kind)}
            given[name] = kind(**values)
        return given

    call.__name__, call.__doc__ = function.__name__, function.__doc__
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect looks for
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def _parameters(kind: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in _fields(kind)
    ]


def _values(group: Any) -> dict[str, Any]:
    return {field.name: getattr(group, field.name) for field in _fields(group)}


def _fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind)
