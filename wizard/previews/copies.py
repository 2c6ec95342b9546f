"""Copies of the published image in other registries: what goes where, under which tag, and how the job logs in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.generate.pipeline import mirror_job_names, mirror_names
from wizard.planning.files import image_repository
from wizard.preview import Preview, Table
from wizard.previews.answers import answers_so_far
from wizard.question import Known
from wizard.questions.common import WHEN

_TAGS = {
    "tag": "the git tag, as v1.4.2",
    "default-branch": "the id of the commit",
    "manual": "the git tag, or else the id of the commit",
}
_NO_KEY = {
    "ecr": "by OIDC, as the role {role}: no key is stored",
    "gar": "by workload identity, as {service_account}: no key is stored",
    "acr": "by a federated credential of the application {client_id}: no key is stored",
}
_OPEN = "…"
_SAME = "The image itself is copied, all its platforms with it: the copy has the same digest, and the job checks that."


def copies(known: Known) -> Preview | None:
    """Return the copy under the cursor, or all of them; None while nothing is known of the project."""
    answers = answers_so_far(known, "registry")
    if known.state is None or answers is None:
        return None
    source = image_repository(answers, known.state)
    listed: Sequence[Mapping[str, Any]] = known.draft.get("mirror") or ()
    if known.item.get("to"):
        name = _name(known.item, listed)
        return Preview("This copy", (Table(("", ""), _one(known.item, name, source)), _SAME))
    title = "The copies of the image"
    if not listed:
        return Preview(title, (f"There are none yet. What is copied is what is published as {source}.", _SAME))
    rows = tuple((f"+ {_target(item)}", _tag(item), _log_in(item, "")) for item in listed)
    return Preview(title, (f"Copied from {source}:", Table(("to", "tag", "logs in"), rows), _SAME))


def _name(item: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of a copy by its place; one that is not on the list yet comes last."""
    kinds = [str(other.get("to", "")) for other in listed]
    at = next((number for number, other in enumerate(listed) if other == item), None)
    names = mirror_names(kinds if at is not None else [*kinds, str(item["to"])])
    return names[-1 if at is None else at]


def _one(item: Mapping[str, Any], name: str, source: str) -> tuple[tuple[str, str], ...]:
    job, user, password = mirror_job_names(name)
    words = {choice.value: choice.label for choice in WHEN}
    stored = (("variables", f"{user}, and {password}, masked and hidden"),) if item["to"] not in _NO_KEY else ()
    return (
        ("from", source),
        ("to", _target(item)),
        ("tag", _tag(item)),
        ("when", words.get(_when(item), _OPEN)),
        ("job", job),
        ("logs in", _log_in(item, password)),
        *stored,
    )


def _target(item: Mapping[str, Any]) -> str:
    return f"{item.get('registry') or _OPEN}/{item.get('repository') or _OPEN}"


def _when(item: Mapping[str, Any]) -> str:
    return str(item.get("when") or "tag")


def _tag(item: Mapping[str, Any]) -> str:
    return _TAGS.get(_when(item), _OPEN)


def _log_in(item: Mapping[str, Any], password: str) -> str:
    """Say how the job logs in; a password is never part of it, only the variable that holds it."""
    kept = _NO_KEY.get(str(item["to"]))
    if kept is not None:
        named = {name: item.get(name) or _OPEN for name in ("role", "service_account", "client_id")}
        return kept.format(**named)
    return f"as {item.get('username') or _OPEN}{f', with {password}' if password else ', by a stored password'}"
