"""Which local secrets the answers name.

`ask` alone says only that somebody types the value. Where more than one is left to be typed each must be told from the
others, so inside the program an `ask` also names its place in the answers: `ask:variables.SENTRY_DSN@*`. In a draft the
value that was typed stands where the file says `ask`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from wizard.answers import Answers, LoginMirror, Registry
from wizard.question import Draft
from wizard.secret import ASK, Secret, parse_reference

_EXTERNAL = "registry.external.password"
_IN_LISTS = {"docker_auth": "password", "mirror": "password", "variables": "value"}
"""The lists whose items hold a secret, and under which key."""


def references(answers: Answers) -> tuple[str, ...]:
    """Return every reference once, in the order of the answers; literals and items to remove are left out."""
    named = with_named_asks(answers)
    return tuple(dict.fromkeys(text for text in _named(named) if text and parse_reference(text)))


def with_named_asks(answers: Answers) -> Answers:
    """Let each `ask` name its place."""
    return replace(
        answers,
        registry=_external(answers.registry) if answers.registry else None,
        docker_auth=tuple(
            replace(item, password=_name(item.password, "docker_auth", item.host)) for item in answers.docker_auth
        ),
        mirror=tuple(
            replace(item, password=_name(item.password, "mirror", item.registry, item.repository))
            if isinstance(item, LoginMirror)
            else item
            for item in answers.mirror
        ),
        variables=tuple(
            replace(item, value=_name(item.value, "variables", item.key, item.scope)) for item in answers.variables
        ),
    )


def typed_in(draft: Draft) -> dict[str, Secret]:
    """Return the values that were typed, by the reference that stands for each of them in a plan."""
    external = draft.get(_EXTERNAL)
    found = {f"{ASK}:{_EXTERNAL}": external} if isinstance(external, Secret) else {}
    for section, key in _IN_LISTS.items():
        for item in _items(draft.document, section):
            if isinstance(item.get(key), Secret):
                found[_place(section, *_identity(section, item))] = item[key]
    return found


def without_typed(draft: Draft) -> Draft:
    """Return the draft as it may be written down: with `ask` instead of each typed value."""
    return Draft(_masked(draft.document))


def _external(registry: Registry) -> Registry:
    external = registry.external
    if external is None or external.password != ASK:
        return registry
    return replace(registry, external=replace(external, password=f"{ASK}:{_EXTERNAL}"))


def _name(text: Any, section: str, *identity: str) -> Any:
    return _place(section, *identity) if text == ASK else text


def _place(section: str, *identity: str) -> str:
    return f"{ASK}:{section}.{('@' if section == 'variables' else '/').join(identity)}"


def _identity(section: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    match section:
        case "docker_auth":
            return (str(item.get("host", "")),)
        case "mirror":
            return str(item.get("registry", "")), str(item.get("repository", ""))
    return str(item.get("key", "")), str(item.get("scope", "*"))


def _items(document: Mapping[str, Any], section: str) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in document.get(section) or () if isinstance(item, Mapping) and not item.get("absent"))


def _masked(value: Any) -> Any:
    if isinstance(value, Secret):
        return ASK
    if isinstance(value, Mapping):
        return {key: _masked(inner) for key, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list | tuple) else value


def _named(answers: Answers) -> Iterator[str | None]:
    if answers.registry and answers.registry.external:
        yield answers.registry.external.password
    yield from (item.password for item in answers.docker_auth if not item.absent)
    yield from (getattr(item, "password", None) for item in answers.mirror)
    yield from (item.value for item in answers.variables if not item.absent)
