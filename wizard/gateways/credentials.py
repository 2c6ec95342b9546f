"""The GitLab token: the sources in their order, the first hit wins. No message ever shows a value."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wizard.errors import WizardError
from wizard.gateways import credential_files, os_keyring
from wizard.secret import Secret
from wizard.target import origin_of

SERVICE = "registry-wizard"
"""Name of our entries in the keyring; their user is GitLab's URL."""
CLIENT_ID_VARIABLE = "REGISTRY_WIZARD_OAUTH_CLIENT_ID"
"""Holds the id of the OAuth application for log-in by a code; no secret."""
KEYRING = "the keyring"
"""The source of a token that was kept."""
TOKEN_VARIABLES = ("GITLAB_TOKEN", "GITLAB_PRIVATE_TOKEN")
_HOST_VARIABLES = ("GITLAB_URL", "GITLAB_HOST", "CI_SERVER_URL")
_LARGEST = 64 * 1024
HINT = (
    "Give one by --token-stdin, --token-file FILE, GITLAB_TOKEN, the keyring (service registry-wizard), "
    "or the configuration of python-gitlab or glab. It needs the scope `api`."
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it came from, in words for the user."""

    secret: Secret
    source: str
    variable: str | None = None
    """The environment variable that holds it."""


@dataclass(slots=True)
class TokenSearch:
    """One search for the token of one GitLab.

    `by_option` says that `url` was given by `--url`. `stdin` is read once, where `--token-stdin` was given.
    """

    url: str
    by_option: bool
    environ: Mapping[str, str]
    home: Path
    stdin: Callable[[], str] | None = None
    file: Path | None = None
    notes: list[str] = field(default_factory=list)
    """Sources that were passed over, and why."""

    def find(self) -> Token | None:
        """Return the first token; None where no source has one. WizardError for a source that was named and fails."""
        return next(self._sources(), None)

    def _sources(self) -> Iterator[Token]:
        if self.stdin is not None:
            yield Token(usable(self.stdin(), "--token-stdin"), "--token-stdin")
        if self.file is not None:
            yield Token(usable(self._read_file(self.file), f"the file {self.file}"), f"the file {self.file}")
        yield from self._environment()
        yield from self._keyring()
        for name, look in (("python-gitlab", credential_files.python_gitlab), ("glab", credential_files.glab)):
            found = look(self.url, self.environ, self.home)
            if found:
                yield Token(usable(found.secret.reveal(), str(found.file)), f"{name}'s {found.file}")

    def _environment(self) -> Iterator[Token]:
        for name in TOKEN_VARIABLES:
            value = self.environ.get(name)
            if not value:
                continue
            variable, host = self._allowed_host()
            if host != origin_of(self.url):
                self.notes.append(f"{name} is not used: {variable} says that it is for another GitLab than {self.url}")
                continue
            yield Token(usable(value, name), name, name)

    def _allowed_host(self) -> tuple[str, tuple[str, int]]:
        """Return the only host that a token from the environment may go to, and what says so."""
        if self.by_option:
            return "--url", origin_of(self.url)
        named = next((name for name in _HOST_VARIABLES if self.environ.get(name)), None)
        return (named, origin_of(self.environ[named])) if named else ("origin", origin_of(self.url))

    def _keyring(self) -> Iterator[Token]:
        try:
            secret = os_keyring.look_up(SERVICE, self.url)
        except WizardError as error:
            if error.code != "no-keyring":
                self.notes.append(f"{error.message}; it is passed over")
            return
        if secret:
            yield Token(usable(secret.reveal(), KEYRING), KEYRING)

    def _read_file(self, file: Path) -> str:
        try:
            if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                self.notes.append(f"{file} can be read by other users of this machine: chmod 600 {file}")
            with file.open(encoding="utf-8") as stream:
                return stream.read(_LARGEST)
        except OSError as error:
            raise WizardError("token-file", f"--token-file {file}: {error.strerror}", HINT) from None
        except UnicodeDecodeError:
            raise WizardError("token-file", f"--token-file {file} is not a text file", HINT) from None


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Keeps the token of one GitLab in the keyring, where the next search finds it."""

    url: str

    def can_keep(self) -> bool:
        """Whether this machine has a keyring that may be trusted."""
        return os_keyring.can_keep()

    def keep(self, token: Secret) -> None:
        """Keep the token, over one that was kept before. WizardError where the keyring does not."""
        os_keyring.keep(SERVICE, self.url, token)

    def forget(self) -> None:
        """Take the token out of the keyring. WizardError where it stays there."""
        os_keyring.forget(SERVICE, self.url)


def usable(text: str, source: str) -> Secret:
    """Return a token without the white space around it; WizardError where it cannot be one."""
    token = text.strip()
    if not token:
        raise WizardError("no-token", f"{source} is empty", HINT)
    if not re.fullmatch(r"[!-~]+", token):
        raise WizardError(
            "token-malformed",
            f"{source} does not hold a token alone: it has white space or characters that no token has",
            "Put only the token there.",
        )
    return Secret(token)


def missing(url: str) -> WizardError:
    """Build the error for a command that may not ask."""
    return WizardError("no-token", f"there is no token for {url}", HINT)
