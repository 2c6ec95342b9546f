"""The matrix: every pair of answers that shape files, each case rendered by a plan into a folder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.core.states import answers_of, state_of
from wizard.change import Plan
from wizard.changes.file import content_of
from wizard.plan import build_plan

_HERE = Path(__file__).parent
_MIRROR_WHEN = "mirror when"
_SOURCES = ("platform/base-images", "Platform/Base", "ops/tools")

Labels = Mapping[str, str]
"""The label of each axis."""
Pair = tuple[tuple[str, str], tuple[str, str]]
"""Two choices, in the order of the axes."""
AXES: Mapping[str, Mapping[str, Mapping[str, Any]]] = yaml.safe_load((_HERE / "axes.yml").read_text(encoding="utf-8"))
IMPOSSIBLE: Sequence[Mapping[str, Any]] = yaml.safe_load((_HERE / "impossible.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    """One choice on every axis."""

    number: int
    labels: Labels

    def __str__(self) -> str:
        return f"case {self.number}: " + ", ".join(f"{axis} = {label}" for axis, label in self.labels.items())


@dataclass(frozen=True)
class Rendered:
    """A case as files: the repository as it is after the plan, and which of them the plan wrote."""

    case: Case
    folder: Path
    written: tuple[str, ...]

    def text(self, path: str) -> str:
        """Read one file, line ends as they are."""
        return (self.folder / path).read_bytes().decode("utf-8")


def cases() -> tuple[Case, ...]:
    """Return a pairwise set: each row takes up a pair that is missing yet, and then as many more as it can."""
    missing = dict.fromkeys(sorted(possible_pairs()))
    rows: list[dict[str, str]] = []
    while missing:
        row = dict(next(iter(missing)))
        for axis in sorted((axis for axis in AXES if axis not in row), key=lambda name: -len(AXES[name])):
            row[axis] = max(
                (label for label in AXES[axis] if _possible({**row, axis: label})),
                key=lambda label: sum(pair in missing for pair in _with(row, axis, label)),  # called here
            )
        rows.append({axis: row[axis] for axis in AXES})
        for pair in pairs(rows[-1]):
            missing.pop(pair, None)
    return tuple(Case(number, row) for number, row in enumerate(rows, start=1))


def _possible(labels: Labels) -> bool:
    """Whether some choice on the axes that are still open is not refused."""
    bound = dict.fromkeys(axis for entry in IMPOSSIBLE for axis in entry if axis != "refused")
    choices = ([labels[axis]] if axis in labels else AXES[axis] for axis in bound)
    return any(not refused(dict(zip(bound, row, strict=True))) for row in itertools.product(*choices))


def _with(row: Labels, axis: str, label: str) -> Iterator[Pair]:
    order = list(AXES)
    for other, given in row.items():
        first, second = sorted([(other, given), (axis, label)], key=lambda choice: order.index(choice[0]))
        yield first, second


def refused(labels: Labels) -> str | None:
    """Return the code with which these answers are refused; None where they can be meant together."""
    for entry in IMPOSSIBLE:
        named = {axis: wanted for axis, wanted in entry.items() if axis != "refused"}
        if all(labels.get(axis) in wanted for axis, wanted in named.items()):
            return str(entry["refused"])
    return None


def pairs(labels: Labels) -> set[Pair]:
    """Return every pair of choices of one case."""
    return set(itertools.combinations(labels.items(), 2))


def possible_pairs() -> set[Pair]:
    """Return every pair of choices that are not refused by themselves."""
    chosen = [[(axis, label) for label in values] for axis, values in AXES.items()]
    found = set()
    for first, second in itertools.combinations(chosen, 2):
        found |= {pair for pair in itertools.product(first, second) if not refused(dict(pair))}
    return found


def usual() -> dict[str, str]:
    """Return the first label of every axis."""
    return {axis: next(iter(values)) for axis, values in AXES.items()}


def planned(labels: Labels) -> tuple[Plan, Mapping[str, str]]:
    """Plan a case; also return the files that were there before."""
    document: dict[str, Any] = {}
    for axis, label in labels.items():
        document = _merged(document, AXES[axis][label])
    answers, files = document.get("answers", {}), document.get("files", {})
    if "environments" not in answers.get("deploy", {}).get("kubernetes", {}):
        answers.pop("deploy", None)
    for mirror in answers.get("mirror", ()):
        mirror["when"] = document[_MIRROR_WHEN]
    read = answers_of(answers)
    secrets = {"env:EXTERNAL": "a-long-password-1", "env:MIRROR": "a-long-password-2"}
    sources = {path: {"id": 20 + number} for number, path in enumerate(_SOURCES)}
    state = {"project": document["project"], "files": files, "sources": sources, "secrets": secrets}
    return build_plan(read, state_of(state, read)), files


def rendered(case: Case, folder: Path) -> Rendered:
    """Write the repository as a plan for the case leaves it."""
    plan, files = planned(case.labels)
    contents = {path: text.encode() for path, text in files.items()}
    changed = {change.target: content_of(change) for change in plan.changes if change.kind == "file" and change.pending}
    for path, content in {**contents, **changed}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Rendered(case, folder, tuple(changed))


def refusals() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each combination that is refused, otherwise as usual, with the code of the refusal."""
    for entry in IMPOSSIBLE:
        named = {axis: wanted for axis, wanted in entry.items() if axis != "refused"}
        for combination in itertools.product(*named.values()):
            yield entry["refused"], {**usual(), **dict(zip(named, combination, strict=True))}


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        there = result.get(key)
        both = isinstance(value, Mapping)
        result[key] = _merged(there if isinstance(there, Mapping) else {}, value) if both else _copied(value)
    return result


def _copied(value: Any) -> Any:
    return [dict(item) if isinstance(item, Mapping) else item for item in value] if isinstance(value, list) else value
