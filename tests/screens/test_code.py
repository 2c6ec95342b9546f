"""Files in the colours of their languages, changes to them as diffs; text from outside stays text."""

from __future__ import annotations

import pytest

from screens import code
from wizard.planning.file_changes import unified

YAML = "stages: [build]\n# of the wizard\nbuild: {script: ['echo [b]']}\n"


def colours(found: object) -> set[str]:
    return {str(span.style) for span in getattr(found, "spans", ())}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitlab-ci.yml", YAML),
        ("Dockerfile", "FROM scratch\nUSER 10001\n"),
        ("deploy/Dockerfile.web", "FROM scratch\n"),
        ("k8s/wait.sh", "if true; then echo $HOME; fi\n"),
        ("k8s/base/deployment.yaml", YAML),
    ],
)
def test_a_new_file_is_shown_as_it_will_be(path: str, text: str) -> None:
    shown = code.diff(path, unified(path, None, text.encode()))
    assert shown.plain == text.rstrip("\n")
    assert shown == code.file(path, text)
    assert len(colours(shown)) > 1


def test_a_new_file_without_a_line_end_is_all_there() -> None:
    assert code.diff("a.txt", unified("a.txt", None, b"one\ntwo")).plain == "one\ntwo"


def test_a_changed_file_is_shown_as_a_diff() -> None:
    text = unified(".gitlab-ci.yml", YAML.encode(), YAML.replace("build]", "build, test]").encode())
    shown = code.diff(".gitlab-ci.yml", text)
    assert shown.plain.rstrip("\n") == text.rstrip("\n")
    assert {"$text-success", "$text-error"} <= colours(shown)


@pytest.mark.parametrize("path", ["a.yml", "Dockerfile", "a.sh", "a.txt"])
def test_what_others_wrote_is_harmless_in_every_language(path: str) -> None:
    hostile = "[bold]a[/bold] [link=x]\n\x1b[31mred\x1b]8;;x\x07\u202egnp"
    for shown in (code.file(path, hostile), code.diff(path, unified(path, None, hostile.encode()))):
        assert "[bold]a[/bold] [link=x]\n" in shown.plain
        assert not {"\x1b", "\x07", "\u202e"} & set(shown.plain)
        assert "\\x1b[31mred" in shown.plain
