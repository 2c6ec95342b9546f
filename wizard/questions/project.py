"""Which project is set up."""

from __future__ import annotations

from wizard.previews.project import facts
from wizard.question import Known, Question, Step
from wizard.questions.common import fits


def _intro(known: Known) -> str:
    if known.state is None:
        return "Everything below is about one project on GitLab."
    return f"{known.state.project.path} on {known.state.instance.url}, GitLab {known.state.instance.version_text}."


STEP = Step(
    key="project",
    title="Project",
    intro=_intro,
    preview=facts,
    questions=(
        Question(
            key="project",
            text="Which project is set up?",
            help="Its full path, as in the address of its page: group/project. Left alone, it is the project that "
            "the git remote `origin` points to.",
            form="text",
            default=lambda known: known.state.project.path if known.state else None,
            check=fits("project"),
            optional=True,
            detected=True,
            topic="project",
        ),
    ),
)
