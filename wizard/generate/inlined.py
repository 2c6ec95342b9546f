"""A pipeline with our included file written into it: for GitLab's lint, which knows only committed files.

The result means what the two files mean together; it is sent to GitLab and never written anywhere.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, SequenceNode

from wizard.generate.ci_nodes import SEQUENCE_TAG, lookup, text_of, written
from wizard.generate.splice_include import included


class _Loader(yaml.SafeLoader):
    """Composes nodes of any tag, and takes an anchor that is defined anew as GitLab does."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
        if not isinstance(event, AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


def inlined(ci_file: bytes, path: str, ours: bytes) -> str:
    """Return the CI file as YAML with the content of `ours` in place of its include of `path` (with a leading `/`).

    yaml.YAMLError where either is not YAML.
    """
    *headers, root = _documents(ci_file)
    (generated,) = _documents(ours)
    pair = written(root, "include")
    if pair is not None:
        root.value.remove(pair)
        others = [item for item in included(pair[1]) if not _names(item, path)]
        if others:
            root.value.insert(0, (pair[0], SequenceNode(SEQUENCE_TAG, others)))
    root.value += generated.value
    return str(yaml.serialize_all([*headers, root], allow_unicode=True))


def _documents(content: bytes) -> list[MappingNode]:
    found = list(yaml.compose_all(content.decode("utf-8-sig"), Loader=_Loader))
    return [node for node in found if isinstance(node, MappingNode)]


def _names(item: Node, path: str) -> bool:
    """Whether an entry of `include` is the file at `path`, as a text or as `local:`."""
    local = lookup(item, "local")
    name = text_of(item) if local is None else text_of(local)
    return name is not None and f"/{name.removeprefix('/')}" == path
