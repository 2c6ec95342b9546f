"""The images and versions that generated files name: `assets/images.yml`, read once."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

OLD = datetime.timedelta(days=180)
"""From this age on a version is called old: Docker, BuildKit and the base images have had several releases by then."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image or a tool that generated files name."""

    text: str
    """The image as it is written, or `TOOL==VERSION`."""
    date: datetime.date
    """When its version was chosen."""

    def age(self, today: datetime.date) -> datetime.timedelta:
        """Return how long ago that was."""
        return today - self.date

    def old(self, today: datetime.date) -> bool:
        """Whether a newer version should be looked for."""
        return self.age(today) > OLD


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

    def references(self) -> Iterator[Reference]:
        """Yield everything that is named, in the order of the file."""
        texts = [*self.jobs.values(), *(base.pattern.format(version=base.version) for base in self.bases.values())]
        texts += [f"{name}=={version}" for name, version in self.packages.items()]
        return (Reference(text, self.date) for text in texts)


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
