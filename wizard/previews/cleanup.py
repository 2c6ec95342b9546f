"""Which tags the cleanup policy of the answers would remove if it ran today."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.changes.project_settings import wanted_policy
from wizard.cleanup_rules import UntriedPatternError, Verdict, verdicts
from wizard.lookups import NOTHING_MORE, Lookups
from wizard.preview import Part, Preview, Table
from wizard.previews.answers import answers_so_far
from wizard.question import Known
from wizard.state import ImageState, State, Unknown

_TITLE = "What the policy would remove today"
_FIELDS = {"name_regex": "Which tags may be deleted?", "name_regex_keep": "Which tags are kept whatever happens?"}


def needed(known: Known) -> Lookups:
    """Wish for the images once there is a policy to try on them."""
    wanted = known.state is not None and known.state.images is None and _cleaning(known)
    return Lookups(images=True) if wanted else NOTHING_MORE


def removed_tags(known: Known) -> Preview | None:
    """Return each tag with what happens to it and why; None where no policy is wanted."""
    state, answers = known.state, answers_so_far(known, "registry")
    if state is None or not _cleaning(known):
        return None
    cleanup = answers.registry.cleanup if answers and answers.registry else None
    if cleanup is None:
        return Preview(_TITLE, ("One of the rules is not an answer yet.",))
    if state.images is None or isinstance(state.images, Unknown) or not any(image.tags for image in state.images):
        told = _nothing_to_try(state.images)
        return Preview(_TITLE, (told,), told)
    try:
        found = verdicts(wanted_policy(cleanup, state.project.default_branch), state.images, state.today)
    except UntriedPatternError as error:
        question = _FIELDS[str(error)]
        told = f"The answer to “{question}” is too involved to be tried here; GitLab can."
        return Preview(_TITLE, (told,), told)
    head = _head(found)
    return Preview(_TITLE, (head, *_told(found, state.images, state)), head)


def _nothing_to_try(images: tuple[ImageState, ...] | Unknown | None) -> str:
    if images is None:
        return "Reading the tags of this project …"
    if isinstance(images, Unknown):
        return f"The tags cannot be read, so nothing can be told about them: {images.reason}"
    return "There is no image in the registry yet, so nothing would be removed."


def _cleaning(known: Known) -> bool:
    return known.draft.get("registry.cleanup.enabled") is True and known.draft.get("registry.target") != "external"


def _head(found: Sequence[Verdict]) -> str:
    removed = sum(verdict.removed for verdict in found)
    tags = "1 tag" if len(found) == 1 else f"{len(found)} tags"
    return f"{removed} of {tags} would be removed, {len(found) - removed} would stay."


def _told(found: Sequence[Verdict], images: Sequence[ImageState], state: State) -> tuple[Part, ...]:
    ordered = sorted(found, key=lambda verdict: not verdict.removed)
    undated = sum(tag.created is None for image in images for tag in image.tags)
    told = [f"The age of {undated} is not known; they count as new."] if undated else []
    table = Table(("", "tag", "age", ""), tuple(_row(verdict, state) for verdict in ordered))
    return (*told, table, "Tags that a tag protection rule of GitLab covers stay, too.")


def _row(verdict: Verdict, state: State) -> tuple[str, str, str, str]:
    below = verdict.image.removeprefix(state.project.path.lower()).lstrip("/")
    name = f"{below}:{verdict.tag}" if below else verdict.tag
    days = verdict.days
    age = "" if days is None else "today" if days <= 0 else "1 day" if days == 1 else f"{days} days"
    return ("- remove" if verdict.removed else "= keep", name, age, verdict.why)
