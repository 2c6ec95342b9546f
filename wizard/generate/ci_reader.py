"""Reading a `.gitlab-ci.yml` into a `CiDocument`, and refusing what GitLab would not read either."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import AliasEvent, StreamEndEvent
from yaml.nodes import MappingNode, Node
from yaml.reader import ReaderError
from yaml.tokens import BlockMappingStartToken, ScalarToken, Token

from wizard.generate.ci_document import LINE_BREAK, CiDocument, NotEditableError
from wizard.generate.ci_nodes import AliasNode, is_mapping, is_null, line_of, written

TAB_IN_INDENTATION = re.compile("(?:^|[\n\r\x85\u2028\u2029])[ ]*(\t)")


class _PlacedLoader(yaml.SafeLoader):
    """Composes nodes of any tag, keeps aliases at their own places and remembers every token."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.seen: list[Token] = []

    def get_token(self) -> Any:
        token = super().get_token()  # type: ignore[no-untyped-call]  # untyped in the stubs
        self.seen.append(token)
        return token

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
        if isinstance(event, AliasEvent):
            target = super().compose_node(parent, index)
            return None if target is None else AliasNode(target, event)
        # YAML allows an anchor to be defined anew and so does GitLab; PyYAML alone takes it for a mistake.
        self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)

    def next_mark(self) -> Any:
        """Take the next event and return where it starts."""
        return self.get_event().start_mark  # type: ignore[no-untyped-call]  # untyped in the stubs


@dataclass(frozen=True, slots=True)
class _Part:
    """One YAML document of the file; `end` is where its end marker, the next document or the end of file stands."""

    root: Node
    line: int
    end: int


def read(text: str) -> CiDocument:
    """Read a CI file.

    Raise NotEditableError, with the line, for text that is not YAML, tabs in indentation, documents beyond a `spec:`
    header and the configuration, and a top level that is not a mapping.
    """
    try:
        parts, seen = _compose(text)
    except ReaderError as error:
        reason = f"the character U+{int(error.character):04X} is not allowed in YAML"
        raise NotEditableError(_line(text, error.position), reason) from error
    except yaml.MarkedYAMLError as error:
        raise _unreadable(text, error) from error
    except RecursionError as error:
        raise NotEditableError(1, "the file is nested too deeply to be read") from error
    tokens = tuple(token for token in seen if token.end_mark.index > token.start_mark.index)
    _refuse_tabs(text, tokens)
    header, content = _header_and_content(parts)
    root = _mapping(content) if content else None
    return CiDocument(
        text=text,
        header=header.root if header else None,
        root=root,
        end=content.end if content else len(text),
        column=_column(root, seen),
        tokens=tokens,
        starts=tuple(token.start_mark.index for token in tokens),
    )


def _compose(text: str) -> tuple[list[_Part], list[Token]]:
    loader = _PlacedLoader(text)
    parts = []
    loader.next_mark()
    while not loader.check_event(StreamEndEvent):
        line = loader.next_mark().line + 1
        root = loader.compose_node(None, 0)
        end = loader.next_mark().index
        loader.anchors = {}
        if root is not None:
            parts.append(_Part(root, line, end))
    return parts, loader.seen


def _line(text: str, index: int) -> int:
    return len(LINE_BREAK.findall(text, 0, index)) + 1


def _unreadable(text: str, error: yaml.MarkedYAMLError) -> NotEditableError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return NotEditableError(1, f"this is not YAML ({error.problem})")
    if text[mark.index : mark.index + 1] == "\t":
        return NotEditableError(mark.line + 1, "a tab stands where YAML wants spaces")
    return NotEditableError(mark.line + 1, f"this is not YAML ({error.problem})")


def _refuse_tabs(text: str, tokens: tuple[Token, ...]) -> None:
    """Refuse a tab in indentation; in block scalars and between quotes it is content."""
    content = [
        (token.start_mark.index, token.end_mark.index)
        for token in tokens
        if isinstance(token, ScalarToken) and not token.plain
    ]
    for found in TAB_IN_INDENTATION.finditer(text):
        place = found.start(1)
        if not any(start <= place < end for start, end in content):
            raise NotEditableError(_line(text, place), "a tab stands in the indentation")


def _header_and_content(parts: list[_Part]) -> tuple[_Part | None, _Part | None]:
    """Tell the `spec:` header from the configuration (GitLab takes two documents at most)."""
    if not parts:
        return None, None
    has_header = written(parts[0].root, "spec") is not None
    if has_header and len(parts) == 1:
        raise NotEditableError(parts[0].line, "a `spec:` header stands here and no configuration after it")
    allowed = 2 if has_header else 1
    if len(parts) > allowed:
        raise NotEditableError(parts[allowed].line, "a further YAML document begins, which GitLab would not run")
    return (parts[0], parts[1]) if has_header else (None, parts[0])


def _mapping(part: _Part) -> MappingNode | None:
    root = part.root
    if isinstance(root, MappingNode) and is_mapping(root):
        return root
    if is_null(root) and not root.value:
        return None
    raise NotEditableError(line_of(root), "the top level is not a mapping of keywords and jobs")


def _column(root: MappingNode | None, seen: list[Token]) -> int:
    """Return the column of the top-level keys; an anchor or tag of the root may stand before the first."""
    if root is None:
        return 0
    start = root.start_mark.index
    openings = (t for t in seen if isinstance(t, BlockMappingStartToken) and t.start_mark.index >= start)
    return next((int(token.start_mark.column) for token in openings), 0)
