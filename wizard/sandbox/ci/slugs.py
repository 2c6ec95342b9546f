"""Names made fit for host names and image tags (`lib/gitlab/utils.rb`, `lib/gitlab/slug/environment.rb`)."""

from __future__ import annotations

import hashlib
import re

LONGEST = 63
LONGEST_ENVIRONMENT = 24
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def slug(name: str) -> str:
    """Return what `CI_COMMIT_REF_SLUG` makes of a name: lower case, at most 63 characters, no dash at either end."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())[:LONGEST].strip("-")


def environment_slug(name: str) -> str:
    """Return what `CI_ENVIRONMENT_SLUG` makes of a name: 24 characters at most, told apart by a suffix if changed."""
    fit = re.sub(r"[^a-z0-9]", "-", name.lower())
    if not re.match("[a-z]", fit):
        fit = f"env-{fit}"
    fit = re.sub("-+", "-", fit)
    if len(fit) <= LONGEST_ENVIRONMENT and fit == name:
        return fit.removesuffix("-")
    start = fit[:17]
    return f"{start}{'' if start.endswith('-') else '-'}{_suffix(name)}"


def _suffix(name: str) -> str:
    number, digits = int(hashlib.sha256(name.encode()).hexdigest(), 16), ""
    while len(digits) < 6:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
