"""What is said of a token: whose, what it may do, for how long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from wizard.discover import Connection, connect
from wizard.errors import WizardError
from wizard.state import Identity, Instance, Unknown
from wizard.token_report import connection_facts, refuse_expired, token_warnings

URL = "https://gitlab.example.com"
TODAY = date(2026, 11, 25)


def owner(**given: Any) -> Identity:
    return Identity(3, "maint", **{"scopes": ("api",), "expires_at": date(2027, 11, 1), **given})


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, ()),
        ({"expires_at": None}, ()),
        ({"scopes": ("read_api",)}, ("scope-too-low",)),
        ({"scopes": Unknown("an OAuth token")}, ()),
        ({"expires_at": TODAY + timedelta(15)}, ()),
        ({"expires_at": TODAY + timedelta(14)}, ("token-expires-soon",)),
        ({"scopes": ("read_user",), "expires_at": TODAY + timedelta(1)}, ("scope-too-low", "token-expires-soon")),
    ],
)
def test_what_a_token_cannot_do_is_a_warning_with_the_next_step(given: dict[str, Any], codes: tuple[str, ...]) -> None:
    warnings = token_warnings(owner(**given), TODAY, URL)
    assert tuple(warning.code for warning in warnings) == codes
    assert all(f"{URL}/-/user_settings/personal_access_tokens" in warning.hint for warning in warnings)


@pytest.mark.parametrize(("left", "words"), [(1, "1 more day,"), (14, "14 more days,")])
def test_the_days_that_are_left_are_counted(left: int, words: str) -> None:
    (warning,) = token_warnings(owner(expires_at=TODAY + timedelta(left)), TODAY, URL)
    assert words in warning.message


@pytest.mark.parametrize(("ends", "refused"), [(-1, True), (0, True), (1, False)])
def test_a_token_is_refused_from_its_last_date_on_as_gitlab_does(ends: int, refused: bool) -> None:
    identity = owner(expires_at=TODAY + timedelta(ends))
    if not refused:
        refuse_expired(identity, TODAY, URL)
        return
    with pytest.raises(WizardError) as caught:
        refuse_expired(identity, TODAY, URL)
    assert caught.value.code == "token-expired"
    assert "Make a new one" in caught.value.hint


def test_connecting_brings_the_warnings_along() -> None:
    found = {
        "version": {"version": "19.5.0-ee", "enterprise": True},
        "user": {"id": 3, "username": "maint"},
        "token": {"scopes": ["read_api"], "expires_at": "2026-11-30"},
    }
    connection = connect(URL, found, TODAY)
    assert [warning.code for warning in connection.warnings] == ["scope-too-low", "token-expires-soon"]


@pytest.mark.parametrize(
    ("identity", "facts"),
    [
        (owner(), ["maint", "api", "until 2027-11-01"]),
        (owner(bot=True, scopes=()), ["maint, a bot of a project or group token", "none", "until 2027-11-01"]),
        (
            owner(admin=True, scopes=Unknown("403"), expires_at=None),
            ["maint, an administrator", "not told by GitLab for this kind of token", "GitLab names no end"],
        ),
    ],
)
def test_who_is_connected_is_said_in_words(identity: Identity, facts: list[str]) -> None:
    told = dict(connection_facts(Connection(Instance(URL, (19, 5), "19.5.0-ee"), identity)))
    assert told.pop("GitLab") == f"19.5.0-ee at {URL}"
    assert list(told.values()) == facts
