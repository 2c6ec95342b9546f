"""`explain`: every help page as text that reads well at 80 columns, in a terminal and in a pipe."""

from __future__ import annotations

import pytest

from wizard.__main__ import main
from wizard.help_pages import named, page, search, topics

NAMES = [topic.name for topic in topics()]


def test_without_a_topic_every_page_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    told = capsys.readouterr().out
    assert [name for name in NAMES if f"  {name} " not in told] == []
    assert "registry-wizard explain TOPIC" in told


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_80_columns_and_shows_no_markup_but_quotes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == page(name).splitlines()[0].removeprefix("# ")
    assert [line for line in lines if len(line) > 80 or line.lstrip().startswith(("#", "|", "```"))] == []
    assert "\x1b" not in "".join(lines)


def test_a_page_loses_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "tokens"])
    told = capsys.readouterr().out.split()
    source = [word for word in page("tokens").split() if word.strip("|#-:`") and word not in {"```yaml", "```"}]
    assert [word for word in source if word not in told] == []


def test_examples_can_be_copied_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "docker-auth-config"])
    assert "  docker_auth:\n    - host: harbor.example.com\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DOCKER_AUTH_CONFIG", "docker-auth-config"),
        ("Job token", "job-token"),
        ("image pull secret", "image-pull-secret"),
        ("Masked and hidden variables", "masking"),
        ("hidden", "masking"),
        ("pull secret", "image-pull-secret"),
        ("docker auth", "docker-auth-config"),
        ("access token", "access-token"),
        ("token", "token"),
        ("", ""),
    ],
)
def test_a_page_is_found_by_its_title_and_in_any_spelling(typed: str, meant: str) -> None:
    assert named(typed) == meant


def test_an_unknown_topic_names_the_nearest_and_the_pages_that_speak_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "skopeo"]) == 64
    told = capsys.readouterr().err
    assert "there is no help page 'skopeo'" in told
    assert "Pages that speak of it: " in told
    assert main(["explain", "deploy-tokn"]) == 64
    assert "did you mean 'deploy-token'?" in capsys.readouterr().err


def test_what_is_searched_for_comes_first_where_it_stands_in_name_or_title() -> None:
    assert search("allowlist")[0].name == "allowlist"
    assert search("masked hidden")[0].name == "masking"
    assert search("no such word anywhere") == ()
    assert {topic.name for topic in search("")} == set(NAMES)


def test_a_topic_that_holds_an_escape_is_shown_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "\x1b[31mundo"]) == 64
    assert "\x1b" not in capsys.readouterr().err
