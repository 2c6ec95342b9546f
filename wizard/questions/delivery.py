"""How the files reach the repository."""

from __future__ import annotations

from wizard.previews.delivery import delivery
from wizard.question import Choice, Known, Question, Step
from wizard.questions.common import fits


def _modes(_: Known) -> tuple[Choice, ...]:
    return (
        Choice("working-tree", "into the files here", "You look at them and commit them yourself."),
        Choice("merge-request", "as a merge request", "One commit on a branch, for others to review."),
        Choice("branch", "as a branch", "One commit on a branch, no merge request."),
    )


def _mode(known: Known) -> str:
    by_api = known.state is not None and known.state.repository.branch is not None
    return "merge-request" if by_api else "working-tree"


STEP = Step(
    key="delivery",
    title="Delivery",
    intro=lambda _: "Pipeline, Dockerfile and manifests are files of the repository. Nothing is merged by itself.",
    preview=delivery,
    questions=(
        Question(
            key="delivery.mode",
            text="How shall the files get into the repository?",
            help="Settings of the project are changed either way; this is about the files only.",
            form="choice",
            default=_mode,
            choices=_modes,
            topic="delivery",
        ),
        Question(
            key="delivery.branch",
            text="What is the branch called?",
            help="It is made from the default branch. One of that name that somebody else made is not touched.",
            form="text",
            default=lambda _: "registry-wizard/setup",
            check=fits("delivery.branch"),
            when=lambda known: known.draft.get("delivery.mode") in ("branch", "merge-request"),
        ),
    ),
)
