"""What the values of keywords look like, and GitLab's words for those that do not (`Gitlab::Config::Entry`).

GitLab knows two kinds of keyword. An *entry* is told by its whole place, `jobs:build:image config should be …`, an
*attribute* by the place it stands in, `jobs:build when should be …`. A value of null counts as not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Fits = Callable[[Any], bool]
Rule = Callable[[Any, str, str], Iterator[str]]
"""Value, place that it stands in, keyword: what is wrong with it."""

DURATION = re.compile(
    r"never|(?:\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|mos?|months?"
    r"|y|yrs?|years?)?(?:\s*,?\s*(?:and\s+)?|$))+",
    re.IGNORECASE,
)
DEEPEST_SCRIPT = 10


def place_of(place: str, keyword: str) -> str:
    """Return the whole place of a keyword."""
    return f"{place}:{keyword}" if place else keyword


def entry(fits: Fits, words: str) -> Rule:
    """Require a shape of an entry."""

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        if value is not None and not fits(value):
            yield f"{place_of(place, keyword)} config {words}"

    return check


def attribute(fits: Fits, words: str) -> Rule:
    """Require a shape of an attribute."""

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        if value is not None and not fits(value):
            yield f"{place} {keyword.replace('_', ' ')} {words}".strip()

    return check


def mapping(rules: Mapping[str, Rule], words: str = "should be a hash", required: Sequence[str] = ()) -> Rule:
    """Require a mapping with no other keys than these, and those that are required."""

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        whole = place_of(place, keyword)
        if not isinstance(value, Mapping):
            if value is not None:
                yield f"{whole} config {words}"
            return
        unknown = [str(key) for key in value if key not in rules]
        if unknown:
            yield f"{whole} config contains unknown keys: {', '.join(unknown)}"
        missing = [key for key in required if value.get(key) is None]
        if missing:
            yield f"{whole} config missing required keys: {', '.join(missing)}"
        for key, item in value.items():
            if key in rules:
                yield from rules[key](item, whole, key)

    return check


def one_or_mapping(kind: type | tuple[type, ...], of_mapping: Rule) -> Rule:
    """Accept a value of a kind as it is, and check anything else as a mapping."""

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        if not is_a(value, kind):
            yield from of_mapping(value, place, keyword)

    return check


def items(rule: Rule, name: str, words: str, kind: type | tuple[type, ...] = list) -> Rule:
    """Require a list whose items follow a rule; GitLab calls each by `name`."""

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        if value is None:
            return
        if not isinstance(value, kind):
            yield f"{place_of(place, keyword)} config {words}"
            return
        for item in value if isinstance(value, list) else [value]:
            yield from rule(item, place_of(place, keyword), name)

    return check


def anything(_value: Any, _place: str, _keyword: str) -> Iterator[str]:
    """Accept any value: what GitLab says of this keyword is not simulated."""
    return iter(())


def is_a(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether a value is of a kind; true and false are no numbers."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool) or kind == (bool,))


def text(value: Any) -> bool:
    """Whether this is a text."""
    return isinstance(value, str)


def texts(value: Any) -> bool:
    """Whether this is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def text_or_texts(value: Any) -> bool:
    """Whether this is one text or a list of them."""
    return text(value) or texts(value)


def boolean(value: Any) -> bool:
    """Whether this is true or false."""
    return isinstance(value, bool)


def one_of(*values: str) -> Fits:
    """Return a check for one of some words."""
    return lambda value: value in values


def duration(value: Any) -> bool:
    """Whether GitLab reads this as a time span, such as `1 day` or `3h 30m`."""
    return isinstance(value, str) and bool(value.strip()) and DURATION.fullmatch(value.strip()) is not None


def commands(value: Any) -> bool:
    """Whether these are commands: a text, or a list of them with lists inside, ten deep."""
    return text(value) or _nested(value, DEEPEST_SCRIPT)


def _nested(value: Any, deepest: int) -> bool:
    if not isinstance(value, list) or deepest == 0:
        return False
    return all(isinstance(item, str) or _nested(item, deepest - 1) for item in value)
