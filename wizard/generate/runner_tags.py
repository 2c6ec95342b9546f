"""Which runner tags our jobs need, by what the jobs of a present `.gitlab-ci.yml` ask for.

Ours inherit no defaults, so the tags have to be written into them. A job without the right tag waits for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from yaml.nodes import Node

from wizard.change import Notice
from wizard.generate.ci_document import CiDocument
from wizard.generate.ci_jobs import CiJob, default, effective, expanded, inherited, jobs, referenced
from wizard.generate.ci_nodes import items, line_of, text_of
from wizard.generate.image_builds import image_builds

NOT_READABLE, DIFFER = "runner-tags-not-readable", "runner-tags-differ"
ABOUT_TAGS = frozenset({NOT_READABLE, DIFFER})
"""Codes of warnings that end with an answer."""
_HINT = "Say which tags our jobs take: build.runner_tags."
_MOST = 6
"""Jobs that are named in a warning."""


@dataclass(frozen=True, slots=True)
class RunnerTags:
    """The tags to carry over, every tag that the file names, and what to know."""

    carried: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tagged:
    job: CiJob
    tags: tuple[str, ...] | None
    """None: taken from where nobody can look."""


def runner_tags(document: CiDocument) -> RunnerTags:
    """Return the default tags of all jobs; without any, those that the image-building jobs, or most jobs, agree on."""
    written = default(document, "tags")
    tagged = [_Tagged(job, _of_job(document, job, written)) for job in jobs(document)]
    of_all, whole = _texts(document, written, written) if written is not None else ((), True)
    named = tuple(dict.fromkeys([*of_all, *(tag for found in tagged for tag in found.tags or ())]))
    if written is not None and not (whole and not of_all):
        place = f"Line {line_of(written)}: some of the default runner tags are"
        return RunnerTags(of_all, named, () if whole else (_unreadable(place),))
    carried, warnings = _agreed(document, tagged)
    return RunnerTags(carried, named, warnings)


def _of_job(document: CiDocument, job: CiJob, standard: Node | None) -> tuple[str, ...] | None:
    value = effective(document, job.node, "tags", standard)
    if value is None:
        return ()
    tags, whole = _texts(document, value, job.node)
    matrix = inherited(document, job.node, "parallel") is not None and any("$" in tag for tag in tags)
    return tags if whole and not matrix else None


def _texts(document: CiDocument, value: Node, job: Node) -> tuple[tuple[str, ...], bool]:
    """Return the tags of a value, and whether these are all; GitLab flattens what a reference puts into a list."""
    found: list[str] = []
    whole = True
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        node = referenced(document, waiting.pop(0))
        text = text_of(node)
        if text is not None and node is not value:
            found += [expanded(document, job, text)] if text else []
        elif items(node) and id(node) not in seen:
            seen.add(id(node))
            waiting[:0] = items(node)
        else:
            whole = whole and not getattr(node, "value", None)
    return tuple(dict.fromkeys(found)), whole


def _agreed(document: CiDocument, tagged: Sequence[_Tagged]) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    building = {id(build.job.node) for build in image_builds(document)}
    builders = [found for found in tagged if id(found.job.node) in building]
    for group in (builders, list(tagged)):
        most = _most(group)
        if most is not None:
            return most, ()
    unread = [found for found in tagged if found.tags is None]
    if unread and len(unread) == len(builders or tagged):
        first = unread[0].job
        return (), (_unreadable(f"Line {first.line}: the runner tags of the job `{first.name}` are"),)
    return (), (_differing(tagged),) if any(found.tags != () for found in tagged) else ()


def _most(group: Sequence[_Tagged]) -> tuple[str, ...] | None:
    """Return the tags of more than half of a group, whatever their order; None where no tags are."""
    sets = {frozenset(found.tags): found.tags for found in reversed(group) if found.tags is not None}
    count = Counter(frozenset(found.tags) for found in group if found.tags is not None)
    return next((sets[tags] for tags, number in count.items() if 2 * number > len(group)), None)


def _unreadable(subject: str) -> Notice:
    return Notice(NOT_READABLE, f"{subject} taken from elsewhere and cannot be read here.", _HINT)


def _differing(tagged: Sequence[_Tagged]) -> Notice:
    told = [f"`{found.job.name}` (line {found.job.line}): {_words(found.tags)}" for found in tagged[:_MOST]]
    more = f"; and {len(tagged) - _MOST} more" if len(tagged) > _MOST else ""
    return Notice(
        DIFFER,
        f"The jobs of this file do not agree on runner tags, so ours have none: {'; '.join(told)}{more}.",
        _HINT,
    )


def _words(tags: tuple[str, ...] | None) -> str:
    return "cannot be read" if tags is None else ", ".join(tags) or "none"
