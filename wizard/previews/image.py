"""What is built: the Dockerfile that would be written or that is there, and the names that the image gets."""

from __future__ import annotations

from wizard.answers import Build
from wizard.complete import effective_build
from wizard.errors import WizardError
from wizard.generate.dockerfile import choose_stack, render_dockerfile
from wizard.generate.owned import seal
from wizard.planning.files import image_repository
from wizard.preview import FileText, Part, Preview, Table
from wizard.previews.answers import answers_so_far
from wizard.question import Known
from wizard.slug import ref_slug
from wizard.state import State


def built_image(known: Known) -> Preview | None:
    """Return the names of the image and its Dockerfile; None where nothing is built."""
    state, answers = known.state, answers_so_far(known, "registry", "build")
    build = effective_build(answers, state.repository.detection) if state and answers else None
    if state is None or answers is None or build is None:
        return None
    names = _names(image_repository(answers, state), build, state)
    return Preview("The image", (*names, *_dockerfile(build, state)))


def _dockerfile(build: Build, state: State) -> tuple[Part, ...]:
    there = state.repository.files.get(build.dockerfile)
    if there is not None and there.content is not None:
        text = there.content.decode("utf-8", "replace")
        return ("The Dockerfile is there and stays as it is:", FileText(build.dockerfile, text))
    if state.repository.detection.dockerfile_at(build.dockerfile) is not None:
        return (f"{build.dockerfile} is there and stays as it is.",)
    if not build.generate_dockerfile:
        return (f"There is no {build.dockerfile}, and none is to be written: the build would fail.",)
    try:
        stack = choose_stack(state.repository.detection, build.stack)
        text = seal(render_dockerfile(stack)).decode() if stack else ""
    except WizardError as error:
        return (f"No Dockerfile can be written: {error.message}",)
    if stack is None:
        return ("No Dockerfile can be written: it is not clear what kind of project this is.",)
    guesses = tuple(f"A guess, to be looked at: {guess}" for guess in stack.guesses)
    return (*guesses, "This Dockerfile would be written:", FileText(build.dockerfile, text))


def _names(repository: str, build: Build, state: State) -> tuple[str, Table]:
    branch = state.project.default_branch or "main"
    meaning = {
        "branch": (ref_slug(branch), f"moves with the branch {branch}"),
        "latest": ("latest", f"moves with the branch {branch}"),
        "semver": ("1.4.2, 1.4", "for a git tag v1.4.2"),
        "iid": ("IID", "the number of the pipeline"),
    }
    rows = (("COMMIT", "of every published commit; never moves"), *(meaning[tag] for tag in build.tags))
    return f"Published as {repository} with these tags:", Table(("tag", ""), rows)
