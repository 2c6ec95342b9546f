"""The images and versions that generated files name: `assets/images.yml`, read once."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Base:
    """An image that a Dockerfile starts from."""

    pattern: str
    version: str
    library: bool
    """An official image of Docker Hub, reached through the build argument REGISTRY."""

    def reference(self, version: str = "") -> str:
        """Return the image at `version` (empty: ours)."""
        image = self.pattern.format(version=version or self.version)
        return f"${{REGISTRY}}/{image}" if self.library else image


@dataclass(frozen=True, slots=True)
class Images:
    """Everything in `images.yml`."""

    date: datetime.date
    """When the versions were chosen."""
    jobs: Mapping[str, str]
    """Images of the pipeline's jobs, complete references."""
    bases: Mapping[str, Base]
    packages: Mapping[str, str]
    """Versions of tools from package registries."""


@functools.cache
def images() -> Images:
    """Return the catalogue."""
    data = yaml.safe_load(files("assets").joinpath("images.yml").read_text(encoding="utf-8"))
    return Images(
        date=data["date"],
        jobs=data["jobs"],
        bases={
            name: Base(item.get("library") or item["image"], item["version"], "library" in item)
            for name, item in data["bases"].items()
        },
        packages=data["packages"],
    )
