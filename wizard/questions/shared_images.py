"""Private images of other projects on the same GitLab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.previews.shared_image import needed, ways_in
from wizard.question import Choice, Known, ListQuestion, Question, Step
from wizard.questions.common import fits, image_names, project_path, removal, split_image


def _title(item: Mapping[str, Any]) -> str:
    image = str(item.get("image") or "")
    name = f"{item.get('project', '')}{'' if not image or image.startswith((':', '@')) else '/'}{image}"
    use = "a job runs in it" if item.get("as") == "job" else "the Dockerfile builds on it"
    return f"{name} (remove)" if item.get("absent") else f"{name} ({use})"


def _wanted(known: Known) -> bool:
    return not known.item.get("absent")


def _suggest(known: Known) -> tuple[Mapping[str, Any], ...]:
    """Images below GitLab's own registry that the repository names, as far as a name tells where a project ends."""
    host = known.state.project.registry_host if known.state else None
    listed = {(item.get("project"), item.get("image", "")) for item in known.draft.get("pull") or ()}
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for name, use in image_names(known):
        where, rest = split_image(name)
        if not host or where != host:
            continue
        path, image = _split(rest)
        own = f"{path}/".startswith(f"{project_path(known)}/")
        if path and not own and (path, image) not in listed:
            found.setdefault((path, image), {"project": path, "image": image, "as": use})
    return tuple(found.values())


def _split(rest: str) -> tuple[str, str]:
    bare = rest.partition("@")[0].partition(":")[0]
    tail = rest[len(bare) :]
    parts = bare.split("/")
    if len(parts) < 2:
        return "", ""
    return (bare, tail) if len(parts) == 2 else ("/".join(parts[:-1]), parts[-1] + tail)


def _intro(known: Known) -> str:
    count = len(_suggest(known))
    found = f" {count} such images are named in this repository." if count > 1 else ""
    found = " One such image is named in this repository." if count == 1 else found
    return (
        "A pipeline may pull the images of its own project. For private images of other projects it needs to be let "
        f"in: by an entry on their allowlist, or by a token of theirs.{found}"
    )


STEP = Step(
    key="pull",
    title="Shared images",
    intro=_intro,
    questions=(
        ListQuestion(
            key="pull",
            text="Which private images of other projects does the pipeline use?",
            help="Only images on this same GitLab. Images of public projects need nothing.",
            noun="image",
            eager=lambda _: True,
            title=_title,
            suggest=_suggest,
            preview=ways_in,
            needs=lambda known: needed(known, [*(known.draft.get("pull") or ()), *_suggest(known)]),
            topic="shared-images",
            item=(
                Question(
                    key="project",
                    text="Which project owns the image?",
                    help="Its full path, as in the address of its page: group/project.",
                    form="text",
                    check=fits("pull.project"),
                ),
                removal("image", "takes this project off the other's allowlist, or its token out of the variables"),
                Question(
                    key="image",
                    text="Which image of that project?",
                    help="Its name below the project's path, with the tag: python:3.14. Empty: the image that is "
                    "named like the project itself.",
                    form="text",
                    check=fits("pull.image"),
                    optional=True,
                    when=_wanted,
                ),
                Question(
                    key="as",
                    text="What is the image for?",
                    help="It decides who has to log in: the runner for a job's own image, the build for a FROM.",
                    form="choice",
                    default=lambda _: "base",
                    choices=lambda _: (
                        Choice("base", "the Dockerfile builds on it", "It stands in a FROM line."),
                        Choice("job", "a job runs in it", "It stands at `image:` in the pipeline."),
                    ),
                    when=_wanted,
                ),
                Question(
                    key="with",
                    text="How is the pipeline let in?",
                    help="A job token is what every job gets anyway: it ends with the job, and the person who starts "
                    "the pipeline needs a role in the other project. A deploy token is a user and a password that "
                    "the other project makes: it works for everybody until it expires.",
                    form="choice",
                    default=lambda _: "auto",
                    choices=lambda _: (
                        Choice("auto", "decide for me", "The job token, unless it cannot reach there."),
                        Choice("job-token", "by job token", "Nothing to store, nothing that expires."),
                        Choice("deploy-token", "by deploy token", "Stored as variables here, to be renewed one day."),
                    ),
                    when=_wanted,
                    topic="tokens",
                    needs=lambda known: needed(known, [known.item]),
                ),
                Question(
                    key="enforce",
                    text="If the other project does not check job tokens, shall it begin to?",
                    help="With the check off, the job token of every project is let in. Switching it on shuts out all "
                    "that are not on the allowlist: those that can be seen are listed first.",
                    form="confirm",
                    default=lambda _: False,
                    when=lambda known: _wanted(known) and known.item.get("with") != "deploy-token",
                    topic="allowlist",
                ),
            ),
        ),
    ),
)
