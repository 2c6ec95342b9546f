"""Inserting items into a list of a `.gitlab-ci.yml`, in block and in flow form."""

from __future__ import annotations

from yaml.nodes import Node, SequenceNode
from yaml.tokens import BlockEntryToken, FlowEntryToken, ScalarToken

from wizard.generate.ci_document import CiDocument, NotEditableError
from wizard.generate.ci_nodes import line_of
from wizard.generate.splice_insertion import Piece


def insert_item(document: CiDocument, sequence: SequenceNode, position: int, item: str) -> Piece:
    """Return the piece that puts an item, given as YAML, before the item at `position` or behind the last one."""
    if not sequence.flow_style:
        return _block_item(document, sequence, position, item)
    return _flow_item(document, sequence, position, item)


def quote_of(document: CiDocument, sequence: SequenceNode) -> str:
    """Return the quotation mark that all items of a list are written with, or nothing."""
    styles = {token.style for token in document.tokens_of(sequence) if isinstance(token, ScalarToken)}
    style = styles.pop() if len(styles) == 1 else None
    return style if style in {"'", '"'} else ""


def _block_item(document: CiDocument, sequence: SequenceNode, position: int, item: str) -> Piece:
    dash = next(token for token in document.tokens_of(sequence) if isinstance(token, BlockEntryToken))
    indentation = document.lead(dash.start_mark.index)
    if indentation is None:
        raise NotEditableError(line_of(sequence), "the first item of this list does not start its line")
    if position == 0:
        index = document.line_start(dash.start_mark.index)
    else:
        index = document.after_line(document.last_token(sequence.value[position - 1]))
    return Piece(index, document.lines_at(index, [f"{indentation}- {item}"]))


def _flow_item(document: CiDocument, sequence: SequenceNode, position: int, item: str) -> Piece:
    if not sequence.value:
        return Piece(_behind_bracket(document, sequence), item)
    neighbour: Node = sequence.value[max(position - 1, 0)]
    lead = document.lead(neighbour.start_mark.index)
    gap = " " if lead is None else document.newline + lead
    if position == 0:
        return Piece(neighbour.start_mark.index, f"{item},{gap}")
    last = document.last_token(neighbour)
    if isinstance(last, FlowEntryToken):
        raise NotEditableError(line_of(neighbour), "an empty item stands in this list")
    return Piece(last.end_mark.index, f",{gap}{item}")


def _behind_bracket(document: CiDocument, sequence: SequenceNode) -> int:
    """Return the place behind the opening bracket, which an anchor or a tag may stand before."""
    tokens = document.tokens_of(sequence)
    return int(tokens[-2].end_mark.index)
