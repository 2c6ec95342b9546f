"""Which workloads of the manifests that are there already run the image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, get_args

from wizard import layout
from wizard.answer_keys import named
from wizard.answer_types import WorkloadKind
from wizard.answer_words import problem_with
from wizard.generate.kustomizations import at
from wizard.generate.manifests import Container, Workload
from wizard.previews.workloads import added_to_workload
from wizard.question import Choice, Known, ListQuestion, Question
from wizard.questions.common import detection, fits, project_path

KEY = "deploy.kubernetes.workloads"
Item = Mapping[str, Any]


def workloads_of(known: Known) -> tuple[Item, ...]:
    """Return the workloads on the list."""
    return tuple(known.draft.get(KEY) or ())


def namespace_there(known: Known) -> str:
    """Return the namespace that chosen manifests have for the environment asked about; empty where they say none.

    One that another environment has is no answer for a second: both would deploy the same objects.
    """
    found = detection(known)
    taken = {item.get("namespace") for item in known.draft.get("deploy.kubernetes.environments") or ()}
    name = str(known.item.get("name", "")).lower()
    there = [each for each in found.kustomizations if each.usable]
    overlays = [each.namespace for each in there if each.folder.rpartition("/")[2].lower() == name]
    chosen = {(item.get("file"), item.get("name")) for item in workloads_of(known)}
    manifests = [each.namespace for each in found.workloads if (each.path, each.name) in chosen]
    return next((each for each in (*overlays, *manifests) if each and each not in taken), "") if chosen else ""


def _there(known: Known) -> bool:
    return known.draft.get("deploy") is not None and bool(detection(known).workloads or workloads_of(known))


def _found(known: Known) -> list[tuple[int, Item]]:
    """Return the containers that could be chosen, each with its rank, the likely ones first."""
    faults = detection(known).faults
    ranked = [
        (
            _rank(workload, container, known),
            {"file": workload.path, "kind": workload.kind, "name": workload.name, "container": container.name},
        )
        for workload in detection(known).workloads
        if workload.path not in faults and workload.api_version == workload.served
        for container in workload.containers
    ]
    return sorted(((rank, item) for rank, item in ranked if _fits_all(item)), key=lambda pair: pair[0])


def _suggest(known: Known) -> tuple[Item, ...]:
    # The kind is left out where it is the format's default.
    listed = [{"kind": "Deployment", **item} for item in workloads_of(known)]
    return tuple(item for _, item in _found(known) if item not in listed)


def _recommended(known: Known) -> bool:
    """Whether one of them likely runs this project's image, and nothing was decided yet."""
    written = at(layout.BASE, detection(known).kustomizations) or known.draft.get("deploy.kubernetes.app")
    return not written and not workloads_of(known) and any(rank < _UNLIKELY for rank, _ in _found(known))


_UNLIKELY = 2


def _rank(workload: Workload, container: Container, known: Known) -> int:
    """Rank a container by how likely it runs our image: by the image's path, by a name, else not likely."""
    path = project_path(known).lower()
    last = path.rpartition("/")[2]
    image = container.image.lower()
    if path and re.search(rf"/{re.escape(path)}(?:[:@/]|$)", image):
        return 0
    name = re.split(r"[:@]", image.rpartition("/")[2])[0]
    left_open = re.search(r"[$<{]", image) or name in {"app", "image", "placeholder"}
    named_alike = name == last or (len(workload.containers) == 1 and last in {workload.name, container.name})
    return 1 if left_open or named_alike else _UNLIKELY


def _fits_all(item: Item) -> bool:
    return all(_fits(key, value) for key, value in item.items())


@lru_cache(maxsize=4096)
def _fits(key: str, value: str) -> bool:
    """Whether the format takes a value; asked anew at each key, for each of perhaps hundreds of manifests."""
    return problem_with(named(f"{KEY}.{key}"), value) is None


def _in_file(known: Known) -> list[Workload]:
    return [found for found in detection(known).workloads if found.path == known.item.get("file")]


def _of_kind(known: Known) -> list[Workload]:
    kind = known.item.get("kind", "Deployment")
    return [found for found in _in_file(known) if found.kind == kind]


def _named(known: Known) -> list[Workload]:
    return [found for found in _of_kind(known) if found.name == known.item.get("name")]


def _only(names: Iterable[str]) -> str | None:
    different = list(dict.fromkeys(names))
    return different[0] if len(different) == 1 else None


def _choices(names: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, name) for name in dict.fromkeys(names))


def _title(item: Item) -> str:
    kind, name = item.get("kind", "Deployment"), item.get("name", "")
    return f"{kind} {name}, container {item.get('container', '')}, in {item.get('file', '')}"


_ITEM = (
    Question(
        key="file",
        text="In which manifest is the workload?",
        help="Its path in the repository. The file stays as it is.",
        form="text",
        choices=lambda known: _choices(found.path for found in detection(known).workloads),
        check=fits(f"{KEY}.file"),
    ),
    Question(
        key="kind",
        text="Of which kind is it?",
        help="As the manifest says it under kind.",
        form="choice",
        default=lambda known: _only(found.kind for found in _in_file(known)) or "Deployment",
        choices=lambda _: _choices(get_args(WorkloadKind)),
    ),
    Question(
        key="name",
        text="What is it called?",
        help="As the manifest says it under metadata.name.",
        form="text",
        default=lambda known: _only(found.name for found in _of_kind(known)),
        choices=lambda known: _choices(found.name for found in _of_kind(known)),
        check=fits(f"{KEY}.name"),
    ),
    Question(
        key="container",
        text="Which of its containers runs the image?",
        help="The name of a container or init container. For a second one, add the workload again.",
        form="text",
        default=lambda known: _only(each.name for found in _named(known) for each in found.containers),
        choices=lambda known: _choices(each.name for found in _named(known) for each in found.containers),
        check=fits(f"{KEY}.container"),
    ),
)

WORKLOADS = ListQuestion(
    key=KEY,
    text="Which workloads of your own manifests run the image?",
    help="Their files stay as they are: an overlay in .gitlab/k8s adds the image and the pull secret. With none, "
    "manifests are written in k8s/base.",
    noun="workload",
    eager=_recommended,
    title=_title,
    suggest=_suggest,
    when=_there,
    item=_ITEM,
    topic="manifests",
    preview=added_to_workload,
)
