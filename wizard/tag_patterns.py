r"""Whether a tag's name fits a pattern of a cleanup policy, as GitLab decides it.

GitLab puts `\A` and `\z` around the pattern and runs RE2 (`CleanupTagsService`), so an alternation without a group is
anchored on one side only, here as there. RE2 takes linear time; Python does not, so a pattern that could take for ever
is not tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wizard.validators import check_regex

_MOST_REPEATS = 6
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{)")
_HARMLESS_GROUP = re.compile(r"\((?:\?:)?(?:\\\.|[-_])(?:\[0-9\]|\[a-z\]|\[a-z0-9\]|\\d)[*+]?\)[*+]")
r"""A group that begins with a character which nothing else in it matches: `(\.[0-9]+)*`."""


def matcher(pattern: str) -> Callable[[str], bool] | None:
    """Return whether a name fits `pattern`; None where that cannot be tried here."""
    rest = _HARMLESS_GROUP.sub("", pattern)
    if check_regex(pattern) or _REPEATED_GROUP.search(rest) or len(re.findall(r"[*+]|\{\d*,", rest)) > _MOST_REPEATS:
        return None
    anchored = re.compile(rf"\A{pattern}\Z")
    return lambda name: anchored.search(name) is not None
