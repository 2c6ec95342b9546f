"""What the questions share: checks that the answers format gives, and what the state says for their defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from wizard.answer_keys import named
from wizard.answer_words import problem_with
from wizard.generate.detection import Detection
from wizard.masking import why_not_maskable
from wizard.question import Choice, Known, Question
from wizard.secret import Secret
from wizard.state import Unknown

_CI_IMAGE = re.compile(r"^[ \t-]*(?:image|name):[ \t]*[\"']?([^\s\"'#{}$]+)", re.MULTILINE)


def fits(key: str, kind: str = "") -> Callable[[str], str | None]:
    """Return the check of a text by the type that the answers format has at `key`; `kind` is a mirror's `to`."""
    target = named(key, kind)
    return lambda text: problem_with(target, text)


def maskable(secret: Secret, known: Known) -> str | None:
    """Return why GitLab could not mask a value that is stored as a variable of its own."""
    problem = why_not_maskable(secret, raw=known.item.get("raw") is not False)
    return f"GitLab cannot mask it: {problem}" if problem else None


def counts(key: str) -> Callable[[str], str | None]:
    """Return the check of a typed number by the limits that the answers format has at `key`."""
    target = named(key)
    return lambda text: problem_with(target, int(text) if re.fullmatch(r"[+-]?\d{1,18}", text.strip()) else text)


WHEN = (
    Choice("tag", "when a tag is pushed", "A release is a tag: nothing happens for ordinary commits."),
    Choice("default-branch", "on every push to the default branch", "The newest state runs at once."),
    Choice("manual", "when somebody presses play", "The job waits in the pipeline for a person."),
)
"""The choices of every `when`."""


def when_first(first: str) -> tuple[Choice, ...]:
    """Return the choices of `when` with the recommended one first."""
    return tuple(sorted(WHEN, key=lambda choice: choice.value != first))


def removal(noun: str, removes: str) -> Question:
    """Return the question whether an item is set up, or what was set up for it is removed."""
    return Question(
        key="absent",
        text=f"Set this {noun} up, or remove it?",
        help=f"Removing {removes}. To leave things as they are, take the {noun} off this list instead.",
        form="choice",
        default=lambda _: False,
        choices=lambda _: (Choice(False, "set up"), Choice(True, "remove what was set up")),
    )


def detection(known: Known) -> Detection:
    """Return what was recognised in the repository; nothing before it was read."""
    return known.state.repository.detection if known.state else Detection()


def project_path(known: Known) -> str:
    """Return the full path of the project, empty where it is not known yet."""
    given = known.draft.get("project")
    if isinstance(given, str):
        return given
    return known.state.project.path if known.state else ""


def agents(known: Known) -> tuple[str, ...]:
    """Return the contexts of the agents that could be seen."""
    found = known.state.agents if known.state else ()
    return () if isinstance(found, Unknown) else found


def image_names(known: Known) -> Iterator[tuple[str, str]]:
    """Yield the images that the repository names, each with how it is used: `base` or `job`."""
    for dockerfile in detection(known).dockerfiles:
        yield from ((name, "base") for name in dockerfile.bases if "$" not in name)
    file = known.state.repository.files.get(".gitlab-ci.yml") if known.state else None
    text = (file.content or b"").decode("utf-8", "replace") if file else ""
    yield from ((name, "job") for name in _CI_IMAGE.findall(text))


def split_image(name: str) -> tuple[str, str]:
    """Split an image into registry host (empty: Docker Hub) and the rest."""
    first, slash, rest = name.partition("/")
    return (first, rest) if slash and ("." in first or ":" in first or first == "localhost") else ("", name)
