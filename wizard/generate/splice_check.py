"""The safety net of the splice: the changed file is read again and must be the old one with our additions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yaml.nodes import Node

from wizard.generate.ci_document import CiDocument, NotEditableError
from wizard.generate.ci_nodes import Pair, items, line_of, lookup, pairs, resolved, same, text_of, written
from wizard.generate.splice_include import included

_OURS = frozenset({"include", "stages"})


@dataclass(frozen=True, slots=True)
class Additions:
    """What the insertions must amount to: the file included, or None, and new stages by their place in the list."""

    include: str | None
    stages: Sequence[tuple[str, int]]


def check(before: CiDocument, after: CiDocument, additions: Additions) -> None:
    """Raise NotEditableError unless `after` means what `before` means, plus the additions and nothing else."""
    _check_header(before, after)
    _check_other_keys(before, after)
    _check_include(before, after, additions.include)
    _check_stages(before, after, additions.stages)


def _check_header(before: CiDocument, after: CiDocument) -> None:
    if before.header is None and after.header is None:
        return
    if before.header is None or after.header is None or not same(before.header, after.header):
        raise NotEditableError(1, "the `spec:` header would change with the insertion")


def _check_other_keys(before: CiDocument, after: CiDocument) -> None:
    old, new = _other_pairs(before), _other_pairs(after)
    for (old_key, old_value), (new_key, new_value) in zip(old, new, strict=False):
        if not (same(old_key, new_key) and same(old_value, new_value)):
            raise NotEditableError(line_of(old_key), f"`{text_of(old_key)}` would change with the insertion")
    if len(old) != len(new):
        raise NotEditableError(_root_line(before), "the top-level keys would change with the insertion")


def _other_pairs(document: CiDocument) -> list[Pair]:
    return [pair for pair in pairs(document.root) if text_of(pair[0]) not in _OURS]


def _check_include(before: CiDocument, after: CiDocument, path: str | None) -> None:
    old, new = _included(before), _included(after)
    added = new[len(old) :]
    kept = len(new) >= len(old) and all(map(same, old, new))
    if not kept or [_local(entry) for entry in added] != ([path] if path else []):
        raise NotEditableError(_key_line(before, "include"), "`include` cannot be extended here by an insertion")


def _included(document: CiDocument) -> list[Node]:
    pair = written(document.root, "include")
    return included(pair[1]) if pair else []


def _local(entry: Node) -> str | None:
    local = lookup(entry, "local") if len(pairs(entry)) == 1 else None
    return None if local is None else text_of(local)


def _check_stages(before: CiDocument, after: CiDocument, added: Sequence[tuple[str, int]]) -> None:
    old, new = written(before.root, "stages"), written(after.root, "stages")
    if old is None or new is None or not added:
        unchanged = (old is None and new is None) or (old and new and same(old[1], new[1]))
        if not unchanged:
            raise NotEditableError(_key_line(before, "stages"), "`stages` would change with the insertion")
        return
    expected: list[Node | str] = list(items(old[1]))
    for name, position in reversed(added):
        expected.insert(position, name)
    found = items(new[1])
    kept = resolved(old[1]).tag == resolved(new[1]).tag and len(found) == len(expected)
    if not kept or not all(map(_is_expected, found, expected)):
        raise NotEditableError(_key_line(before, "stages"), "`stages` cannot be extended here by an insertion")


def _is_expected(node: Node, expected: Node | str) -> bool:
    return text_of(node) == expected if isinstance(expected, str) else same(node, expected)


def _key_line(document: CiDocument, key: str) -> int:
    pair = written(document.root, key)
    return line_of(pair[0]) if pair else _root_line(document)


def _root_line(document: CiDocument) -> int:
    return line_of(document.root) if document.root else 1
