"""The answers as a command was given them: file and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.answers import FILE, Answers
from wizard.answers_file import document_of, read_answers
from wizard.answers_text import render
from wizard.commands.options import Common
from wizard.documents import read
from wizard.errors import UsageError
from wizard.layers import NO_FILE, layered


@dataclass(frozen=True, slots=True)
class Given:
    """The answers as they were given."""

    name: str
    """The file, or what there is instead."""
    answers: Answers
    document: Mapping[str, Any]
    """The file with the flags laid over it."""
    text: str | None
    """The text of the file, or of one that would say the same. Flags alone never cause a file: None with `--set`."""


def read_given(common: Common, work_tree: Path | None) -> Given:
    """Read the answers of `--answers`, or of the repository's own file."""
    usual = work_tree / FILE if work_tree else None
    file = common.answers or (usual if usual and usual.exists() else None)
    sets = tuple(common.set_ or ())
    if file is None:
        answers = read_answers(None, name=FILE, sets=sets)
        return Given("no file", answers, layered(NO_FILE, sets).data, None if sets else render(document_of(answers)))
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError("answers-unreadable", f"{file} cannot be read: {error.strerror}", "Check --answers.") from None
    except UnicodeDecodeError:
        raise UsageError("answers-unreadable", f"{file} is not text in UTF-8", "Check --answers.") from None
    answers = read_answers(text, name=str(file), sets=sets)
    return Given(str(file), answers, layered(read(text), sets).data or {}, None if sets else text)
