"""Which tags a cleanup policy would remove, and why the others stay: GitLab's rules, applied to what is there.

Source: GitLab's documentation, "How the cleanup policy works": of each image `latest` is left out, then what
`name_regex` does not match in full, then what `name_regex_keep` matches; of the rest, newest first, `keep_n` are
left out, then what is younger than `older_than`; what remains is deleted. A tag without a date counts as new.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wizard.state import ImageState, TagState
from wizard.tag_patterns import matcher


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to a tag when the policy runs today."""

    image: str
    """Full path of the image in the registry, without host."""
    tag: str
    removed: bool
    why: str
    days: int | None = None
    """Its age; None: not known."""


class UntriedPatternError(Exception):
    """A pattern of the policy cannot be tried here; the argument names its field."""


def verdicts(policy: Mapping[str, Any], images: Sequence[ImageState], today: date) -> tuple[Verdict, ...]:
    """Return what a policy (GitLab's field names) does to each tag. UntriedPatternError where that cannot be told."""
    removing, keeping = _pattern(policy, "name_regex"), _pattern(policy, "name_regex_keep")
    return tuple(verdict for image in images for verdict in _of_image(policy, image, (removing, keeping), today))


Fits = Callable[[str], bool]


def _pattern(policy: Mapping[str, Any], field: str) -> Fits:
    text = policy.get(field)
    if not text:
        return lambda _: False
    fits = matcher(str(text))
    if fits is None:
        raise UntriedPatternError(field)
    return fits


def _of_image(
    policy: Mapping[str, Any], image: ImageState, patterns: tuple[Fits, Fits], today: date
) -> Iterator[Verdict]:
    removing, keeping = patterns
    candidates: list[TagState] = []
    for tag in image.tags:
        if tag.name == "latest":
            why = "latest is never removed"
        elif not removing(tag.name):
            why = "its name does not match what may be removed"
        elif keeping(tag.name):
            why = "its name matches what is always kept"
        else:
            candidates.append(tag)
            continue
        yield Verdict(image.path, tag.name, False, why, _days(tag, today))
    # Newest first; without a date a tag counts as made just now.
    candidates.sort(key=lambda tag: tag.created or date.max, reverse=True)
    keep, age = policy.get("keep_n") or 0, _age(policy.get("older_than"))
    for place, tag in enumerate(candidates):
        days = _days(tag, today)
        if place < keep:
            why = f"one of the {keep} newest"
        elif age and (days is None or days < age):
            why = f"younger than {age} days" if days is not None else "its age is not known, so it counts as new"
        else:
            yield Verdict(image.path, tag.name, True, "no rule keeps it", days)
            continue
        yield Verdict(image.path, tag.name, False, why, days)


def _days(tag: TagState, today: date) -> int | None:
    return (today - tag.created).days if tag.created else None


def _age(text: object) -> int:
    found = re.fullmatch(r"(\d{1,4})d", str(text or ""))
    return int(found[1]) if found else 0
