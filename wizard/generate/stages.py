"""Which stage of a pipeline a job of ours belongs to, by the names that people give to stages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

DEFAULT_STAGES = ("build", "test", "deploy")
"""GitLab's own where no `stages` is written (doc/ci/yaml, "stages"); `.pre` and `.post` are always there too."""
EDGE_STAGES = frozenset({".pre", ".post"})


class StageRole(StrEnum):
    """What a job of ours does, which decides its stage."""

    BUILD = "build"
    PUBLISH = "publish"
    DEPLOY = "deploy"
    MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class StageChoice:
    """The stage for one role; `added` if the file did not have it before."""

    role: StageRole
    stage: str
    added: bool = False


@dataclass(frozen=True, slots=True)
class NewStage:
    """A stage to insert before the one at `position` of the original list, or behind its end."""

    stage: str
    position: int


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage for every role, and the stages that must be inserted for that."""

    choices: tuple[StageChoice, ...]
    new: tuple[NewStage, ...] = ()
    borrowed: tuple[StageRole, ...] = ()
    """Roles that had to take a stage whose name says something else."""


class _Kind(Enum):
    PREPARE = auto()
    BUILD = auto()
    TEST = auto()
    RELEASE = auto()
    RUN = auto()
    AFTER = auto()


_WORDS: dict[StageRole, tuple[str, ...]] = {
    StageRole.BUILD: ("build", "package", "containers", "container", "docker", "image", "images"),
    StageRole.PUBLISH: ("publish", "release", "delivery", "deploy", "deployment"),
    StageRole.DEPLOY: ("deploy", "deployment", "delivery", "release", "publish"),
    StageRole.MIRROR: ("mirror", "publish", "release", "delivery", "deploy", "deployment"),
}
_NEW_RELEASE_STAGES = ("deploy", "publish", "release", "delivery", "registry-deploy")
_KINDS: dict[_Kind, str] = {
    _Kind.PREPARE: "pre prepare preparation setup init initialize bootstrap install deps dependencies generate "
    "lint linting format style",
    _Kind.BUILD: "build package containers container docker image images",
    _Kind.TEST: "test tests testing check checks verify verification validate validation qa quality unit integration "
    "e2e acceptance scan security sast dast coverage analyze analysis audit",
    _Kind.RELEASE: "deploy deployment publish release delivery mirror",
    _Kind.RUN: "staging production prod preprod live canary rollout review environment",
    _Kind.AFTER: "post cleanup clean teardown notify notification performance",
}
_KIND_OF: dict[str, _Kind] = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_LINT = frozenset({"lint", "linting", "format", "style"})
_WORD = re.compile("[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_LATE = frozenset({_Kind.RELEASE, _Kind.RUN, _Kind.AFTER})


def plan_stages(names: Sequence[str], roles: Iterable[StageRole]) -> StagePlan:
    """Map roles on the stages of a list, and name the stages to insert for those that fit none.

    A job cannot need one of a later stage, so nothing goes before the stage of the build.
    """
    wanted = tuple(dict.fromkeys(roles))
    drawing = _Drawing(list(names))
    found = {role: drawing.place(role) for role in sorted(wanted, key=_build_first)}
    return StagePlan(
        choices=tuple(StageChoice(role, found[role], found[role] not in names) for role in wanted),
        new=tuple(drawing.added()),
    )


def fit_stages(names: Sequence[str], roles: Iterable[StageRole]) -> StagePlan:
    """Map roles on a list that nothing can be inserted into; where no name fits, the nearest stage is borrowed."""
    present = [name for name in names if name not in EDGE_STAGES] or list(DEFAULT_STAGES)
    wanted = tuple(dict.fromkeys(roles))
    found: dict[StageRole, str] = {}
    borrowed = []
    floor = -1
    for role in sorted(wanted, key=_build_first):
        name = _fitting(present, role, floor)
        if name is None:
            borrowed.append(role)
            name = present[max(_gap(present, role, floor) - 1, floor, 0)]
        found[role] = name
        if role is StageRole.BUILD:
            floor = present.index(name)
    return StagePlan(tuple(StageChoice(role, found[role]) for role in wanted), borrowed=tuple(borrowed))


class _Drawing:
    """A list of stages while new ones are drawn into it."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.original = [True] * len(names)
        self.floor = -1

    def place(self, role: StageRole) -> str:
        """Return the stage for a role, inserting it if need be."""
        name = _fitting(self.names, role, self.floor)
        if name is None:
            gap = _gap(self.names, role, self.floor)
            name = "build" if role is StageRole.BUILD else next(n for n in _NEW_RELEASE_STAGES if n not in self.names)
            self.names.insert(gap, name)
            self.original.insert(gap, False)
        if role is StageRole.BUILD:
            self.floor = self.names.index(name)
        return name

    def added(self) -> Iterable[NewStage]:
        """Yield the inserted stages with their places in the original list."""
        for index, name in enumerate(self.names):
            if not self.original[index]:
                yield NewStage(name, sum(self.original[:index]))


def _build_first(role: StageRole) -> bool:
    return role is not StageRole.BUILD


def _fitting(names: Sequence[str], role: StageRole, floor: int) -> str | None:
    """Return the stage named with one of the role's words: exactly, else in other letters, else as its main word.

    `floor` is the index of the stage of the build, or -1.
    """
    present = [name for name in names[max(floor, 0) :] if "$" not in name]
    for reading in (str, _plain, _sole_word, _main_word):
        for word in _WORDS[role]:
            for name in present:
                if reading(name) == word:
                    return name
    return None


def _plain(name: str) -> str:
    return name.strip().casefold()


def _telling_words(name: str) -> list[str]:
    """Return the words of a name that say what its stage is for; a number at the end of a word says nothing."""
    words = [found.group().casefold() for found in _WORD.finditer(name)]
    return [word for word in (w if w in _KIND_OF else w.rstrip("0123456789") for w in words) if word in _KIND_OF]


def _main_word(name: str) -> str | None:
    """Return the first telling word of a name: `build` of `Build Release`."""
    words = _telling_words(name)
    return words[0] if words else None


def _sole_word(name: str) -> str | None:
    """Return the main word unless others tell of something else: nothing of `build-prepare`."""
    words = _telling_words(name)
    return words[0] if len({_KIND_OF[word] for word in words}) == 1 else None


def _kind(name: str) -> _Kind | None:
    word = None if "$" in name else _main_word(name)
    return _KIND_OF[word] if word else None


def _gap(names: Sequence[str], role: StageRole, floor: int) -> int:
    """Return where a stage for the role belongs in a list that has none."""
    kinds = [_kind(name) for name in names]
    if role is StageRole.BUILD:
        later = _LATE | {_Kind.TEST}
        return next((index for index, kind in enumerate(kinds) if kind in later), len(names))
    tested = [index for index, name in enumerate(names) if kinds[index] is _Kind.TEST or _main_word(name) in _LINT]
    start = max([floor, *tested]) + 1
    return next((index for index in range(start, len(names)) if kinds[index] in _LATE), len(names))
