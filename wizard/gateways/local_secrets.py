"""Local secrets that the answers name by reference: read into memory when they are needed, and judged before that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wizard.errors import UsageError, WizardError
from wizard.gateways import os_keyring
from wizard.gateways.credentials import TOKEN_VARIABLES, Token
from wizard.secret import Reference, Secret, parse_reference

_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LocalSecrets:
    """The secrets of this machine, as seen from one repository.

    `ask` is called with what a value is for that somebody must type; None where nobody can be asked.
    """

    root: Path | None
    environ: Mapping[str, str]
    token: Token | None = None
    ask: Callable[[str], Secret] | None = None

    def read(self, text: str) -> Secret:
        """Return the secret; WizardError `secret-unavailable` where it is missing or empty, without showing any of it.

        UsageError for `ask` where nobody can be asked.
        """
        reference = parse_reference(text)
        if reference is None:
            raise UsageError("not-a-reference", "a secret is named by env:, file:, keyring: or ask, never written down")
        match reference.scheme:
            case "env":
                secret = Secret(self.environ.get(reference.rest, ""))
            case "file":
                secret = self._file(reference)
            case "keyring":
                secret = self._keyring(reference)
            case "ask":
                secret = self._asked(reference.rest)
        if not secret:
            raise _unavailable(text, "is empty" if self._is_there(reference) else "is not set")
        return secret

    def read_all(self, references: Iterable[str]) -> dict[str, Secret]:
        """Return every secret; where some are missing one error names them all."""
        found: dict[str, Secret] = {}
        missing: list[WizardError] = []
        for text in dict.fromkeys(references):
            try:
                found[text] = self.read(text)
            except UsageError:
                raise
            except WizardError as error:
                missing.append(error)
        if missing:
            raise WizardError("secret-unavailable", "; ".join(error.message for error in missing), missing[0].hint)
        return found

    def read_quietly(self, references: Iterable[str], allowed: Collection[str] = ()) -> dict[str, Secret]:
        """Return those secrets that can be read without a question and need no consent, or were `allowed`."""
        found: dict[str, Secret] = {}
        for text in references:
            reference = parse_reference(text)
            if reference is None or reference.scheme == "ask" or (self.risk(text) and text not in allowed):
                continue
            try:
                found[text] = self.read(text)
            except WizardError:
                continue
        return found

    def risk(self, text: str) -> str | None:
        """Say why reading this secret needs a typed yes; None where it does not.

        An answers file or a plan may come from somebody else, and could name a secret of this machine that has
        nothing to do with the project.
        """
        reference = parse_reference(text)
        if reference is None:
            return None
        if reference.scheme == "keyring":
            return "it is an entry of your keyring"
        if reference.scheme == "file" and self._outside(reference.rest):
            return "the file lies outside the repository"
        if reference.scheme == "env" and self._holds_the_token(reference.rest):
            return "it is the GitLab token itself"
        return None

    def _holds_the_token(self, name: str) -> bool:
        if name in TOKEN_VARIABLES or (self.token is not None and name == self.token.variable):
            return True
        return self.token is not None and Secret(self.environ.get(name, "")) == self.token.secret

    def _outside(self, path: str) -> bool:
        if self.root is None:
            return True
        return not (self.root / path).resolve().is_relative_to(self.root.resolve())

    def _is_there(self, reference: Reference) -> bool:
        return reference.scheme != "env" or reference.rest in self.environ

    def _file(self, reference: Reference) -> Secret:
        path = Path(reference.rest)
        if self.root is None and not path.is_absolute():
            raise _unavailable(str(reference), "is relative to a repository, and there is none")
        file = (self.root or Path("/")) / path
        if not file.is_file():
            raise _unavailable(str(reference), "is not a file" if file.exists() else "does not exist")
        try:
            if file.stat().st_size > _LARGEST:
                raise _unavailable(str(reference), f"is larger than {_LARGEST // 1024} KiB")
            return Secret(file.read_bytes().decode("utf-8").removesuffix("\n"))
        except OSError as error:
            raise _unavailable(str(reference), f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise _unavailable(str(reference), "is not text in UTF-8") from None

    def _keyring(self, reference: Reference) -> Secret:
        service, slash, user = reference.rest.rpartition("/")
        if not slash or not service or not user:
            raise _unavailable(str(reference), "must be keyring:SERVICE/USER")
        try:
            secret = os_keyring.look_up(service, user)
        except WizardError as error:
            raise _unavailable(str(reference), error.message) from None
        if secret is None:
            raise _unavailable(str(reference), "is not in the keyring")
        return secret

    def _asked(self, purpose: str) -> Secret:
        if self.ask is None:
            raise UsageError(
                "ask-without-terminal",
                "the answers say `ask` for a secret, and there is no terminal to ask in",
                "Name the secret by env:NAME or file:PATH, or run this in a terminal.",
            )
        return self.ask(purpose)


def _unavailable(reference: str, why: str) -> WizardError:
    return WizardError("secret-unavailable", f"{reference} {why}", "Set it, then run again.")
