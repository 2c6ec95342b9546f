"""Names that GitLab derives from other names."""

from __future__ import annotations

import re


def ref_slug(ref: str) -> str:
    """Return `CI_COMMIT_REF_SLUG` of a branch: lower case, `-` for the rest, at most 63 bytes, no `-` at the ends."""
    return re.sub(r"[^0-9a-z]", "-", ref.lower())[:63].strip("-")


def variable_slug(path: str) -> str:
    """Return a project path as a part of a variable's key: `platform/base-images` gives `PLATFORM_BASE_IMAGES`."""
    return re.sub(r"[^A-Z0-9]+", "_", path.upper()).strip("_")


def dns_label(name: str) -> str:
    """Return a name as a DNS label (RFC 1123): lower case letters, digits and `-`, at most 63."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-") or "app"
