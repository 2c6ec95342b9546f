"""Help pages as plain text: headings at the margin, the text below them indented, the way manual pages read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.help_pages import Topic
from wizard.output.console import Line, Style

_FENCE = "```"
_INDENT = "  "


def render(text: str) -> Iterator[Line]:
    """Yield the lines of a page. Whatever the page quotes with backticks stays quoted: a pipe knows no colours."""
    fenced = False
    for line in text.splitlines():
        if line.startswith(_FENCE):
            fenced = not fenced
        elif fenced:
            yield (_INDENT, line)  # in two parts, so that no narrow terminal folds what may be copied
        elif line.startswith("#"):
            yield ((Style.BOLD, line.lstrip("#").strip()),)
        elif line.startswith("|"):
            yield (_INDENT, _row(line))
        else:
            yield (f"{_INDENT}{line}" if line else "",)


def index(topics: Sequence[Topic]) -> Iterator[Line]:
    """Yield the list of all pages."""
    widest = max(len(topic.name) for topic in topics)
    yield ((Style.BOLD, "Help pages"),)
    yield from (("  ", (Style.CYAN, f"{topic.name:<{widest}}"), f"  {topic.title}") for topic in topics)
    yield ("",)
    yield ("Read one: registry-wizard explain TOPIC",)


def _row(line: str) -> str:
    """Return the row of a table with its columns as they are laid out, without the frame that Markdown needs."""
    cells = line.strip("|").split("|")
    ruled = all(set(cell.strip()) <= {"-", ":"} for cell in cells)
    return "  ".join("-" * (len(cell) - 1) if ruled else cell[1:] for cell in cells).rstrip()
