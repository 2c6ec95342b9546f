"""`!reference` and `extends` carried out: each job holds all that is its own (`Gitlab::Ci::Config::Extendable`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wizard.sandbox.ci.includes import merge
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.yaml_text import Reference

DEEPEST_REFERENCE = 10
DEEPEST_EXTENDS = 11


def expanded(content: dict[Any, Any]) -> dict[Any, Any]:
    """Return a configuration without references, every job merged over what it extends."""
    whole = {key: _without_references(value, content, ()) for key, value in content.items()}
    return {key: _extended(str(key), value, whole, ()) for key, value in whole.items()}


def _without_references(value: Any, content: Mapping[Any, Any], chain: tuple[Reference, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_references(item, content, chain) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item, content, chain) for item in value]
    if not isinstance(value, Reference):
        return value
    if value in chain:
        raise ConfigurationError(f"{value} is part of a circular chain")
    if len(chain) >= DEEPEST_REFERENCE:
        raise ConfigurationError(f"{value} is nested too deeply")
    found: Any = content
    for key in value.keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is None or found is False:
        raise ConfigurationError(f"{value} could not be found")
    return _without_references(found, content, (*chain, value))


def _extended(name: str, job: Any, whole: Mapping[Any, Any], chain: tuple[str, ...]) -> Any:
    if not isinstance(job, Mapping) or job.get("extends") is None:
        return job
    bases = job["extends"] if isinstance(job["extends"], list) else [job["extends"]]
    if not all(isinstance(base, str) for base in bases):
        return job
    _check(name, bases, whole, chain)
    merged: Any = {}
    for base in bases:
        merged = merge(merged, _extended(base, whole[base], whole, (*chain, name)))
    return merge(merged, job)


def _check(name: str, bases: Sequence[str], whole: Mapping[Any, Any], chain: tuple[str, ...]) -> None:
    def told(problem: str, among: Sequence[str] = ()) -> ConfigurationError:
        listed = f" ({', '.join(among)})" if among else ""
        return ConfigurationError(f"{name}: {problem}{listed}")

    unknown = [base for base in bases if base not in whole]
    if unknown:
        raise told("unknown keys in `extends`", unknown)
    invalid = [base for base in bases if not isinstance(whole[base], Mapping)]
    if invalid:
        raise told("invalid base hashes in `extends`", invalid)
    if len(chain) >= DEEPEST_EXTENDS:
        raise told("nesting too deep in `extends`")
    if name in chain or name in bases:
        raise told("circular dependency detected in `extends`")
