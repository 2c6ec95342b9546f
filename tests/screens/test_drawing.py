"""Previews as text of a given width: aligned by cells, nothing in them is markup or a terminal escape."""

from __future__ import annotations

import pytest
from textual.content import Content

from screens.drawing import drawn, wrapped
from wizard.preview import FileText, Option, Preview, Table

ODD = "[red]x[/] \x1b[31m שלום 日本語"


def text(preview: Preview, width: int) -> list[str]:
    return [row.rstrip() for row in drawn(preview, width).plain.split("\n")]


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    table = Table(("", "tag", "age"), (("- remove", "a", "9 days"), ("= keep", "longer", "")))
    assert text(Preview("t", (table,)), 60) == [
        "          tag     age", "- remove  a       9 days", "= keep    longer",
    ]  # fmt: skip


def test_the_last_column_stands_below_where_there_is_no_room_beside() -> None:
    table = Table(("", "tag", ""), (("= keep", "4.1.0", "its name matches what is always kept"), ("+ new", "x", "")))
    assert text(Preview("t", (table,)), 30) == [
        "        tag", "= keep  4.1.0", "        its name matches what", "        is always kept", "+ new   x",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [30, 44, 72, 160])
def test_nothing_is_wider_than_its_room(width: int) -> None:
    word = "wort " * 30
    options = tuple(Option(f"way {at}", (("lasts", word), ("breaks when", word))) for at in range(2))
    table = Table(("", "name", "why"), tuple(("= keep", f"{'n' * 200}{at}", word) for at in range(500)))
    for row in text(Preview("t", (word, table, options)), width):
        assert len(row) <= width


def test_two_ways_stand_beside_each_other_where_there_is_room() -> None:
    options = (Option("by job token", (("lasts", "the job"),)), Option("by deploy token", (("lasts", "a year"),)))
    wide, narrow = text(Preview("t", (options,)), 60), text(Preview("t", (options,)), 40)
    assert wide[0].split("│")[0].strip() == "by job token"
    assert wide[0].split("│")[1].strip() == "by deploy token"
    assert narrow == ["by job token", "· lasts: the job", "by deploy token", "· lasts: a year"]


def test_text_from_outside_shows_as_it_is() -> None:
    preview = Preview("t", (ODD, Table(("", "x"), ((ODD, ODD),)), FileText(ODD, ODD), (Option(ODD, ((ODD, ODD),)),)))
    shown = "\n".join(text(preview, 120))
    assert "\x1b" not in shown
    assert shown.count("[red]x[/]") == 8
    assert shown.count("日本語") == 8


def test_double_width_letters_take_two_cells() -> None:
    table = Table(("", ""), (("日本", "a"), ("zzzz", "b")))
    assert [row.index(last) for row, last in zip(text(Preview("t", (table,)), 40), "ab", strict=True)] == [4, 6]
    assert wrapped("日本 日本", 5) == ["日本", "日本"]


def test_a_word_that_is_wider_than_its_line_is_broken() -> None:
    assert wrapped("a bcdefghijkl m", 5) == ["a", "bcdef", "ghijk", "l m"]
    assert wrapped("日本語日本語", 5) == ["日本", "語日", "本語"]
    table = Table(("", ""), (("to", "harbor.example.com/" + "long" * 20),))
    first, *others = text(Preview("t", (table,)), 40)
    assert first.startswith("to  harbor.example.com/long")
    assert others
    assert all(row.startswith("    ") and Content(row).cell_length <= 40 for row in others)


def test_files_keep_their_lines() -> None:
    assert text(Preview("t", (FileText("k8s/a.yaml", "a: 1\n\nb: [2]\n"),)), 40) == ["k8s/a.yaml", "a: 1", "", "b: [2]"]
