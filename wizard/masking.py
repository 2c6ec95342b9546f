"""GitLab's rules for masked variables, checked before the call so that the reason can be told.

Sources: GitLab's documentation, "Mask a CI/CD variable", and its `Maskable` model: one line, at least 8 characters, no
white space; without `raw` only letters, digits and `_ + = / @ : . ~ -`.
"""

from __future__ import annotations

import re

from wizard.secret import Secret

_LEAST = 8
_EXPANDED = re.compile(r"[^a-zA-Z0-9_+=/@:.~-]")


def why_not_maskable(value: Secret, *, raw: bool) -> str | None:
    """Return the rule that the value breaks, without showing any of it; None when GitLab can mask it."""
    text = value.reveal()
    if "\n" in text or "\r" in text:
        return "it has more than one line; use a variable of type file without masking, or base64 on one line"
    if re.search(r"\s", text, re.ASCII):
        return "it contains white space"
    if len(text) < _LEAST:
        return f"it is shorter than {_LEAST} characters"
    if not raw and _EXPANDED.search(text):
        return "it holds a character that only a raw variable may hold when masked; set raw: true"
    return None
