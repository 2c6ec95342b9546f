"""The help pages: each can be found, fits a terminal, names only what exists, and shows answers that are valid."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from wizard import flow
from wizard.answers_file import check
from wizard.cli import app
from wizard.errors import Exit, UsageError
from wizard.help_pages import Topic, page, topics
from wizard.question import ListQuestion, Question
from wizard.questions import STEPS

NAMES = [topic.name for topic in topics()]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "wizard").rglob("*.py"))
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
REFERENCE = re.compile(r"registry-wizard explain ([a-z-]+)")
CODE = re.compile(r"\b(?:warning|error|conflict) `([a-z-]+)`")


def prose(name: str) -> str:
    """Return a page on one line, so that a wrapped phrase is found."""
    return " ".join(page(name).split())


ASKED = [
    asked
    for step in STEPS
    for question in step.questions
    for asked in (question, *(question.item if isinstance(question, ListQuestion) else ()))
]
AT_CONNECTING = "access-token"


def asked_topics() -> set[str]:
    return {flow.topic_of(asked) for asked in ASKED}


def test_topics_are_the_packaged_files() -> None:
    stored = {file.name for file in files("assets").joinpath("help").iterdir()}
    assert {f"{name}.md" for name in NAMES} == stored
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.key)
def test_every_question_is_explained_by_a_page(asked: Question | ListQuestion) -> None:
    assert flow.topic_of(asked) in NAMES


@pytest.mark.parametrize(
    ("key", "topic"),
    [
        ("registry.cleanup.older_than", "cleanup"),
        ("registry.protect.push", "protection"),
        ("registry.external.host", "registry"),
        ("build.engine", "engines"),
        ("build.platforms", "build"),
        ("deploy.kubernetes.app.port", "deploy"),
        ("deploy.kubernetes.pull_secret.name", "image-pull-secret"),
        ("deploy.kubernetes.pull_secret.expires_in_days", "deploy-token"),
        ("with", "tokens"),
        ("enforce", "allowlist"),
        ("docker_auth", "docker-auth-config"),
        ("hidden", "masking"),
        ("protected", "protected"),
        ("region", "mirror"),
    ],
)
def test_a_concept_is_explained_where_it_matters(key: str, topic: str) -> None:
    assert {flow.topic_of(asked) for asked in ASKED if asked.key == key} == {topic}


@pytest.mark.parametrize("topic", topics(), ids=NAMES)
def test_a_topic_has_a_title_and_one_sentence_that_fits_a_line(topic: Topic) -> None:
    assert re.fullmatch(r"[A-Z][^`#]{2,40}[^.]", topic.title)
    assert topic.summary.endswith(".")
    assert 20 < len(topic.summary) <= 78


def test_titles_differ() -> None:
    assert len({topic.title for topic in topics()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestPage:
    def test_begins_with_its_title_and_two_sentences(self, name: str) -> None:
        title, blank, *rest = page(name).splitlines()
        first = " ".join(rest[: rest.index("")])
        assert title.startswith("# ")
        assert blank == ""
        assert len(re.findall(r"[.](?=\s|$)", first)) == 2

    def test_fits_a_terminal(self, name: str) -> None:
        lines = page(name).splitlines()
        assert 25 <= len(lines) <= 60
        assert [line for line in lines if len(line) > (76 if line.startswith("|") else 78)] == []
        assert [line for line in lines if line != line.rstrip() or not line.isprintable()] == []

    def test_ends_with_one_line_end(self, name: str) -> None:
        assert page(name) == page(name).rstrip() + "\n"

    def test_tells_what_the_wizard_does_what_breaks_it_and_where_to_read_on(self, name: str) -> None:
        headings = re.findall(r"^## (.+)$", page(name), re.MULTILINE)
        assert [heading for heading in headings if heading.startswith("What the wizard ")]
        assert [heading for heading in headings if re.match(r"What (?:breaks|shows|it cannot|hiding)", heading)]
        assert headings[-1] == "See also"

    def test_names_only_pages_that_exist_and_not_itself(self, name: str) -> None:
        named = REFERENCE.findall(prose(name))
        assert named
        assert set(named) <= set(NAMES) - {name}

    def test_warnings_and_errors_are_those_of_the_program(self, name: str) -> None:
        assert [code for code in CODE.findall(prose(name)) if f'"{code}"' not in SOURCES] == []

    def test_examples_are_valid_answers(self, name: str) -> None:
        for block in BLOCK.findall(page(name)):
            text = block if block.startswith("version:") else f"version: 1\n{block}"
            answers, notes = check(text)
            assert answers is not None, notes

    def test_quoted_marks_are_closed(self, name: str) -> None:
        text = re.sub(r"^```.*?^```$", "", page(name), flags=re.DOTALL | re.MULTILINE)
        paragraphs = re.split(r"\n\s*\n|\n(?=- |\d\. |\| )", text)
        assert [part for part in paragraphs if part.count("`") % 2] == []

    def test_sends_nobody_to_files_that_they_do_not_have(self, name: str) -> None:
        assert re.findall(r"\S+\.(?:md|py|j2)\b|/work\b|https?://(?:docs|www)\.\S+", page(name)) == []


def test_every_page_is_reached_from_a_question_or_another_page() -> None:
    named = {other for name in NAMES for other in REFERENCE.findall(prose(name))}
    assert set(NAMES) - named - asked_topics() - {AT_CONNECTING} == set()


def test_options_in_the_pages_are_options_of_the_command() -> None:
    declared = set(re.findall(r'"(--[a-z][a-z-]+)', SOURCES))
    foreign = {"--password-stdin", "--username", "--from-file", "--docker-username"}  # of docker and kubectl
    named = {option for name in NAMES for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", page(name))}
    assert app.registered_commands
    assert named - foreign <= declared


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cleanup-policy", "cleanup"),
        ("protection-rule", "protection"),
        ("job-tokens", "job-token"),
        ("mirrors", "mirror"),
    ],
)
def test_a_misspelt_topic_is_told_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        page(typed)
    assert caught.value.code == "unknown-topic"
    assert caught.value.exit == Exit.USAGE
    assert f"did you mean {meant!r}?" in caught.value.message


def test_a_topic_that_resembles_nothing_is_told_all_of_them() -> None:
    with pytest.raises(UsageError, match=r"known here: .*job-token") as caught:
        page("qqqq")
    assert "registry-wizard explain" in caught.value.hint


@pytest.mark.parametrize("typed", ["", "../__init__", "help/undo", "undo.md", "UNDO", "\x1b[31mundo"])
def test_only_the_name_of_a_page_is_taken(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        page(typed)
    assert "\x1b" not in caught.value.message


def test_yaml_blocks_are_found_by_the_pattern() -> None:
    blocks = [block for name in NAMES for block in BLOCK.findall(page(name))]
    assert len(blocks) >= 10
    assert all(isinstance(yaml.safe_load(block), dict) for block in blocks)
