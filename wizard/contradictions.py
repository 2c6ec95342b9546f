"""Answers that are each allowed and cannot be meant together.

They are looked for in the plain document, so that they are found beside whatever else is wrong with it, and whether
they came from a file or from flags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wizard.answer_words import Problem
from wizard.documents import Path, dotted
from wizard.secret import parse_reference

_NEEDED = "give a reference such as env:NAME"


def contradictions(data: Any) -> Iterator[Problem]:
    """Yield each contradiction in a plain document; parts of a wrong type are passed over."""
    if isinstance(data, Mapping):
        for rule in _RULES:
            yield from rule(data)


def _section(data: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data if isinstance(data, Mapping) else {}


def _items(data: Any, *keys: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    found = _section(data, *keys[:-1]).get(keys[-1])
    for index, item in enumerate(found if isinstance(found, list | tuple) else ()):
        if isinstance(item, Mapping):
            yield (*keys, index), item


def _external(data: Mapping[str, Any]) -> Iterator[Problem]:
    registry = _section(data, "registry")
    if registry.get("target") != "external":
        return
    if registry.get("external") is None:
        yield ("registry", "external"), "is missing: the target is external"
    for key in ("visibility", "cleanup", "protect"):
        if registry.get(key) is not None:
            yield ("registry", key), "is for GitLab's own registry, but the target is external"


def _protect(data: Mapping[str, Any]) -> Iterator[Problem]:
    protect = _section(data, "registry", "protect")
    if "push" in protect and "delete" in protect and protect["push"] is None and protect["delete"] is None:
        yield ("registry", "protect"), "limits neither push nor delete; write none to remove the rule"


def _without_build(data: Mapping[str, Any]) -> Iterator[Problem]:
    build = data.get("build")
    if build is not None and _section(data, "build").get("enabled") is not False:
        return
    why = "the build is switched off" if build is not None else "there is no build section"
    for key in ("deploy", "mirror"):
        if data.get(key):
            yield (key,), f"needs the image that the build makes, but {why}"


def _environments(data: Mapping[str, Any]) -> Iterator[Problem]:
    items = _items(data, "deploy", "kubernetes", "environments")
    yield from _twice(items, lambda item: item.get("name"), "the environment stands here twice", "name")


def _workloads(data: Mapping[str, Any]) -> Iterator[Problem]:
    def identity(item: Mapping[str, Any]) -> Any:
        parts = (item.get("file"), item.get("kind", "Deployment"), item.get("name"), item.get("container"))
        return parts if all(isinstance(part, str) for part in parts) else None

    items = list(_items(data, "deploy", "kubernetes", "workloads"))
    yield from _twice(items, identity, "the container stands here twice", "container")
    if items and _section(data, "deploy", "kubernetes", "app"):
        yield (
            ("deploy", "kubernetes", "app"),
            "is for manifests that are written, but workloads names own ones",
        )


def _docker_auth(data: Mapping[str, Any]) -> Iterator[Problem]:
    items = list(_items(data, "docker_auth"))
    yield from _twice(items, lambda item: item.get("host"), "the host stands here twice", "host")
    for path, item in items:
        for key in ("username", "password"):
            if not item.get("absent") and item.get(key) is None:
                yield (*path, key), "is missing (only an item with absent: true needs none)"


def _variables(data: Mapping[str, Any]) -> Iterator[Problem]:
    items = list(_items(data, "variables"))
    yield from _twice(items, _identity, "the same key and scope stand here twice", "key")
    for path, item in items:
        key = item.get("key")
        if isinstance(key, str) and key.startswith("CI_"):
            yield (*path, "key"), "names that begin with CI_ are GitLab's own"
        yield from _written_elsewhere(data, path, item)
        if not item.get("absent"):
            yield from _value(path, item)


def _identity(item: Mapping[str, Any]) -> Any:
    key, scope = item.get("key"), item.get("scope", "*")
    return (key, scope) if isinstance(key, str) and isinstance(scope, str) else None


def _value(path: Path, item: Mapping[str, Any]) -> Iterator[Problem]:
    masked = item.get("masked", True)
    hidden = masked if item.get("hidden") is None else item["hidden"]
    value = item.get("value")
    if hidden is True and masked is False:
        yield (*path, "hidden"), "a hidden variable is always masked, but masked is false"
    if value is None:
        yield (*path, "value"), f"is missing: {_NEEDED}"
    elif isinstance(value, str) and (masked is True or hidden is True) and parse_reference(value) is None:
        words = f"a secret is never written here: {_NEEDED}, or say masked: false and hidden: false"
        yield (*path, "value"), words


def _written_elsewhere(data: Mapping[str, Any], path: Path, item: Mapping[str, Any]) -> Iterator[Problem]:
    if item.get("scope", "*") != "*":
        return
    key = item.get("key")
    if key == "DOCKER_AUTH_CONFIG" and data.get("docker_auth"):
        yield (*path, "key"), "docker_auth writes this variable already"
    names = ("DOCKER_REGISTRY", "DOCKER_REGISTRY_USER", "DOCKER_REGISTRY_PASS")
    if key in names and _section(data, "registry").get("target") == "external":
        yield (*path, "key"), "registry.external writes this variable already"


def _twice(
    items: Iterator[tuple[Path, Mapping[str, Any]]] | list[tuple[Path, Mapping[str, Any]]],
    identity: Callable[[Mapping[str, Any]], Any],
    words: str,
    key: str,
) -> Iterator[Problem]:
    first: dict[Any, Path] = {}
    for path, item in items:
        name = identity(item)
        if not isinstance(name, str | tuple):
            continue
        if name in first:
            yield (*path, key), f"{words}, first as {dotted(first[name])}"
        first.setdefault(name, path)


_RULES = (_external, _protect, _without_build, _environments, _workloads, _docker_auth, _variables)
