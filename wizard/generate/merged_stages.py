"""Where a `.gitlab-ci.yml` leaves its stages to files that it includes, and which they are once GitLab merged all."""

from __future__ import annotations

import yaml

from wizard.generate.ci_document import CiDocument, NotEditableError
from wizard.generate.ci_nodes import is_list, items, resolved, text_of, written
from wizard.generate.ci_reader import read
from wizard.generate.inlined import inlined
from wizard.generate.splice_include import edit_include
from wizard.generate.stages import DEFAULT_STAGES


def stages_lie_elsewhere(content: bytes | None, our_path: str) -> bool:
    """Whether other files that are included decide which stages there are; `our_path` is the file of ours."""
    document = _read((content or b"").decode("utf-8", "replace"))
    if document is None or document.root is None:
        return False
    pair = written(document.root, "stages")
    if pair is not None:
        value = resolved(pair[1])
        return not is_list(value) or any(text_of(item) is None and not is_list(resolved(item)) for item in items(value))
    try:
        return edit_include(document, our_path).includes_others
    except NotEditableError:
        return False


def for_lint(content: bytes | None, our_path: str) -> str | None:
    """Return what to send to GitLab's lint, None where there is nothing to ask.

    Our own file is left out: GitLab may not have it yet, and would refuse the whole.
    """
    if not stages_lie_elsewhere(content, our_path):
        return None
    try:
        return inlined(content or b"", our_path, b"{}")
    except (yaml.YAMLError, ValueError):
        return None


def stages_of(merged: str) -> tuple[str, ...] | None:
    """Return the stages of a merged configuration; None where it cannot be read."""
    document = _read(merged)
    if document is None:
        return None
    pair = written(document.root, "stages")
    if pair is None:
        return DEFAULT_STAGES
    names = tuple(text for item in items(pair[1]) if (text := text_of(item)) is not None)
    return names or None


def _read(text: str) -> CiDocument | None:
    try:
        return read(text)
    except NotEditableError:
        return None
