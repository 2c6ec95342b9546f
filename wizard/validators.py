"""Rules for single values, each as a function from a text to what is wrong with it (None: nothing).

The answers format, the plain prompts and the screens all ask these same functions.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from wizard.secret import parse_reference


def check_reference(value: str) -> str | None:
    """A secret is named, never written down."""
    if parse_reference(value) is None:
        return "name where the secret is: env:NAME, file:PATH, keyring:SERVICE/USER or ask"
    return None


def check_relative_path(value: str) -> str | None:
    """A path of the repository: relative, without `..`, on one line."""
    path = PurePosixPath(value)
    if not value or path.is_absolute() or ".." in path.parts or re.search(r"[\x00-\x1f\x7f\\]", value):
        return "must be a path inside the repository, relative and without '..'"
    return None


def check_host(value: str) -> str | None:
    """A registry host with an optional port, no scheme and no path."""
    if not re.fullmatch(r"(?!-)[A-Za-z0-9.-]{1,253}(?<!-)(:[0-9]{1,5})?", value):
        return "must be HOST or HOST:PORT, without a scheme or a path"
    return None


def check_project_path(value: str) -> str | None:
    """A full project path, as it stands in the address of the project."""
    part = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?"
    if not re.fullmatch(rf"{part}(?:/{part})+", value):
        return "must be a full project path such as group/project"
    return None


def check_one_line(value: str) -> str | None:
    """Text that becomes a YAML value, a label or a variable: printable and on one line."""
    if re.search(r"[\x00-\x1f\x7f]", value):
        return "must be one line of printable text"
    return None


def check_runner_tag(value: str) -> str | None:
    """A tag of a runner: GitLab splits lists of them at commas, and cuts blanks off."""
    if not value or value != value.strip() or "," in value or check_one_line(value):
        return "must be one tag of a runner: a line without commas and without blanks around it"
    return None


def check_agent(value: str) -> str | None:
    """The context name that the GitLab agent gives: path of its project, a colon, its name."""
    path, colon, name = value.rpartition(":")
    if not colon or check_project_path(path) or not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", name):
        return "must be PATH/OF/AGENT-PROJECT:AGENT-NAME"
    return None


def check_url(value: str) -> str | None:
    """An http(s) address without spaces."""
    if not re.fullmatch(r"https?://[^\s\"'<>\\`{}|^]+", value) or len(value) > 255:
        return "must be an http:// or https:// address of at most 255 characters"
    return None


def check_branch(value: str) -> str | None:
    """A branch name that git accepts (git-check-ref-format)."""
    bad = r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|^/|\.$|\.lock(?:/|$)|(?:^|/)\.|^-|^@$"
    if not value or re.search(bad, value):
        return "is not a branch name that git accepts"
    return None


def check_image(value: str) -> str | None:
    """A repository below a registry path with an optional tag or digest: `python:3.14`, `tools/lint@sha256:…`."""
    name = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    tail = r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
    if not re.fullmatch(rf"(?:{name}(?:/{name})*)?{tail}", value):
        return "must be an image below the project's registry path, lower case, with an optional :tag"
    return None


def check_repository(value: str) -> str | None:
    """A repository path in a registry, lower case, without tag."""
    if not value or check_image(value) or ":" in value or "@" in value:
        return "must be a repository path in lower case, without host and tag"
    return None


def check_regex(value: str) -> str | None:
    """A regular expression that RE2 accepts, as far as Python can tell."""
    if re.search(r"\(\?[=!<]|\\[1-9]", value):
        return "uses a look-around or a back reference, which RE2 does not have"
    try:
        re.compile(value)
    except re.error as error:
        return f"is not a regular expression: {error}"
    return None
