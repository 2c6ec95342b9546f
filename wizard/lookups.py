"""What a question needs to know beside the state: a wish, which `wizard.looking_up` fulfils."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lookups:
    """What is to be read beside the state."""

    images: bool = False
    sources: tuple[str, ...] = ()
    """Full paths of projects whose images may be used."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return self.images or bool(self.sources)


NOTHING_MORE = Lookups()


def joined(parts: Iterable[Lookups]) -> Lookups:
    """Put look-ups together, each once."""
    listed = list(parts)
    sources = dict.fromkeys(path for part in listed for path in part.sources)
    return Lookups(any(part.images for part in listed), tuple(sources))
