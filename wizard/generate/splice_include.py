"""The `include` of a `.gitlab-ci.yml`: reading it in all its forms, and the insertions that add one file to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.tokens import FlowMappingStartToken

from wizard.change import Notice
from wizard.generate.ci_document import LINE_BREAK, CiDocument, NotEditableError
from wizard.generate.ci_nodes import (
    STRING_TAG,
    AliasNode,
    is_list,
    is_mapping,
    is_null,
    line_of,
    lookup,
    pairs,
    resolved,
    text_of,
    written,
)
from wizard.generate.splice_insertion import Piece
from wizard.generate.splice_list import insert_item

_PLAIN_PATH = re.compile(r"/?[A-Za-z0-9._][A-Za-z0-9._/-]*")
_HEAD = frozenset({"stages", "workflow"})
"""Keys behind which a new `include` stands when they begin the file."""


@dataclass(frozen=True, slots=True)
class IncludeEdit:
    """What becomes of `include`: the ways to add our file, the best first, or none if it is there already."""

    ways: tuple[tuple[Piece, ...], ...] = ()
    includes_others: bool = False
    warnings: tuple[Notice, ...] = ()


def edit_include(document: CiDocument, path: str) -> IncludeEdit:
    """Find the insertions that include the file at `path`, which starts with `/`.

    Several ways may be offered because only reading the result tells whether one is sound.
    Raise NotEditableError for a value that no insertion can turn into a list.
    """
    pair = written(document.root, "include")
    present = included(pair[1]) if pair else []
    ours = [item for item in present if _is_ours(item, path)]
    others = len(present) > len(ours)
    if ours:
        return IncludeEdit((), others, tuple(_conditional(item, path) for item in ours if lookup(item, "rules")))
    if pair is None:
        return IncludeEdit(tuple(_new_key(document, path)), others)
    return IncludeEdit((_extended(document, pair[0], pair[1], path),), others)


def included(value: Node) -> list[Node]:
    """Return what an `include` lists; a single file counts as a list of one, nothing as an empty list."""
    target = resolved(value)
    if is_list(target):
        return list(target.value)
    return [] if is_null(target) or (is_mapping(target) and not target.value) else [target]


def item(path: str) -> str:
    """Return the entry that includes a file of the same repository, for a block list."""
    return f"local: {_scalar(path)}"


def _scalar(path: str) -> str:
    return path if _PLAIN_PATH.fullmatch(path) else "'" + path.replace("'", "''") + "'"


def _flow_item(document: CiDocument, path: str) -> str:
    """Return the entry for a flow list; in a file written as JSON it is JSON too."""
    if document.root is not None and document.root.flow_style:
        return json.dumps({"local": path})
    return "{" + item(path) + "}"


def _is_ours(entry: Node, path: str) -> bool:
    location = text_of(entry)
    if location is None and lookup(entry, "project") is None:
        local = lookup(entry, "local")
        location = None if local is None else text_of(local)
    return location is not None and _matches(location, path)


def _matches(location: str, path: str) -> bool:
    """Tell whether a local location covers the path: `*` within a folder, `**` across folders (GitLab 13.11)."""
    parts = re.split(r"(\*\*|\*)", location.removeprefix("/"))
    wildcard = {"**": ".*", "*": "[^/]*"}
    pattern = "".join(wildcard.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(pattern, path.removeprefix("/")) is not None


def _conditional(entry: Node, path: str) -> Notice:
    return Notice(
        "include-conditional",
        f"Line {line_of(entry)}: {path} is included under `rules`, so its jobs exist only where these hold.",
        "Remove the `rules` of this include if the images are to be built in every pipeline.",
    )


def _new_key(document: CiDocument, path: str) -> Iterator[tuple[Piece, ...]]:
    """Yield places for a new `include`: behind leading `stages` and `workflow`, at the end, before the first key."""
    if document.root is None:
        raise ValueError("a file without content takes a whole new configuration")
    if document.root.flow_style:
        yield (_new_flow_key(document, path),)
        return
    indentation = " " * document.column
    lines = [f"{indentation}include:", f"{indentation}  - {item(path)}"]
    places = [document.end]
    head = _head(document)
    if head is not None:
        places.insert(0, head)
    for index in places:
        yield (Piece(index, document.lines_at(index, _spaced(document, index, lines))),)
        yield (Piece(index, document.lines_at(index, lines)),)
    first = document.line_start(document.root.value[0][0].start_mark.index)
    yield (Piece(first, document.lines_at(first, [*lines, ""])),)


def _head(document: CiDocument) -> int | None:
    """Return the place behind the `stages` and `workflow` that begin the file, if any do."""
    place = None
    for key, value in pairs(document.root):
        if text_of(key) not in _HEAD:
            break
        place = document.after_line(document.last_token(value))
    return place


def _spaced(document: CiDocument, index: int, lines: list[str]) -> list[str]:
    """Return lines with the blank lines that set them apart from their neighbours."""
    above = LINE_BREAK.split(document.text[document.body : index])
    if not above[-1]:
        above.pop()
    before = [""] if above and above[-1].strip() else []
    behind = [""] if index < document.end and not document.is_blank_line(index) else []
    return [*before, *lines, *behind]


def _new_flow_key(document: CiDocument, path: str) -> Piece:
    """Return the piece behind the opening brace of a file that is one flow mapping."""
    root = document.root
    opening = (
        next(token for token in document.tokens_of(root) if isinstance(token, FlowMappingStartToken)) if root else None
    )
    if root is None or opening is None:
        raise ValueError("the file is not a flow mapping")
    entry = f'"include": [{_flow_item(document, path)}]'
    index = opening.end_mark.index
    if not root.value:
        return Piece(index, entry)
    lead = document.lead(root.value[0][0].start_mark.index)
    return Piece(index, f"{entry}, " if lead is None else f"{document.newline}{lead}{entry},")


def _extended(document: CiDocument, key: Node, value: Node, path: str) -> tuple[Piece, ...]:
    """Return the pieces that add our file to a present `include`, whatever its form."""
    if isinstance(value, AliasNode):
        raise NotEditableError(line_of(value), "`include` is an alias, and its anchor may serve other keys too")
    flow = document.root is not None and bool(document.root.flow_style)
    if isinstance(value, SequenceNode) and is_list(value):
        entry = _flow_item(document, path) if value.flow_style else item(path)
        return (insert_item(document, value, len(value.value), entry),)
    if isinstance(value, MappingNode) and is_mapping(value) and not value.value:
        return (Piece(document.last_token(value).start_mark.index, _bare(_flow_item(document, path))),)
    if is_null(value):
        return _filled(document, key, value, path, flow=flow)
    if not (is_mapping(value) or (isinstance(value, ScalarNode) and value.tag == STRING_TAG)):
        raise NotEditableError(line_of(value), f"`include` has a value of a kind that cannot be extended ({value.tag})")
    if flow:
        end = document.last_token(value).end_mark.index
        return Piece(value.start_mark.index, "["), Piece(end, f", {_flow_item(document, path)}]")
    return _listed(document, key, value, path)


def _bare(flow_item: str) -> str:
    return flow_item[1:-1]


def _filled(document: CiDocument, key: Node, value: Node, path: str, *, flow: bool) -> tuple[Piece, ...]:
    """Return the pieces that give an empty `include` its list; a written `null` stays as a comment."""
    if flow:
        raise NotEditableError(line_of(key), "`include` is null here, which no insertion can replace")
    line = " " * (document.column + 2) + f"- {item(path)}"
    colon = document.colon(key, value)
    if value.start_mark.index == value.end_mark.index:
        index = document.after_line(document.last_token(value))
        return (Piece(index, document.lines_at(index, [line])),)
    if document.lead(value.start_mark.index) is None:
        return (Piece(colon, f"{document.newline}{line} #"),)
    return (Piece(value.start_mark.index, f"- {item(path)} # "),)


def _listed(document: CiDocument, key: Node, value: Node, path: str) -> tuple[Piece, ...]:
    """Return the pieces that turn a single entry into the first of a block list and add ours as the second."""
    start = value.start_mark.index
    lead = document.lead(start)
    if lead is None:
        indentation = " " * (document.column + 2)
        opening = Piece(document.colon(key, value), f"{document.newline}{indentation}-")
    else:
        indentation = lead
        opening = Piece(start, "- ")
    last = document.last_token(value)
    deeper = tuple(Piece(place, "  ") for place in document.further_lines(start, last.end_mark.index))
    behind = document.after_line(last)
    closing = Piece(behind, document.lines_at(behind, [f"{indentation}- {item(path)}"]))
    return (opening, *deeper, closing)
