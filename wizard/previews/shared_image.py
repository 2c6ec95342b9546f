"""Job token or deploy token for an image of another project, beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wizard.advice import Advice, advise, covering_group, open_to_all
from wizard.advice import Option as Way
from wizard.answers import Pull
from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Option, Preview
from wizard.previews.roles import role_name
from wizard.question import Known
from wizard.state import Role, SourceState, State, Unknown
from wizard.validators import check_project_path

_NAMES = {"job-token": "by job token", "deploy-token": "by deploy token"}


def needed(known: Known, items: Iterable[Mapping[str, Any]]) -> Lookups:
    """Wish for the projects of these items that nobody has looked at."""
    if known.state is None:
        return NOTHING_MORE
    paths = dict.fromkeys(str(item.get("project") or "") for item in items)
    return Lookups(sources=tuple(path for path in paths if _is_path(path) and path not in known.state.sources))


def ways_in(known: Known) -> Preview | None:
    """Return how the pipeline could be let into the project of the item, the recommended way first."""
    path, state = str(known.item.get("project") or ""), known.state
    if state is None or not _is_path(path) or known.item.get("absent"):
        return None
    source, title = state.sources.get(path), f"How the pipeline gets into {path}"
    told = f"Looking at {path} …" if source is None else _nothing_to_choose(source, state)
    if source is None or told:
        return Preview(title, (told,), told)
    advice = advise(Pull(project=path, with_=_way(known.item.get("with"))), source, state)
    recommended = _recommended(advice)
    return Preview(title, (*_state_of(source, state), recommended, tuple(map(_option, advice.options))), recommended)


def _nothing_to_choose(source: SourceState, state: State) -> str:
    if source.project is None:
        return _missing(source)
    if source.project.id == state.project.id:
        return "This is the project itself: its own images need nothing."
    return "Its images are open to every job of this GitLab: nothing is needed." if open_to_all(source) else ""


def _is_path(path: str) -> bool:
    return check_project_path(path) is None


def _way(answer: object) -> Any:
    return answer if answer in _NAMES else "auto"


def _missing(source: SourceState) -> str:
    if isinstance(source.job_token_scope, Unknown) and source.job_token_scope.reason:
        return f"This project cannot be read: {source.job_token_scope.reason}"
    return (
        "GitLab says 404 for this project: it is missing, or not yours to see. Check its path, or ask to be made a "
        "member there."
    )


def _state_of(source: SourceState, state: State) -> tuple[str, ...]:
    """Say in plain words what is there: role, registry, allowlist."""
    project, scope = source.project, source.job_token_scope
    assert project is not None  # noqa: S101  # the caller looked
    if isinstance(scope, Unknown):
        listed = "Its allowlist can be read by its Maintainers only: whether this project is on it is not known."
    elif state.project.id in scope.projects:
        listed = "This project is on its allowlist already."
    elif group := covering_group(source, state):
        listed = f"The group {group} is on its allowlist already, so this project is let in."
    else:
        listed = "This project is not on its allowlist yet."
    if not isinstance(scope, Unknown) and not scope.enabled:
        listed += " The list is not enforced there: every project's job token is let in today."
    role = f"Your role there: {role_name(project.role)}."
    if project.role < Role.MAINTAINER:
        role += " A Maintainer there has to make the change; the plan says what to ask for."
    off = ("Its container registry is switched off: nothing can be pulled.",)
    return (role, listed, *(off if project.registry_access == "disabled" else ()))


def _recommended(advice: Advice) -> str:
    word = "Chosen" if advice.why == "as answered" else "Recommended"
    return f"{word}: {_NAMES[advice.chosen]}, {advice.why}."


def _option(way: Way) -> Option:
    points = [("lasts", way.lifetime), *(("for it", reason) for reason in way.reasons)]
    return Option(_NAMES[way.way], (*points, *(("breaks when", reason) for reason in way.breaks)))
