"""The answers so far, as far as they can be used already."""

from __future__ import annotations

from dataclasses import replace

from wizard.answers import Answers
from wizard.answers_file import answers_of
from wizard.errors import UsageError
from wizard.question import NULL, Draft, Known
from wizard.references import without_typed
from wizard.state import State

_LEFT_ALONE = ("registry.visibility", "registry.cleanup", "registry.protect", "build", "deploy")


def answers_so_far(known: Known, *sections: str) -> Answers | None:
    """Return the answers of these sections; None while one that is needed is missing or contradicts another.

    What stands in other sections is left out: it may not be complete yet, and it must not hide a preview.
    """
    draft = Draft({name: part for name, part in known.draft.document.items() if name in sections})
    for section in _LEFT_ALONE:
        # a null says there that nothing is managed, which the format says by leaving the section out
        if draft.get(section, NULL) is None:
            draft = draft.put(section, None)
    try:
        return answers_of(without_typed(draft))
    except UsageError:
        return None


def readable(answers: Answers, state: State) -> Answers:
    """Leave out projects that were not read, or that plan refuses with words of its own."""
    seen = {path for path, source in state.sources.items() if source.project and source.project.id != state.project.id}
    return replace(answers, pull=tuple(pull for pull in answers.pull if pull.project in seen))
