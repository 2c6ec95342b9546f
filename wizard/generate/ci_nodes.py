"""Reading the nodes of a `.gitlab-ci.yml`: aliases followed, merge keys (`<<`) honoured, cycles survived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from yaml.error import Mark
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

SEQUENCE_TAG = "tag:yaml.org,2002:seq"
MAPPING_TAG = "tag:yaml.org,2002:map"
STRING_TAG = "tag:yaml.org,2002:str"
NULL_TAG = "tag:yaml.org,2002:null"
MERGE_TAG = "tag:yaml.org,2002:merge"

Pair = tuple[Node, Node]


class AliasNode(Node):
    """An alias (`*name`) at its own place, where PyYAML would put the anchored node with the anchor's place."""

    id = "alias"

    def __init__(self, target: Node, event: AliasEvent) -> None:
        """Stand for `target` where the event says."""
        super().__init__(target.tag, target, cast("Mark", event.start_mark), cast("Mark", event.end_mark))
        self.target = target


def resolved(node: Node) -> Node:
    """Return the node that an alias stands for, or the node itself."""
    while isinstance(node, AliasNode):
        node = node.target
    return node


def line_of(node: Node) -> int:
    """Return the line on which the node starts, counted from 1."""
    return int(node.start_mark.line) + 1


def text_of(node: Node) -> str | None:
    """Return the text of a scalar, whatever its tag, or None for a collection."""
    node = resolved(node)
    return str(node.value) if isinstance(node, ScalarNode) else None


def is_null(node: Node) -> bool:
    """Tell whether the value is null: nothing at all, `~` or `null`."""
    return isinstance(node, ScalarNode) and node.tag == NULL_TAG


def is_list(node: Node) -> bool:
    """Tell whether the node is a plain list here, neither an alias nor made by a tag such as `!reference`."""
    return isinstance(node, SequenceNode) and node.tag == SEQUENCE_TAG


def is_mapping(node: Node) -> bool:
    """Tell whether the node is a plain mapping here, neither an alias nor made by a tag."""
    return isinstance(node, MappingNode) and node.tag == MAPPING_TAG


def pairs(node: Node | None) -> list[Pair]:
    """Return keys and values as written in a mapping (an alias is followed); nothing for any other node."""
    if node is None:
        return []
    node = resolved(node)
    return list(node.value) if isinstance(node, MappingNode) else []


def items(node: Node | None) -> list[Node]:
    """Return the items of an untagged list (an alias is followed); nothing for any other node."""
    if node is None:
        return []
    node = resolved(node)
    return list(node.value) if isinstance(node, SequenceNode) and node.tag == SEQUENCE_TAG else []


def written(node: Node | None, key: str) -> Pair | None:
    """Return the pair with that key as written in the mapping itself, the last one as GitLab would."""
    found = [pair for pair in pairs(node) if text_of(pair[0]) == key and pair[0].tag != MERGE_TAG]
    return found[-1] if found else None


def merges(node: Node | None) -> Iterator[Pair]:
    """Yield each merge key of a mapping with each mapping that it merges."""
    for key, value in pairs(node):
        if key.tag == MERGE_TAG:
            for source in items(value) or [value]:
                yield key, source


def lookup(node: Node | None, key: str) -> Node | None:
    """Return the value of a key with merge keys honoured: what is written wins over what is merged."""
    waiting: list[Node | None] = [node]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if current is None or id(resolved(current)) in seen:
            continue
        seen.add(id(resolved(current)))
        found = written(current, key)
        if found:
            return found[1]
        waiting[:0] = [source for _, source in merges(current)]
    return None


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything written below it; aliases are yielded and not followed."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, SequenceNode):
            waiting.extend(reversed(current.value))
        elif isinstance(current, MappingNode):
            waiting.extend(part for pair in reversed(current.value) for part in reversed(pair))


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Yield every scalar written at or below a node, in the order of the file."""
    return (part for part in walk(node) if isinstance(part, ScalarNode))


def same(left: Node, right: Node) -> bool:
    """Tell whether two nodes mean the same: tags, values, the order of keys; style, place and comments aside.

    Each pair of nodes is compared once, so that nested aliases cost no more than the file is long.
    """
    waiting = [(left, right)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one, other = (resolved(node) for node in waiting.pop())
        if (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        if type(one) is not type(other) or one.tag != other.tag:
            return False
        if isinstance(one, ScalarNode):
            if one.value != other.value:
                return False
            continue
        if len(one.value) != len(other.value):
            return False
        waiting.extend(zip(_parts(one), _parts(other), strict=True))
    return True


def _parts(node: Node) -> list[Node]:
    return [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else list(node.value)
