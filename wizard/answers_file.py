"""The answers file: read with everything wrong with it at once, described by a schema, and written.

Each mistake tells its line or its flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wizard import documents
from wizard.answer_keys import ROOT
from wizard.answer_words import problems
from wizard.answers import Answers
from wizard.answers_schema import schema
from wizard.answers_text import example, render
from wizard.contradictions import contradictions
from wizard.documents import Document, Mistake
from wizard.errors import UsageError
from wizard.layers import NO_FILE, Layers, layered
from wizard.question import Draft
from wizard.references import without_typed

__all__ = [
    "answers_of",
    "check",
    "check_layers",
    "document_of",
    "draft_of",
    "example",
    "invalid",
    "read_answers",
    "render",
    "schema",
    "text_of",
]

_HINT = "registry-wizard answers schema (or: example) states what may stand there"


def check(text: str | None, sets: Sequence[str] = ()) -> tuple[Answers | None, tuple[Mistake, ...]]:
    """Read answers and return them, or every mistake at once: of the file first, in the order of its lines.

    `text` None: there is no file, only `--set` flags.
    """
    return check_layers(layered(NO_FILE if text is None else _read(text), sets))


def check_layers(layers: Layers) -> tuple[Answers | None, tuple[Mistake, ...]]:
    """Check a file that flags were already laid over."""
    if not isinstance(layers.data, Mapping) and layers.mistakes:
        return None, layers.mistakes
    found = [*problems(layers.data), *contradictions(layers.data)]
    if isinstance(layers.data, Mapping) and "version" not in layers.data:
        found.append((("version",), "is missing; write version: 1"))
    first: dict[tuple[str | int, ...], str] = {}
    for path, message in found:
        first.setdefault(path, message)
    mistakes = [*layers.mistakes, *(layers.mistake(path, message) for path, message in first.items())]
    if mistakes:
        return None, tuple(sorted(mistakes, key=lambda mistake: (bool(mistake.flag), mistake.line or 0)))
    return _build(layers.data), ()


def read_answers(text: str | None, *, name: str, sets: Sequence[str] = ()) -> Answers:
    """Read answers from a file's text with `--set` flags over it; UsageError that lists every mistake.

    `name` is what the file is called; `text` None: there is none.
    """
    answers, mistakes = check(text, sets)
    if answers is None:
        raise invalid(mistakes, name)
    return answers


def answers_of(draft: Draft) -> Answers:
    """Turn what was asked into answers; UsageError where something is missing or contradicts."""
    answers, mistakes = check_layers(Layers({"version": 1, **without_typed(draft).document}, {}, {}))
    if answers is None:
        raise invalid(mistakes, "the answers")
    return answers


def answers_so_far(draft: Draft, given: Draft) -> Answers:
    """Return what can be looked at while something is missing yet: the answers, or else those that were `given`."""
    try:
        return answers_of(draft)
    except UsageError:
        named = given.put("project", draft.get("project"))
        return answers_of(named.put("delivery.mode", draft.get("delivery.mode")))


def text_of(draft: Draft, file: str | None, before: Draft, project: str | None) -> str:
    """Return the text of the answers file for a draft: `file`, comments and all, where it means the same.

    `before` is the draft that the file gave. A file that leaves the project to `origin`, which names `project`, is not
    written anew for saying the same by name.
    """
    if file is not None and answers_of(draft) in (_meaning(before), _meaning(before.put("project", project))):
        return file
    return render({"version": 1, **without_typed(draft).document})


def _meaning(draft: Draft) -> Answers | None:
    try:
        return answers_of(draft)
    except UsageError:
        return None


def draft_of(document: Mapping[str, Any]) -> Draft:
    """Begin a draft with the plain document of an answers file, as it was given."""
    return Draft({key: value for key, value in document.items() if key != "version"})


def document_of(answers: Answers) -> dict[str, Any]:
    """Return answers as a plain document that holds only what is not the default."""
    document: dict[str, Any] = ROOT.adapter.dump_python(answers, mode="json", by_alias=True, exclude_defaults=True)
    return {"version": answers.version, **document}


def invalid(mistakes: Iterable[Mistake], name: str) -> UsageError:
    """Return the error that tells every mistake, one per line."""
    lines = [str(mistake) if mistake.flag else f"{name}: {mistake}" for mistake in mistakes]
    head = "The answers cannot be used:" if len(lines) > 1 else "The answers cannot be used."
    return UsageError("answers-invalid", "\n".join([head, *lines]), _HINT)


def _read(text: str) -> Document:
    document = documents.read(text)
    if document.data is None and not document.mistakes:
        return Document({}, {(): 1})
    return document


def _build(data: Any) -> Answers:
    answers: Answers = ROOT.adapter.validate_python(_tuples(data), by_alias=True, by_name=False)
    return answers


def _tuples(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _tuples(value) for key, value in data.items()}
    return tuple(_tuples(item) for item in data) if isinstance(data, list | tuple) else data
