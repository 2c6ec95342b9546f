"""Which project on which GitLab a command means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.errors import UsageError
from wizard.target import Target, is_loopback, parse_remote, parse_url, resolve

SCP = "git@gitlab.example.com:acme/team/app.git"


def target(**given: Any) -> Target:
    return resolve(**{"project": None, "answered": None, "url": None, "origin": None, "work_tree": None, **given})


@pytest.mark.parametrize(
    ("remote", "url", "path"),
    [
        (SCP, "https://gitlab.example.com", "acme/team/app"),
        ("gitlab.example.com:acme/app", "https://gitlab.example.com", "acme/app"),
        ("git@[2001:db8::1]:acme/app.git", "https://[2001:db8::1]", "acme/app"),
        ("git@gitlab.example.com:/acme/app.git", "https://gitlab.example.com", "acme/app"),
        ("ssh://git@gitlab.example.com/acme/app.git", "https://gitlab.example.com", "acme/app"),
        ("ssh://git@gitlab.example.com:2222/acme/app.git", "https://gitlab.example.com", "acme/app"),
        ("git+ssh://git@gitlab.example.com:2222/acme/app", "https://gitlab.example.com", "acme/app"),
        ("https://gitlab.example.com/acme/app.git", "https://gitlab.example.com", "acme/app"),
        ("https://GitLab.example.com:443/acme/app.git/", "https://gitlab.example.com", "acme/app"),
        ("https://gitlab.example.com:8443/acme/app", "https://gitlab.example.com:8443", "acme/app"),
        ("http://127.0.0.1:8080/acme/app.git", "http://127.0.0.1:8080", "acme/app"),
        ("http://[::1]:8080/acme/app.git", "http://[::1]:8080", "acme/app"),
        ("https://robot:glpat-secret@gitlab.example.com/acme/app.git", "https://gitlab.example.com", "acme/app"),
        ("https://gitlab.example.com/acme/my.github.io.git", "https://gitlab.example.com", "acme/my.github.io"),
    ],
)
def test_a_remote_names_the_gitlab_and_the_project(remote: str, url: str, path: str) -> None:
    parsed = parse_remote(remote)
    assert parsed is not None
    assert (parsed.url, parsed.path) == (url, path)
    assert "secret" not in repr(parsed)
    assert "secret" not in repr(target(origin=remote))


@pytest.mark.parametrize(
    "remote",
    ["/srv/git/app.git", "../app", "file:///srv/git/app.git", "git://gitlab.example.com/acme/app", "https://",
     "https://host:port/acme/app", "https://ho\x1bst/acme/app", "ftp://gitlab.example.com/acme/app"],
)  # fmt: skip
def test_a_remote_that_is_no_server_with_an_api_is_refused(remote: str) -> None:
    assert parse_remote(remote) is None
    with pytest.raises(UsageError) as caught:
        target(origin=remote)
    assert caught.value.code == "remote-not-gitlab"


def test_a_remote_that_is_a_folder_does_not_matter_when_project_and_url_are_given() -> None:
    found = target(origin="/srv/git/app.git", project="acme/app", url="https://gitlab.example.com")
    assert (found.url, found.project, found.origin_project) == ("https://gitlab.example.com", "acme/app", None)


@given(st.text(max_size=40))
def test_any_text_is_a_remote_or_none_but_never_a_crash(text: str) -> None:
    parsed = parse_remote(text)
    assert parsed is None or parsed.url.startswith(("https://", "http://"))


@pytest.mark.parametrize(
    ("given", "project"),
    [
        ({"project": "acme/flag", "answered": "acme/answered"}, "acme/flag"),
        ({"answered": "acme/answered"}, "acme/answered"),
        ({}, "acme/team/app"),
    ],
)
def test_the_flag_goes_before_the_answers_and_those_before_origin(given: dict[str, str], project: str) -> None:
    found = target(origin=SCP, **given)
    assert found.project == project
    assert found.origin_project == "acme/team/app"


@pytest.mark.parametrize(
    "origin",
    [
        "https://gitlab.example.com/gitlab/acme/app.git",
        "git@gitlab.example.com:acme/app.git",
        "git@gitlab.example.com:gitlab/acme/app.git",
    ],
)
def test_a_gitlab_under_a_path_is_cut_from_the_remote(origin: str) -> None:
    found = target(origin=origin, url="https://gitlab.example.com/gitlab/")
    assert (found.url, found.project) == ("https://gitlab.example.com/gitlab", "acme/app")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://gitlab.example.com", "https://gitlab.example.com"),
        ("https://gitlab.example.com/", "https://gitlab.example.com"),
        ("https://gitlab.example.com:443//gitlab//", "https://gitlab.example.com/gitlab"),
        ("https://gitlab.example.com/api/v4/", "https://gitlab.example.com"),
        ("http://gitlab.lan:8080", "http://gitlab.lan:8080"),
    ],
)
def test_url_is_taken_as_gitlabs_own_address(text: str, url: str) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gitlab.example.com", "url"),
        ("ftp://gitlab.example.com", "url"),
        ("https://", "url"),
        ("", "url"),
        ("https://gitlab.example.com/?a=b", "url"),
        ("https://gitlab.example.com:port", "url"),
        ("https://user:hunter2@gitlab.example.com", "url-credentials"),
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_a_password(text: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(text)
    assert caught.value.code == code
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_a_url_on_another_host_wins_with_a_note() -> None:
    found = target(origin=SCP, url="https://mirror.example.com")
    assert found.url == "https://mirror.example.com"
    assert found.project == "acme/team/app"
    assert "gitlab.example.com" in found.notes[0]


def test_a_url_on_the_same_host_needs_no_note() -> None:
    assert target(origin=SCP, url="https://gitlab.example.com:8443").notes == ()


def test_plain_http_of_a_remote_is_refused_beyond_loopback() -> None:
    with pytest.raises(UsageError) as caught:
        target(origin="http://user:hunter2@gitlab.lan/acme/app.git")
    assert caught.value.code == "plain-http"
    assert "--url http://gitlab.lan" in caught.value.hint
    assert "hunter2" not in caught.value.hint + caught.value.message


def test_plain_http_is_fine_when_url_says_so() -> None:
    assert target(origin="http://gitlab.lan/acme/app.git", url="http://gitlab.lan").url == "http://gitlab.lan"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "no-remote"),
        ({"project": "acme/app"}, "no-remote"),
        ({"url": "https://gitlab.example.com"}, "no-project"),
        ({"origin": "git@gitlab.example.com:app.git"}, "no-project"),
        ({"origin": SCP, "project": "app"}, "project-path"),
        ({"origin": SCP, "project": "../app"}, "project-path"),
    ],
)
def test_what_does_not_name_one_project_is_wrong_usage(given: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        target(**given)
    assert caught.value.code == code


def test_without_a_remote_url_and_project_are_enough() -> None:
    found = target(url="https://gitlab.example.com", project="acme/app")
    assert (found.url, found.project, found.origin_project) == ("https://gitlab.example.com", "acme/app", None)


def test_a_front_end_that_lets_choose_may_leave_the_project_open() -> None:
    assert target(url="https://gitlab.example.com", choose=True).project is None


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://127.0.0.1:1", True), ("http://localhost", True), ("http://[::1]", True), ("http://127.8.8.8", True),
     ("http://gitlab.lan", False), ("http://localhost.example.com", False), ("http://128.0.0.1", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
