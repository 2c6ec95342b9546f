"""Previews of the core, drawn as text of a given width: never markup, aligned by cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import chop_cells
from textual.content import Content

from screens import code
from screens.content import MUTED, line
from wizard.preview import FileText, Option, Part, Preview, Table
from wizard.text import visible

_NARROWEST_PAIR = 56
"""Cells from which two options stand beside each other."""
_NARROWEST_COLUMN = 6
_GAP = "  "
_STYLES = {"-": "$text-error", "+": "$text-success", "~": "$text-warning", "✗": "$text-error", "!": "$text-warning"}


def drawn(preview: Preview, width: int) -> Content:
    """Return the preview in lines of `width` cells; files keep their own lines."""
    blocks = [
        Content("\n").join(text for part in parts for text in _lines(part, width))
        for _, parts in groupby(preview.parts, key=lambda part: part if not isinstance(part, str) else "")
    ]
    return Content("\n\n").join(block for block in blocks if block)


def _lines(part: Part, width: int) -> Iterator[Content]:
    if isinstance(part, str):
        yield from (Content.styled(text, _style(text)) for text in wrapped(part, width))
    elif isinstance(part, FileText):
        yield line(part.path, "bold")
        yield code.file(part.path, part.text)
    elif isinstance(part, Table):
        yield from _table(part, width)
    elif len(part) == 2 and width >= _NARROWEST_PAIR:
        yield from _side_by_side(part, width)
    else:
        yield from (text for option in part for text in _option(option, width))


def wrapped(text: str, width: int) -> list[str]:
    """Break one line between words so that no part is wider than `width` cells; longer words are broken too."""
    lines = [""]
    for word in visible(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if Content(longer).cell_length <= width:
            lines[-1] = longer
        else:
            pieces = chop_cells(word, max(width, 2)) or [""]
            lines = [*(lines if lines[-1] else lines[:-1]), *pieces]
    return lines


def _style(text: str) -> str:
    return _STYLES.get(text[:1], "") if text[1:2] == " " else ""


def _table(table: Table, width: int) -> Iterator[Content]:
    """Columns as wide as they need to be. Where the last of several does not fit it stands below the others."""
    needed = [max([len(name), *(Content(visible(row[at])).cell_length for row in table.rows)])
              for at, name in enumerate(table.columns)]  # fmt: skip
    below = len(needed) > 2 and sum(needed) + len(_GAP) * (len(needed) - 1) > width
    wide = _fitted(needed[:-1], width - len(_GAP) * (len(needed) - 2) - (0 if below else min(needed[-1], width // 2)))
    indent = wide[0] + len(_GAP) if below else sum(wide) + len(_GAP) * len(wide)
    if any(table.columns):
        heads = [name.ljust(cells) for name, cells in zip(table.columns, wide, strict=False)]
        yield Content.styled(_GAP.join(heads if below else [*heads, table.columns[-1]]), MUTED)
    for row in table.rows:
        cells = [Content(visible(row[at])).truncate(cells, ellipsis=True, pad=True) for at, cells in enumerate(wide)]
        cells[0] = cells[0].stylize(_style(row[0]))
        first, *others = wrapped(row[-1], width - indent)
        if below:
            others = [first, *others] if first else []
        else:
            cells.append(Content.styled(first, MUTED))
        yield Content(_GAP).join(cells)
        yield from (Content.styled(" " * indent + text, MUTED) for text in others)


def _fitted(needed: Sequence[int], room: int) -> list[int]:
    wide = list(needed)
    while sum(wide) > room and max(wide) > _NARROWEST_COLUMN:
        wide[wide.index(max(wide))] -= 1
    return wide


def _option(option: Option, width: int) -> list[Content]:
    found = [line(option.name, "bold")]
    for name, text in option.points:
        first, *others = wrapped(f"{name}: {text}", width - 2)
        found += [Content(f"· {first}"), *(Content(f"  {more}") for more in others)]
    return found


def _side_by_side(options: Sequence[Option], width: int) -> Iterator[Content]:
    half = (width - 3) // 2
    left, right = (_option(option, half) for option in options)
    for at in range(max(len(left), len(right))):
        cell = (left[at] if at < len(left) else Content("")).truncate(half, ellipsis=True, pad=True)
        yield Content.assemble(cell, (" │ ", MUTED), right[at] if at < len(right) else Content(""))
