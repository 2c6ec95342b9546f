"""A `.gitlab-ci.yml` as text, tokens and nodes with exact places. It is read, never dumped."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from yaml.nodes import MappingNode, Node
from yaml.tokens import ScalarToken, Token, ValueToken

from wizard.generate.ci_nodes import line_of

BYTE_ORDER_MARK = "\ufeff"
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""The line breaks of YAML 1.1, which GitLab's parser follows."""


class NotEditableError(Exception):
    """The file cannot be changed by insertions that are sure to keep its meaning.

    `line` counts from 1; `reason` is a clause that reads on after it.
    """

    def __init__(self, line: int, reason: str) -> None:
        """Name the line and the reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CiDocument:
    """The part of a CI file that GitLab runs. Places are indexes into `text`, which keeps its byte order mark."""

    text: str
    header: Node | None
    """The `spec:` document, which comes first where there is one."""
    root: MappingNode | None
    """None while there is nothing but comments."""
    end: int
    """The last place where a further top-level key may stand."""
    column: int
    """The column of the top-level keys."""
    tokens: tuple[Token, ...] = field(repr=False)
    """The tokens that take up room in the text."""
    starts: tuple[int, ...] = field(repr=False)

    @property
    def newline(self) -> str:
        """The line ending of the first line, or a line feed."""
        found = LINE_BREAK.search(self.text)
        return found.group() if found and found.group() in {"\r\n", "\r"} else "\n"

    @property
    def body(self) -> int:
        """Where the text starts behind a byte order mark."""
        return 1 if self.text.startswith(BYTE_ORDER_MARK) else 0

    def tokens_of(self, node: Node) -> tuple[Token, ...]:
        """Return the tokens of a node, from the first to the last."""
        first = bisect_left(self.starts, node.start_mark.index)
        return self.tokens[first : bisect_left(self.starts, node.end_mark.index)]

    def last_token(self, node: Node) -> Token:
        """Return the last token of a node; of an empty node the token before it."""
        return self.tokens[bisect_left(self.starts, node.end_mark.index) - 1]

    def colon(self, key: Node, value: Node) -> int:
        """Return the place just behind the colon between a key and its value."""
        first = bisect_left(self.starts, key.end_mark.index)
        for token in self.tokens[first : bisect_left(self.starts, value.start_mark.index + 1)]:
            if isinstance(token, ValueToken):
                return int(token.end_mark.index)
        raise NotEditableError(line_of(key), "no colon can be found behind this key")

    def line_start(self, index: int) -> int:
        """Return where the line of a place starts, behind a byte order mark."""
        start = self.body
        for found in LINE_BREAK.finditer(self.text, start, index):
            start = found.end()
        return start

    def lead(self, index: int) -> str | None:
        """Return the spaces before a place on its line, or None if something else stands there."""
        before = self.text[self.line_start(index) : index]
        return None if before.strip(" ") else before

    def further_lines(self, start: int, end: int) -> list[int]:
        """Return where the lines start that begin after `start`, end after `end` at most, and are not blank."""
        places = [found.end() for found in LINE_BREAK.finditer(self.text, start, end)]
        return [place for place in places if place < end and not self.is_blank_line(place)]

    def is_blank_line(self, index: int) -> bool:
        """Tell whether nothing follows a place on its line but blanks; true at the end of the file."""
        found = LINE_BREAK.search(self.text, index)
        return not self.text[index : found.start() if found else None].strip(" \t")

    def after_line(self, token: Token) -> int:
        """Return where the line after a token starts, or the end of the file if there is none."""
        index = int(token.end_mark.index)
        if isinstance(token, ScalarToken) and token.style in ("|", ">"):
            return index  # a block scalar ends with its last line break
        found = LINE_BREAK.search(self.text, index)
        return found.end() if found else len(self.text)

    def lines_at(self, index: int, lines: list[str]) -> str:
        """Return lines as the text to insert at the start of a line, or at the end of a file without a last break."""
        nl = self.newline
        if index == self.line_start(index):
            return "".join(line + nl for line in lines)
        return "".join(nl + line for line in lines)
