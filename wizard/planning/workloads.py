"""Workloads of the repository's own manifests: those that the answers name, in each environment.

What kustomize would refuse in the deploy job, or pass over in silence, is refused here, before anything is written.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from wizard import layout
from wizard.answer_keys import named
from wizard.answer_words import problem_with
from wizard.answers import Answers, Environment, Kubernetes, OwnWorkload
from wizard.change import Notice
from wizard.errors import UsageError
from wizard.generate.detection import Detection
from wizard.generate.kustomizations import at
from wizard.generate.manifests import Workload
from wizard.generate.workload_overlay import (
    Adopted,
    Base,
    Rollout,
    base_of,
    bases,
    built_as,
    moves,
    rollout,
)

_HINT = "Correct deploy.kubernetes.workloads, or leave it out: then manifests are written in k8s/base."


def adopted_in(kubernetes: Kubernetes, environment: Environment, detection: Detection) -> tuple[Adopted, ...]:
    """Return the workloads that are deployed to an environment, each with the containers that run our image.

    Raises UsageError where one is not in its manifest, where it cannot be told which manifest is for which
    environment, and where kustomize could not build them.
    """
    containers: dict[Workload, list[str]] = {}
    for item in kubernetes.workloads:
        workload = _found(item, detection)
        _check_container(item, workload)
        containers.setdefault(workload, []).append(item.container)
    alike: dict[tuple[str, str], list[Workload]] = {}
    for workload in containers:
        alike.setdefault((workload.kind, workload.name), []).append(workload)
    chosen = [_only(group, environment) for group in alike.values()]
    adopted = tuple(Adopted(workload, tuple(containers[workload])) for workload in chosen)
    _check_bases(adopted, environment, detection)
    return adopted


def rollouts(answers: Answers, detection: Detection) -> Mapping[str, Rollout]:
    """Return what the deploy jobs look at, by the environment; empty where the manifests are written."""
    if answers.deploy is None or not answers.deploy.kubernetes.workloads:
        return {}
    kubernetes = answers.deploy.kubernetes
    return {
        found.name: rollout(adopted_in(kubernetes, found, detection), found.name, detection)
        for found in kubernetes.environments
    }


def manifest_notices(kubernetes: Kubernetes, detection: Detection) -> Iterator[Notice]:
    """Tell what is to know of the workloads before they are deployed."""
    yield from _shared_namespaces(kubernetes)
    yield from _namespace_notices(kubernetes, detection)
    yield from _placeholder_notices(kubernetes, detection)


def _shared_namespaces(kubernetes: Kubernetes) -> Iterator[Notice]:
    """Tell of environments in one namespace of one cluster: their objects have the same names."""
    sharing: dict[tuple[str, str], list[str]] = {}
    for environment in kubernetes.environments:
        sharing.setdefault((environment.agent, environment.namespace), []).append(environment.name)
    for (agent, namespace), names in sharing.items():
        if len(names) > 1:
            yield Notice(
                "namespace-shared",
                f"{' and '.join(names)} deploy to the namespace {namespace} of the same cluster ({agent}): "
                "each deployment takes the place of the other",
                "Give each environment a namespace of its own.",
            )


def _namespace_notices(kubernetes: Kubernetes, detection: Detection) -> Iterator[Notice]:
    """Tell of workloads whose manifests say another namespace than the answers."""
    for environment in kubernetes.environments:
        for each in adopted_in(kubernetes, environment, detection):
            if moves(each.workload, environment.name, environment.namespace, detection):
                there = built_as(each.workload, environment.name, detection).namespace
                yield Notice(
                    "namespace-differs",
                    f"{each.workload.place}: {each.title} is for the namespace {there}, but {environment.name} "
                    f"deploys all that comes with it to {environment.namespace}; what runs in {there} stays as it is",
                    f"To go on with what runs in {there}: namespace: {there} for the environment {environment.name}.",
                )


def _placeholder_notices(kubernetes: Kubernetes, detection: Detection) -> Iterator[Notice]:
    """Tell of values that a step before kubectl fills in today, other than the images that are put in."""
    taken = (
        found for environment in kubernetes.environments for found in adopted_in(kubernetes, environment, detection)
    )
    for each in dict.fromkeys(taken):
        images = Counter(found.image for found in each.workload.containers if found.name in each.containers)
        left = Counter(each.workload.left_open) - images
        if left:
            yield Notice(
                "manifest-placeholder",
                f"{each.workload.place}: {each.title} holds {', '.join(left)}, which the deploy job does not fill in",
                "Write the value there, or set it in a kustomization that lists the file.",
            )


def _found(item: OwnWorkload, detection: Detection) -> Workload:
    file = posixpath.normpath(item.file)
    there = [found for found in detection.workloads if found.path == file]
    fitting = [found for found in there if (found.kind, found.name) == (item.kind, item.name)]
    _check_readable(item, file, detection)
    if not fitting:
        raise UsageError(
            "workload-not-found",
            f"there is no {item.kind} {item.name} in {item.file}; {_listed(there or detection.workloads)}",
            _HINT,
        )
    if len(fitting) > 1:
        raise UsageError(
            "workload-twice",
            f"{item.kind} {item.name} stands twice in {file}: {' and '.join(each.place for each in fitting[:3])}; "
            "an environment has one namespace, so the two would be one",
            "Keep those of each environment in a file of their own.",
        )
    _check_version(fitting[0])
    return fitting[0]


def _check_readable(item: OwnWorkload, file: str, detection: Detection) -> None:
    if fault := detection.faults.get(file):
        raise UsageError(
            "manifest-not-readable",
            f"{file}, {fault}: it is no YAML throughout (a template?), so kustomize cannot read it",
            f"Move {item.kind} {item.name} into a file of its own, or leave deploy.kubernetes.workloads out.",
        )


def _check_version(workload: Workload) -> None:
    if workload.api_version != workload.served:
        raise UsageError(
            "workload-api-version",
            f"{workload.place}: {workload.kind} {workload.name} has apiVersion {workload.api_version or '(none)'}, "
            f"which no cluster serves any more, so it cannot be patched",
            f"Write apiVersion: {workload.served}.",
        )


def _listed(workloads: Sequence[Workload]) -> str:
    names = [f"{found.kind} {found.name} in {found.place}" for found in workloads]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"there is {', '.join(names[:5])}{more}" if names else "no workload was found in the repository"


def _check_container(item: OwnWorkload, workload: Workload) -> None:
    names = [found.name for found in workload.containers]
    if names.count(item.container) != 1:
        listed = ", ".join(names) or "none with an image"
        raise UsageError(
            "container-not-found",
            f"{workload.place}: {item.kind} {item.name} has no container {item.container} of its own; there: {listed}",
            _HINT,
        )


def _only(group: Sequence[Workload], environment: Environment) -> Workload:
    """Return the one of several manifests of a workload that is for an environment, by its namespace or its path."""
    if len(group) == 1:
        return group[0]
    name = environment.name.lower()
    by_namespace = [found for found in group if found.namespace == environment.namespace]
    by_path = [found for found in group if name in found.path.lower().replace(".", "/").split("/")]
    fitting = next((found for found in (by_namespace, by_path) if len(found) == 1), None)
    if fitting is None:
        listed = ", ".join(found.place for found in group)
        raise UsageError(
            "workload-ambiguous",
            f"{group[0].kind} {group[0].name} is in {listed}; which of them is for {environment.name} cannot be told",
            f"Keep the one for {environment.name} in a folder or file of that name, or leave the others out.",
        )
    return fitting[0]


def _check_bases(adopted: Sequence[Adopted], environment: Environment, detection: Detection) -> None:
    chosen = bases(adopted, environment.name, detection)
    brought = [base.paths(detection) for base in chosen]
    for base in chosen:
        _check_no_helm(base, detection)
        _check_no_circle(base, environment, detection)
    times = Counter(path for paths in brought for path in dict.fromkeys(paths))
    for each in adopted:
        workload = each.workload
        if times[workload.path] > 1:
            raise UsageError(
                "workload-twice",
                f"{workload.place}: {each.title} comes with several of {', '.join(base.path for base in chosen)}",
                "Have one kustomization hold all of them.",
            )
        everything = next(paths for paths in brought if workload.path in paths)
        _check_alone(workload, everything, detection)
        _check_name(workload, environment, detection)


def _check_no_helm(base: Base, detection: Detection) -> None:
    found = (at(path, detection.kustomizations) for path in base.paths(detection))
    helm = next((each for each in found if each and each.helm), None)
    if helm:
        raise UsageError(
            "kustomization-needs-helm",
            f"the kustomization in {helm.folder or 'the root'} inflates Helm charts, which kubectl does not do",
            "Leave deploy.kubernetes.workloads out, and deploy the chart as until now.",
        )


def _check_no_circle(base: Base, environment: Environment, detection: Detection) -> None:
    overlay = layout.adopting_overlay(environment.name)
    around = next((path for path in base.paths(detection) if not base.file and _holds(path, overlay)), None)
    if around is not None:
        raise UsageError(
            "kustomization-above",
            f"the kustomization in {around or 'the root'} holds {overlay}, and kustomize takes an overlay below what "
            "it builds on for a circle",
            "Move that kustomization into a folder such as deploy, or leave deploy.kubernetes.workloads out.",
        )


def _holds(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _check_alone(workload: Workload, brought: Sequence[str], detection: Detection) -> None:
    """Refuse two of a name that come in together: in the one namespace of the environment they would be one."""
    others = [
        found
        for found in detection.workloads
        if (found.kind, found.name) == (workload.kind, workload.name) and found.path in brought
    ]
    if len(others) > 1:
        listed = " and ".join(found.place for found in others[:3])
        raise UsageError(
            "workload-twice",
            f"{workload.kind} {workload.name} comes twice: {listed}; an environment has one namespace, so the two "
            "would be one",
            "Have a kustomization for each environment that holds one of them.",
        )


def _check_name(workload: Workload, environment: Environment, detection: Detection) -> None:
    name = built_as(workload, environment.name, detection).name
    problem = problem_with(named("deploy.kubernetes.workloads.name"), name)
    if problem:
        base = base_of(workload, environment.name, detection)
        raise UsageError(
            "workload-name",
            f"the kustomization in {base.path or 'the root'} calls {workload.kind} {workload.name} {name}: {problem}",
            "Correct its namePrefix or nameSuffix.",
        )
