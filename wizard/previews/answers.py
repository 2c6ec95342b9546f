"""The answers so far, as far as they can be used already."""

from __future__ import annotations

from wizard.answers import Answers
from wizard.answers_file import answers_of
from wizard.errors import UsageError
from wizard.question import NULL, Draft, Known
from wizard.references import without_typed

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
