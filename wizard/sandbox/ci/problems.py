"""Why a CI/CD configuration is refused before its jobs are looked at."""

from __future__ import annotations


class ConfigurationError(Exception):
    """The configuration cannot be put together; `str()` is what GitLab says, and it says only the first thing."""
