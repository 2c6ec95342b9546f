"""Text from outside (names, error bodies, logs) made harmless for a terminal: what would act is shown instead."""

from __future__ import annotations


def visible(text: str) -> str:
    r"""Return `text` on one line, with each character that does not print as itself written out (`\x1b`, `\u202e`).

    That holds for control characters (escape sequences begin with one), line and paragraph ends, marks that turn the
    direction of writing, zero-width characters and broken surrogates. Letters of every script stay.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _written_out(character) for character in text)


def visible_lines(text: str) -> str:
    """Return `text` with its line ends and tabs kept, and the rest as `visible` shows it."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in lines)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
