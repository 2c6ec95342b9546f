"""Files and diffs in the colours of their languages, harmless like all text from outside."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from pygments.token import Token  # type: ignore[import-untyped]  # Pygments brings no types
from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from wizard.text import visible_lines

_LANGUAGES = {".yml": "yaml", ".yaml": "yaml", ".sh": "sh", ".json": "json", ".toml": "toml", ".Dockerfile": "docker"}
"""By suffix. What Pygments would guess from the text costs more, and may be wrong."""
_NEW_FILE = "--- /dev/null\n"
_NO_LINE_END = "\\ "


class DiffTheme(HighlightTheme):
    """The usual colours, and some for what a diff adds and removes."""

    STYLES = {  # noqa: RUF012  # as the base class declares it
        **HighlightTheme.STYLES,
        Token.Generic.Inserted: "$text-success",
        Token.Generic.Deleted: "$text-error",
        Token.Generic.Heading: "bold $text-muted",
        Token.Generic.Subheading: "$text-accent",
    }


@lru_cache(maxsize=64)
def file(path: str, text: str) -> Content:
    """Return a file; its name says in which language it is."""
    name = PurePosixPath(path)
    language = "docker" if name.name.startswith("Dockerfile") else _LANGUAGES.get(name.suffix, "text")
    return highlight(visible_lines(text).rstrip("\n"), language=language)


@lru_cache(maxsize=64)
def diff(path: str, text: str) -> Content:
    """Return a diff in unified form; of a file that is new, the file."""
    if text.startswith(_NEW_FILE):
        return file(path, _added(text))
    return highlight(visible_lines(text), language="diff", theme=DiffTheme)


def _added(text: str) -> str:
    """Return the file that a diff makes out of nothing."""
    body = text.partition("\n@@")[2].partition("\n")[2]
    return "\n".join(line[1:] for line in body.split("\n") if not line.startswith(_NO_LINE_END))
