"""Coming back in plain lines: one question whether to go on with the answers of an earlier run."""

from __future__ import annotations

from wizard.asking import BACK, Asker, menu
from wizard.commands.keeping import Keeping
from wizard.differences import differences
from wizard.preview import Preview
from wizard.question import Choice, Draft
from wizard.references import without_typed
from wizard.unanswered import told

_HELP = "They were kept on this machine, without any secret, and are forgotten once an apply has come to its end."
_CHOICES = (
    Choice(True, "go on with them", "What was answered stands, and is asked for again."),
    Choice(False, "begin anew", "They are forgotten."),
)


def resumed(asker: Asker, keeping: Keeping, draft: Draft) -> Draft | None:
    """Return the answers to begin with, which are kept from now on; None for going back.

    `draft` names the project. Nothing is asked where nothing was kept, or nothing else than what is given anyway.
    """
    project = str(draft.get("project"))
    kept = keeping.find(project)
    found = differences(without_typed(draft).document, kept.draft.document) if kept else ()
    if not kept or not found:
        keeping.begin(project, draft)
        return draft
    count = "1 answer differs" if len(found) == 1 else f"{len(found)} answers differ"
    text = (
        f"Go on where you left off? Your answers of {kept.at:%Y-%m-%d %H:%M} UTC were kept; {count} from what is given."
    )
    beside = Preview("What you answered then", tuple(map(str, found)))
    with told():
        going_on = asker.ask(menu(text, _CHOICES, _HELP, beside))
    if going_on is BACK:
        return None
    if going_on:
        draft = kept.draft.put("project", project)
    keeping.begin(project, draft, kept=going_on)
    return draft
