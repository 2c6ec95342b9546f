"""What a question needs to know beside the state: a wish, which `wizard.looking_up` fulfils."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wizard.state import SourceState, State, Unknown


@dataclass(frozen=True, slots=True)
class Lookups:
    """What is to be read beside the state."""

    images: bool = False
    runners: bool = False
    sources: tuple[str, ...] = ()
    """Full paths of projects whose images may be used."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return self.images or self.runners or bool(self.sources)


NOTHING_MORE = Lookups()


def joined(parts: Iterable[Lookups]) -> Lookups:
    """Put look-ups together, each once."""
    listed = list(parts)
    sources = dict.fromkeys(path for part in listed for path in part.sources)
    return Lookups(
        images=any(part.images for part in listed),
        runners=any(part.runners for part in listed),
        sources=tuple(sources),
    )


def with_found(state: State, found: State) -> State:
    """Return a state with what a look-up brought, which may have begun before another one ended."""
    images = state.images if found.images is None else found.images
    runners = state.runners if found.runners is None else found.runners
    return replace(state, images=images, runners=runners, sources={**state.sources, **found.sources})


def unreadable(state: State, wanted: Lookups, reason: str) -> State:
    """Return a state that says of all that was wanted that it could not be read, so that nobody waits for it."""
    images = Unknown(reason) if wanted.images else state.images
    runners = Unknown(reason) if wanted.runners else state.runners
    sources = {path: SourceState(path, None, Unknown(reason)) for path in wanted.sources}
    return replace(state, images=images, runners=runners, sources={**state.sources, **sources})
