"""The YAML of a CI/CD configuration, read as GitLab reads it (by Psych, which stands on libyaml)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from wizard.sandbox.ci.problems import ConfigurationError

BLANK = "Please provide content of .gitlab-ci.yml"
NO_MAPPING = "Invalid configuration format"
TOO_BIG = "The parsed YAML is too big"
DEEPEST = 100
MOST_NODES = 200_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A `!reference` tag: the keys that lead to what is put in its place."""

    keys: tuple[str, ...]

    def __str__(self) -> str:
        return "!reference [" + ", ".join(f'"{key}"' for key in self.keys) + "]"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml where it is there
    """Knows GitLab's own tag, and takes no date for anything but an error, as GitLab does."""


class _LaterAnchors(yaml.SafeLoader):
    """Lets an anchor be given twice, the later one counting from there on, as YAML does and libyaml's binding not."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)  # type: ignore[no-untyped-call]  # of PyYAML
        return super().compose_node(parent, index)


def _reference(loader: Any, node: yaml.Node) -> Reference:
    keys = loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else []
    if not keys or not all(isinstance(key, str) for key in keys):
        raise ConfigurationError("!reference is not valid: it takes a list of keys")
    return Reference(tuple(keys))


def _date(_loader: Any, _node: yaml.Node) -> None:
    raise ConfigurationError("Tried to load unspecified class: Date")


for _kind in (_Loader, _LaterAnchors):
    _kind.add_constructor("!reference", _reference)
    _kind.add_constructor("tag:yaml.org,2002:timestamp", _date)


def read_configuration(text: str) -> dict[Any, Any]:
    """Return the mapping of a configuration; of two documents the first may only be a header (`spec`)."""
    if not text.strip():
        raise ConfigurationError(BLANK)
    try:
        documents = _documents(text)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError(_told(error, text)) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"(<unknown>): {error}") from None
    content = documents[-1] if len(documents) > 1 and _is_header(documents[0]) else documents[0]
    if not isinstance(content, dict):
        raise ConfigurationError(NO_MAPPING)
    _check_size(content)
    return content


def _documents(text: str) -> list[Any]:
    try:
        return list(yaml.load_all(text, _Loader))
    except yaml.MarkedYAMLError as error:
        if "duplicate anchor" not in f"{error.problem} {error.context}":
            raise
        return list(yaml.load_all(text, _LaterAnchors))


def _check_size(content: Any) -> None:
    """Refuse what aliases blow up, and what goes round in a circle."""
    level, nodes = [content], 0
    for _ in range(DEEPEST):
        level = [item for part in level for item in _parts(part)]
        nodes += len(level)
        if not level:
            return
        if nodes > MOST_NODES:
            break
    raise ConfigurationError(TOO_BIG)


def _parts(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(part.values())
    return part if isinstance(part, list) else []


def write_configuration(content: dict[Any, Any]) -> str:
    """Return a configuration as text, as `merged_yaml` shows it."""
    return yaml.dump(content, Dumper=_Dumper, explicit_start=True, sort_keys=False, allow_unicode=True, width=1_000_000)


class _Dumper(yaml.SafeDumper):
    """Writes what is there twice in full, and several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - of PyYAML
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _is_header(document: Any) -> bool:
    return isinstance(document, dict) and set(document) == {"spec"}


def _told(error: yaml.MarkedYAMLError, text: str) -> str:
    words = " ".join(part for part in (error.problem, error.context) if part)
    mark = error.problem_mark or error.context_mark
    if words.startswith("found undefined alias") and mark:
        alias = re.match(r"\*?(\S+)", text.splitlines()[mark.line][mark.column :])
        return f"Unknown alias: {alias[1] if alias else ''}"
    place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
    return f"(<unknown>): {words}{place}"
