"""Insertions can be taken out again, and only where they stand untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.generate.splice_insertion import Insertion, Piece, insert, insertions, remove

TEXT = st.text(alphabet="ab\n é🚀", max_size=20)
PIECES = st.lists(st.tuples(st.integers(0, 20), st.text(alphabet="ab\né", min_size=1, max_size=5)), max_size=5)


@given(TEXT, PIECES)
def test_removing_what_was_inserted_gives_the_text_back(text: str, places: list[tuple[int, str]]) -> None:
    added = insertions(text, [Piece(min(place, len(text)), piece) for place, piece in places])
    after = insert(text.encode(), added)
    assert len(after) == len(text.encode()) + sum(len(insertion.text) for insertion in added)
    assert remove(after, added) == text.encode()


def test_places_count_bytes_and_pieces_of_one_place_keep_their_order() -> None:
    added = insertions("é🚀x", [Piece(2, "1"), Piece(0, "0"), Piece(2, "2")])
    assert added == (Insertion(0, b"0"), Insertion(6, b"1"), Insertion(6, b"2"))
    assert insert("é🚀x".encode(), added).decode() == "0é🚀12x"


def test_a_changed_insertion_is_not_removed() -> None:
    with pytest.raises(ValueError, match="byte 1"):
        remove(b"a?b", (Insertion(1, b"!"),))
