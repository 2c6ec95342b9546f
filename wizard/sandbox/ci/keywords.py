"""The keywords of a configuration and what each takes (`Gitlab::Ci::Config::Entry`, `doc/ci/yaml`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wizard.sandbox.ci.expressions import is_expression
from wizard.sandbox.ci.shapes import (
    Rule,
    anything,
    attribute,
    boolean,
    commands,
    duration,
    entry,
    is_a,
    items,
    mapping,
    one_of,
    one_or_mapping,
    place_of,
    text,
    text_or_texts,
    texts,
)

WHEN = ("on_success", "on_failure", "always", "manual", "delayed")
TEXTS = "should be an array of strings"
SCRIPT = "should be a string or a nested array of strings up to 10 levels deep"
_SCALAR = (str, int, float, bool)


def _files(value: Any) -> bool:
    return texts(value) and bool(value)


def _integers(value: Any) -> bool:
    return is_a(value, int) or (isinstance(value, list) and all(is_a(item, int) for item in value))


def _named(keyword: str, of_mapping: Mapping[str, Rule]) -> Rule:
    """A text, or a mapping with a name."""
    return one_or_mapping(str, mapping({"name": attribute(text, "should be a string"), **of_mapping},
                                       "should be a hash or a string", required=(keyword,)))  # fmt: skip


def _variables(*data: str) -> Rule:
    value_or_data = mapping(dict.fromkeys(data, anything))

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        whole = place_of(place, keyword)
        if value is None:
            return
        if not isinstance(value, Mapping):
            yield f"{whole} config should be a hash"
            return
        for name, item in value.items():
            if isinstance(item, Mapping):
                unknown = [str(key) for key in item if key not in data]
                if unknown:
                    yield f"{whole}:{name} config uses invalid data keys: {', '.join(unknown)}"
                yield from value_or_data({key: item[key] for key in item if key in data}, whole, str(name))
            elif not isinstance(item, _SCALAR):
                yield f"{whole}:{name} config variable definition must be either a string or a hash"

    return check


def _retry(value: Any, place: str, keyword: str) -> Iterator[str]:
    whole = place_of(place, keyword)
    if isinstance(value, Mapping):
        yield from _RETRY(value, place, keyword)
        value = value.get("max")
        whole += " max" if value is not None else ""
    elif value is not None and not is_a(value, int):
        yield f"{whole} has to be either an integer or a hash"
    if is_a(value, int) and not 0 <= value <= 2:
        yield f"{whole}{'' if whole.endswith(' max') else ' config'} must be less than or equal to 2"


def _rules(when: tuple[str, ...], keys: Mapping[str, Rule]) -> Rule:
    rule = mapping({"when": attribute(one_of(*when), f"should be one of: {', '.join(when)}"), **_RULE, **keys})

    def check(value: Any, place: str, keyword: str) -> Iterator[str]:
        if value is None:
            return
        flat = list(_flat(value)) if isinstance(value, list) else None
        if flat is None or not all(isinstance(item, Mapping) for item in flat):
            yield f"{place} {keyword} should be an array containing hashes and arrays of hashes".strip()
            return
        for item in flat:
            yield from rule(item, place_of(place, keyword), "rule")

    return check


def _flat(value: list[Any]) -> Iterator[Any]:
    for item in value:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def _changes(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) <= {"paths", "compare_to"} and texts(value.get("paths", []))
    return texts(value)


def _need(value: Any, place: str, keyword: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        if not isinstance(value, str):
            yield f"{place} config can only be a hash or an array"
        return
    if not {"job", "pipeline"} & set(value):
        yield f"{place_of(place, keyword)} config missing required keys: job"
    yield from _NEED(value, place, keyword)


def _allow_failure(value: Any, place: str, keyword: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _EXIT_CODES(value, place, keyword)
    elif value is not None and not isinstance(value, bool):
        yield f"{place} allow failure should be a hash or a boolean value"


def _parallel(value: Any, place: str, keyword: str) -> Iterator[str]:
    whole = place_of(place, keyword)
    if is_a(value, int):
        if not 1 <= value <= 200:
            yield f"{whole} config must be {'greater than or equal to 1' if value < 1 else 'less than or equal to 200'}"
    elif isinstance(value, Mapping):
        yield from _MATRIX(value, place, keyword)
    elif value is not None:
        yield f"{whole} should be an integer or a hash"


def _cache(value: Any, place: str, keyword: str) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield from _CACHE(item, place, keyword)


_RULE: dict[str, Rule] = {
    "if": attribute(lambda value: isinstance(value, str) and is_expression(value), "invalid expression syntax"),
    "changes": entry(_changes, TEXTS),
    "exists": entry(lambda value: isinstance(value, Mapping) or texts(value), TEXTS),
    "variables": _variables("value"),
}
_JOB_RULE: dict[str, Rule] = {
    "start_in": attribute(duration, "should be a duration"),
    "allow_failure": attribute(lambda value: isinstance(value, bool | dict), "should be a boolean value"),
    "needs": anything,
    "interruptible": entry(boolean, "should be a boolean value"),
}
_NEED = mapping(
    {
        "job": attribute(text, "should be a string"),
        "artifacts": attribute(boolean, "should be a boolean value"),
        "optional": attribute(boolean, "should be a boolean value"),
        "parallel": anything,
        "pipeline": attribute(text, "should be a string"),
        "project": attribute(text, "should be a string"),
        "ref": attribute(text, "should be a string"),
    }
)
_EXIT_CODES = mapping(
    {"exit_codes": attribute(_integers, "should be an array of integers or an integer")}, required=("exit_codes",)
)
_RETRY = mapping(
    {
        "max": anything,
        "when": attribute(text_or_texts, "should be an array of strings or a string"),
        "exit_codes": attribute(_integers, "should be an array of integers or an integer"),
    }
)
_MATRIX = mapping(
    {"matrix": entry(lambda value: isinstance(value, list), "should be an array of hashes")}, "", ("matrix",)
)
_IMAGE: dict[str, Rule] = {
    "entrypoint": attribute(texts, TEXTS),
    "docker": attribute(lambda value: isinstance(value, Mapping), "should be a hash"),
    "kubernetes": attribute(lambda value: isinstance(value, Mapping), "should be a hash"),
    "pull_policy": anything,
    "ports": anything,
}
_CACHE = mapping(
    {
        "key": attribute(lambda value: isinstance(value, str | dict), "should be a hash, a string or a symbol"),
        "paths": entry(texts, TEXTS),
        "policy": attribute(text, "should be a variable or one of: pull-push, push, pull"),
        "unprotect": entry(boolean, "should be a boolean value"),
        "untracked": entry(boolean, "should be a boolean value"),
        "when": attribute(
            one_of("on_success", "on_failure", "always"), "should be one of: on_success, on_failure, always"
        ),
        "fallback_keys": attribute(texts, TEXTS),
    },
    "should be either a hash or an array of hashes",
)
_ARTIFACTS = mapping(
    {
        "name": attribute(text, "should be a string"),
        "paths": attribute(_files, TEXTS),
        "exclude": attribute(texts, TEXTS),
        "expose_as": attribute(text, "should be a string"),
        "untracked": attribute(boolean, "should be a boolean value"),
        "when": attribute(
            one_of("on_success", "on_failure", "always"), "should be one of: on_success, on_failure, always"
        ),
        "expire_in": attribute(duration, "should be a duration"),
        "reports": entry(lambda value: isinstance(value, Mapping), "should be a hash"),
        "public": attribute(boolean, "should be a boolean value"),
        "access": attribute(
            one_of("none", "developer", "maintainer", "all"), "should be one of: none, developer, all, maintainer"
        ),
    }
)
_ENVIRONMENT: dict[str, Rule] = {
    "url": attribute(text, "should be a string"),
    "on_stop": attribute(text, "should be a string"),
    "action": attribute(
        one_of("start", "stop", "prepare", "verify", "access"), "should be start, stop, prepare, verify, or access"
    ),
    "auto_stop_in": attribute(text, "should be a duration"),
    "kubernetes": attribute(lambda value: isinstance(value, Mapping), "should be a hash"),
    "deployment_tier": attribute(text, "must be one of production, staging, testing, development, or other"),
}
# keywords of a job that `default` may have, too
SHARED: dict[str, Rule] = {
    "before_script": entry(commands, SCRIPT),
    "after_script": entry(commands, SCRIPT),
    "image": _named("name", _IMAGE),
    "services": items(
        _named(
            "name",
            {**_IMAGE, "command": anything, "alias": attribute(text, "should be a string"), "variables": _variables()},
        ),
        "service",
        "should be a array",
    ),
    "tags": entry(texts, TEXTS),
    "cache": _cache,
    "artifacts": _ARTIFACTS,
    "retry": _retry,
    "timeout": entry(duration, "should be a duration"),
    "interruptible": entry(boolean, "should be a boolean value"),
    "hooks": mapping({"pre_get_sources_script": entry(commands, SCRIPT)}),
    "id_tokens": entry(lambda value: isinstance(value, Mapping), "should be a hash"),
    "identity": anything,
}
PROCESSABLE: dict[str, Rule] = {
    "extends": attribute(text_or_texts, "should be an array of strings or a string"),
    "stage": entry(text, "should be a string"),
    "rules": _rules((*WHEN, "never"), _JOB_RULE),
    "only": anything,
    "except": anything,
    "variables": _variables("value", "expand"),
    "inherit": mapping({"default": anything, "variables": anything}),
    "allow_failure": _allow_failure,
    "when": attribute(one_of(*WHEN), f"should be one of: {', '.join(WHEN)}"),
    "needs": items(_need, "need", "can only be a hash or an array", (list, dict)),
    "resource_group": attribute(text, "should be a string"),
    "environment": _named("name", _ENVIRONMENT),
    "parallel": _parallel,
}
JOB: dict[str, Rule] = {
    **SHARED,
    **PROCESSABLE,
    "script": entry(commands, SCRIPT),
    "run": entry(lambda value: isinstance(value, list), "should be an array"),
    "start_in": attribute(duration, "should be a duration"),
    "dependencies": attribute(texts, TEXTS),
    "coverage": entry(
        lambda value: isinstance(value, str) and bool(re.fullmatch("/.+/", value)), "must be a regular expression"
    ),
    "release": entry(lambda value: isinstance(value, Mapping), "should be a hash"),
    "secrets": entry(lambda value: isinstance(value, Mapping), "should be a hash"),
    "publish": attribute(text, "should be a string"),
    "pages": one_or_mapping(
        bool,
        mapping(
            dict.fromkeys(("path_prefix", "expire_in", "publish"), anything), "should be a hash or a boolean value"
        ),
    ),
    "manual_confirmation": attribute(text, "should be a string"),
    "inputs": anything,
    "dast_configuration": anything,
}
BRIDGE: dict[str, Rule] = {
    **PROCESSABLE,
    "interruptible": SHARED["interruptible"],
    "trigger": one_or_mapping(
        str,
        mapping(dict.fromkeys(("project", "branch", "strategy", "include", "forward", "inputs"), anything),
                "has to be either a string or a hash"),
    ),
}  # fmt: skip
ROOT: dict[str, Rule] = {
    "default": mapping(SHARED),
    "include": anything,
    "before_script": SHARED["before_script"],
    "after_script": SHARED["after_script"],
    "image": SHARED["image"],
    "services": SHARED["services"],
    "cache": SHARED["cache"],
    "variables": _variables("value", "description", "expand", "options"),
    "stages": entry(texts, TEXTS),
    "workflow": mapping(
        {
            "rules": _rules(("always", "never"), {"auto_cancel": anything}),
            "name": attribute(text, "should be a string"),
            "auto_cancel": anything,
        }
    ),
    "spec": anything,
}
