"""Which tags a cleanup policy removes: one case for each of GitLab's rules, and the orders in which they hold."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.cleanup_rules import UntriedPatternError, verdicts
from wizard.state import ImageState, TagState
from wizard.tag_patterns import matcher

TODAY = date(2026, 11, 24)
EVERYTHING = {"name_regex": ".*", "name_regex_keep": None, "keep_n": None, "older_than": None}


def image(ages: dict[str, int | None], path: str = "acme/app") -> ImageState:
    """An image with the tags of these ages in days."""
    dates = {name: None if days is None else TODAY - timedelta(days=days) for name, days in ages.items()}
    return ImageState(path, tuple(TagState(name, made) for name, made in dates.items()))


def removed(policy: dict[str, object], *images: ImageState) -> list[str]:
    return [verdict.tag for verdict in verdicts({**EVERYTHING, **policy}, images, TODAY) if verdict.removed]


@pytest.mark.parametrize(
    ("policy", "ages", "gone"),
    [
        ({}, {"latest": 900, "a": 0}, ["a"]),
        ({"name_regex": "v.+"}, {"v1": 9, "av1": 9, "main": 9}, ["v1"]),
        ({"name_regex_keep": "v.+"}, {"v1": 9, "av1": 9}, ["av1"]),
        ({"name_regex": "a|b"}, {"ax": 9, "xb": 9, "x": 9}, ["ax", "xb"]),
        ({"name_regex": "(?:a|b)"}, {"ax": 9, "a": 9}, ["a"]),
        ({"keep_n": 1}, {"old": 30, "new": 1, "older": 60}, ["old", "older"]),
        ({"keep_n": 1, "name_regex_keep": "new"}, {"old": 30, "new": 1, "older": 60}, ["older"]),
        ({"keep_n": 1}, {"latest": 0, "old": 30, "older": 60}, ["older"]),
        ({"older_than": "14d"}, {"young": 13, "just": 14, "old": 90}, ["just", "old"]),
        ({"older_than": "14d", "keep_n": 1}, {"young": 13, "old": 90}, ["old"]),
        ({"older_than": "14d"}, {"unknown": None}, []),
        ({"keep_n": 1}, {"unknown": None, "old": 90}, ["old"]),
        ({"name_regex": ""}, {"a": 9}, []),
    ],
    ids=[
        "latest never goes", "what may go, in full", "what stays, in full", "an alternation without a group",
        "an alternation in a group", "the newest stay", "what stays does not count among the newest",
        "latest does not count among the newest", "the day itself counts as old enough", "both limits hold",
        "without a date it is new", "without a date it is the newest", "nothing named, nothing removed",
    ],
)  # fmt: skip
def test_a_rule(policy: dict[str, object], ages: dict[str, int | None], gone: list[str]) -> None:
    assert removed(policy, image(ages)) == gone


def test_the_newest_are_counted_for_each_image_alone() -> None:
    assert removed({"keep_n": 1}, image({"a": 1, "b": 2}), image({"c": 3, "d": 4}, "acme/app/tools")) == ["b", "d"]


def test_every_tag_has_a_verdict_with_a_reason() -> None:
    policy = {"name_regex": "[a-z]+", "name_regex_keep": "keep", "keep_n": 1, "older_than": "7d"}
    found = verdicts(policy, [image({"latest": 1, "9": 1, "keep": 1, "newest": 1, "young": 2, "old": 9})], TODAY)
    assert {verdict.tag: verdict.why for verdict in found} == {
        "latest": "latest is never removed",
        "9": "its name does not match what may be removed",
        "keep": "its name matches what is always kept",
        "newest": "one of the 1 newest",
        "young": "younger than 7 days",
        "old": "no rule keeps it",
    }


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)*b", "(.*)*", "((a)*)+", "(?:x*){9}", ".*a.*b.*c.*d.*e.*f.*"])
def test_a_pattern_that_could_take_for_ever_is_not_tried(pattern: str) -> None:
    assert matcher(pattern) is None
    with pytest.raises(UntriedPatternError, match="name_regex_keep"):
        verdicts({**EVERYTHING, "name_regex_keep": pattern}, [image({"a" * 120: 1})], TODAY)


@pytest.mark.parametrize(
    "pattern", [r"v?[0-9]+(\.[0-9]+)*", r"(?:latest|main|v?[0-9]+\.[0-9]+.*|sha256-.*)", r"[+*]\)+"]
)
def test_usual_patterns_are_tried(pattern: str) -> None:
    assert matcher(pattern) is not None


@given(st.lists(st.sampled_from(["v1", "main", "latest", "a.b", "x-1"]), unique=True), st.sampled_from([1, 5, None]))
def test_no_policy_removes_latest_or_invents_a_tag(names: list[str], keep: int | None) -> None:
    gone = removed({"keep_n": keep}, image(dict.fromkeys(names, 30)))
    assert set(gone) <= set(names) - {"latest"}
    assert len(gone) == max(len(set(names) - {"latest"}) - (keep or 0), 0)


def test_a_name_is_matched_as_a_whole_even_with_a_line_end() -> None:
    assert re.search(r"\Aa\Z", "a\n") is None
    fits = matcher("a")
    assert fits is not None
    assert not fits("a\n")
