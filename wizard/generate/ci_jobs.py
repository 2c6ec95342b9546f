"""The jobs of a present `.gitlab-ci.yml`, with what they take from `extends`, merge keys and `default`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, SequenceNode

from wizard.generate.ci_document import CiDocument
from wizard.generate.ci_nodes import items, line_of, lookup, merges, pairs, resolved, text_of

_KEYWORDS = frozenset(
    {"after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages", "tags"}
    | {"types", "variables", "workflow"}
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_REFERENCE = "!reference"
_DEEPEST = 10
"""Variables and references within others that are followed (GitLab: ten levels of `!reference`)."""


@dataclass(frozen=True, slots=True)
class CiJob:
    """A job or a hidden template, as written."""

    name: str
    line: int
    node: Node

    @property
    def hidden(self) -> bool:
        """Whether it is a template that never runs itself."""
        return self.name.startswith(".")


def entries(document: CiDocument) -> Iterator[CiJob]:
    """Yield every job and every template, the last one of each name, in the order of the file."""
    last = {text_of(key): key for key, _ in pairs(document.root)}
    for key, value in pairs(document.root):
        name = text_of(key)
        if name and name not in _KEYWORDS and last[name] is key and isinstance(resolved(value), MappingNode):
            yield CiJob(name, line_of(key), value)


def jobs(document: CiDocument) -> Iterator[CiJob]:
    """Yield the jobs that a runner executes: no templates, and none that only starts another pipeline."""
    for job in entries(document):
        if not job.hidden and inherited(document, job.node, "trigger") is None:
            yield job


def inherited(document: CiDocument, job: Node, key: str) -> Node | None:
    """Return the value of a job's key: its own, by merge keys too, else the one of what it extends, the last first."""
    waiting, seen = [job], set()
    while waiting:
        node = waiting.pop(0)
        found = lookup(node, key)
        if found is not None:
            return found
        extends = lookup(node, "extends")
        names = [text_of(extends)] if extends is not None and text_of(extends) else map(text_of, items(extends))
        fresh = [name for name in names if name and name not in seen]
        seen.update(fresh)
        waiting[:0] = filter(None, (lookup(document.root, name) for name in reversed(fresh)))
    return None


def takes_default(job: Node, key: str) -> bool:
    """Whether a job inherits a keyword of `default` (doc/ci/yaml, "inherit:default")."""
    answer = lookup(lookup(job, "inherit"), "default")
    if answer is None:
        return True
    names = items(answer)
    return key in map(text_of, names) if names else text_of(answer) != "false"


def effective(document: CiDocument, job: Node, key: str, standard: Node | None) -> Node | None:
    """Return what counts for a job: its own value, an extended one, or `standard`, the default of all jobs."""
    found = inherited(document, job, key)
    return standard if found is None and takes_default(job, key) else found


def default(document: CiDocument, key: str) -> Node | None:
    """Return the value that all jobs have by default, in its place of today or in the deprecated one."""
    found = lookup(lookup(document.root, "default"), key)
    return found if found is not None else lookup(document.root, key)


def referenced(document: CiDocument, node: Node) -> Node:
    """Return what a `!reference [job, key, …]` stands for in this file; other nodes as they are."""
    for _ in range(_DEEPEST):
        here = resolved(node)
        if here.tag != _REFERENCE or not isinstance(here, SequenceNode):
            return here
        found: Node | None = document.root
        for part in here.value:
            found = lookup(found, text_of(part) or "")
        if found is None:
            return here
        node = found
    return node


def global_variables(document: CiDocument) -> Iterator[tuple[Node, Node]]:
    """Yield the variables of all jobs as written: in `variables`, by merge keys too, and in `workflow:rules`."""
    yield from _merged_pairs(lookup(document.root, "variables"))
    for rule in items(lookup(lookup(document.root, "workflow"), "rules")):
        yield from _merged_pairs(lookup(rule, "variables"))


def _merged_pairs(node: Node | None) -> Iterator[tuple[Node, Node]]:
    waiting, seen = [node], set()
    while waiting:
        current = waiting.pop(0)
        if current is None or id(resolved(current)) in seen:
            continue
        seen.add(id(resolved(current)))
        sources = [source for _, source in merges(current)]
        merged = {id(key) for key, _ in merges(current)}
        yield from ((key, value) for key, value in pairs(current) if id(key) not in merged)
        waiting += sources


def expanded(document: CiDocument, job: Node, text: str) -> str:
    """Return a text with the variables that the file itself gives a job; others stay as written."""
    for _ in range(_DEEPEST):
        after = _VARIABLE.sub(lambda found: _value(document, job, found[1] or found[2]) or found[0], text)
        if after == text:
            return text
        text = after
    return text


def _value(document: CiDocument, job: Node, name: str) -> str | None:
    own = lookup(inherited(document, job, "variables"), name)
    value = own if own is not None else lookup(lookup(document.root, "variables"), name)
    if value is None:
        return None
    inner = lookup(value, "value")
    return text_of(inner if inner is not None else value)
