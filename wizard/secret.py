"""Secrets, and the references by which an answers file names them without holding them."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast

from wizard.text import visible

MASK = "(sensitive)"

_SHORTEST_TO_MASK = 8
# A shorter value may well be a common word, and would be given away by being masked wherever that word stands.

Scheme = Literal["env", "file", "keyring", "ask"]
_SCHEMES = ("env", "file", "keyring", "ask")
ASK = "ask"
"""The reference to a value that somebody types, unseen."""


class Secret:
    """A value that no text form of the program ever shows.

    `str`, `repr` and format give a mask, pickling is refused, comparison takes constant time. `reveal` is the only way
    to the value and is called where it leaves for GitLab or a registry, nowhere else.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    __hash__ = None  # type: ignore[assignment]  # a hash would be a digest of the secret

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a secret is not pickled")


def masked(text: str, secrets: Iterable[Secret]) -> str:
    """Return `text` with these values masked wherever they stand: a server may quote what was sent to it."""
    for secret in secrets:
        value = secret.reveal()
        if len(value) >= _SHORTEST_TO_MASK:
            text = text.replace(value, MASK).replace(visible(value), MASK)
    return text


def _bytes(secret: Secret) -> bytes:
    # bytes of the environment that are no UTF-8 become lone surrogates; an encoding error would quote the whole value
    return secret.reveal().encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret lives: `env:NAME`, `file:PATH`, `keyring:SERVICE/USER`, `ask` or `ask:WHAT IT IS FOR`."""

    scheme: Scheme
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}" if self.rest else self.scheme


def parse_reference(text: str) -> Reference | None:
    """Read a reference; None where `text` is a literal (`literal:` escapes one that looks like a reference)."""
    if text == ASK:
        return Reference("ask")
    scheme, colon, rest = text.partition(":")
    if colon and rest and scheme in _SCHEMES:
        return Reference(cast("Scheme", scheme), rest)
    return None


def is_typed(text: str) -> bool:
    """Whether a reference stands for a value that somebody types."""
    reference = parse_reference(text)
    return reference is not None and reference.scheme == "ask"


def typed_question(purpose: str) -> str:
    """Return what to ask for a value that is typed unseen; `purpose` is its place in the answers."""
    return f"Value of {purpose or 'the secret that the answers leave open'} (not shown)"


def literal(text: str) -> str:
    """Return the value that a literal answer means."""
    return text.removeprefix("literal:")
