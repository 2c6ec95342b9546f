"""How the files get into the repository: which, by which way, and what is left to do by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard import layout
from wizard.answers import Answers, Delivery
from wizard.change import Change
from wizard.errors import WizardError
from wizard.planning.files import plan_files
from wizard.planning.options import PlanOptions
from wizard.preview import Part, Preview, Table
from wizard.previews.answers import answers_so_far, readable
from wizard.question import Known
from wizard.state import FileState, State

_TITLE = "What becomes of the files"
_SECTIONS = ("project", "registry", "pull", "docker_auth", "build", "deploy", "mirror", "variables")
_FATES = {"create": "+ new", "update": "~ changed", "unchanged": "= stays"}


def delivery(known: Known) -> Preview | None:
    """Return the files with what becomes of each, the way that they go, and the next step."""
    state, mode = known.state, known.draft.get("delivery.mode")
    if state is None or mode is None:
        return None
    branch, main = known.draft.get("delivery.branch") or Delivery().branch, state.project.default_branch or "main"
    told = {
        "working-tree": (
            "They are written into the files here. Nothing is committed.",
            "Then it is yours: git diff shows them; git add, git commit and git push keep them.",
        ),
        "branch": (
            f"They are one commit on the branch {branch}, made from {main} by GitLab. No file here is touched.",
            f"Then it is yours: a merge request from {branch} into {main}; its address is shown afterwards.",
        ),
        "merge-request": (
            f"They are one commit on the branch {branch}, made from {main} by GitLab, "
            f"with a merge request into {main}. No file here is touched.",
            "Then others review and merge; its address is shown afterwards. Nothing is merged by itself.",
        ),
    }
    if mode not in told:
        return None
    way, afterwards = told[mode]
    return Preview(_TITLE, (way, *_files(answers_so_far(known, *_SECTIONS), state, mode), afterwards), brief=way)


def _files(answers: Answers | None, state: State, mode: str) -> tuple[Part, ...]:
    if answers is None:
        return ("Which files these are is told once all questions before this one are answered.",)
    looked_at = state.repository.files
    files = {path: looked_at.get(path) or FileState(path) for path in layout.writable(answers)}
    seen = replace(state, repository=replace(state.repository, files=files))
    try:
        changes = plan_files(readable(replace(answers, delivery=Delivery()), seen), seen, PlanOptions(), None).changes
    except WizardError as error:
        return (f"Which files these are cannot be told: {error.message}",)
    known = files[layout.ANSWERS].content is not None
    rows = [(_fate(change, looked_at, mode), change.target) for change in changes if change.target != layout.ANSWERS]
    return (Table(("", ""), (*rows, ("~ kept up to date" if known else "+ new", layout.ANSWERS))),)


def _fate(change: Change, looked_at: Mapping[str, FileState], mode: str) -> str:
    if change.conflict and mode == "working-tree":
        return "✗ in the way"
    return _FATES[change.action] if change.target in looked_at else "+ written"
