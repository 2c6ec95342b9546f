"""What every generated image has in common."""

from __future__ import annotations

PORT = 8080
"""Above 1024, so that it needs no capability."""
ADDRESS = "0.0.0.0"  # noqa: S104  # inside a container this is the only address that others reach
SCRATCH = "/tmp"  # noqa: S108  # the one writable folder of a read-only container, private to it
