"""Which local secrets the answers name."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.answers import Answers
from wizard.secret import parse_reference


def references(answers: Answers) -> tuple[str, ...]:
    """Return every reference once, in the order of the answers; literals and items to remove are left out."""
    return tuple(dict.fromkeys(text for text in _named(answers) if text and parse_reference(text)))


def _named(answers: Answers) -> Iterator[str | None]:
    if answers.registry and answers.registry.external:
        yield answers.registry.external.password
    yield from (item.password for item in answers.docker_auth if not item.absent)
    yield from (getattr(item, "password", None) for item in answers.mirror)
    yield from (item.value for item in answers.variables if not item.absent)
