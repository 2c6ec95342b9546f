"""Changing a file by insertions alone: what was there stays, byte for byte and in its order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to put into a file; `offset` counts bytes of the file as it was before any insertion."""

    offset: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Text to put before a character of the decoded file; `index` counts characters."""

    index: int
    text: str


def insertions(text: str, pieces: Iterable[Piece]) -> tuple[Insertion, ...]:
    """Turn places in characters into places in bytes, in the order of the file; pieces of one place stay in theirs."""
    return tuple(
        Insertion(len(text[: piece.index].encode()), piece.text.encode())
        for piece in sorted(pieces, key=lambda piece: piece.index)
    )


def insert(before: bytes, added: Sequence[Insertion]) -> bytes:
    """Return the file with the insertions made; they must be in the order of their offsets."""
    parts, done = [], 0
    for insertion in added:
        parts += [before[done : insertion.offset], insertion.text]
        done = insertion.offset
    return b"".join([*parts, before[done:]])


def remove(after: bytes, added: Sequence[Insertion]) -> bytes:
    """Return the file without the insertions, the inverse of `insert`.

    Raise ValueError where an inserted text is no longer in its place.
    """
    parts, done, shift = [], 0, 0
    for insertion in added:
        start = insertion.offset + shift
        end = start + len(insertion.text)
        if after[start:end] != insertion.text:
            raise ValueError(f"the text inserted at byte {start} has been changed")
        parts.append(after[done:start])
        done, shift = end, shift + len(insertion.text)
    return b"".join([*parts, after[done:]])
