"""DOCKER_AUTH_CONFIG is merged: what others wrote stays, ours reads back exactly, and no secret is shown."""

from __future__ import annotations

import base64
import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.errors import WizardError
from wizard.generate.docker_auth import AuthEntry, auth_key, describe, merge
from wizard.secret import Secret


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def document(secret: Secret) -> Any:
    return json.loads(secret.reveal())


EXISTING = Secret(
    json.dumps(
        {
            "credHelpers": {"1.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"},
            "auths": {
                "b.example.com": {"auth": encoded("bob:b:ob"), "email": "b@example.com"},
                "a.example.com:5000": {"username": "alice", "password": "x"},
                "broken.example.com": {"auth": "%%%"},
            },
            "HttpHeaders": {"X": "y"},
        },
        indent=2,
    )
)


def test_entries_are_added_and_foreign_ones_stay_in_their_order() -> None:
    merged = document(merge(EXISTING, [AuthEntry("c.example.com", "carol", Secret("pw"))], []))
    assert list(merged) == ["credHelpers", "auths", "HttpHeaders"]
    assert list(merged["auths"]) == ["b.example.com", "a.example.com:5000", "broken.example.com", "c.example.com"]
    before = document(EXISTING)
    assert {key: value for key, value in merged["auths"].items() if key != "c.example.com"} == before["auths"]
    assert merged["auths"]["c.example.com"] == {"auth": encoded("carol:pw")}


def test_an_entry_of_the_same_key_is_replaced_in_its_place() -> None:
    merged = document(merge(EXISTING, [AuthEntry("b.example.com", "bob", Secret("new"))], []))
    assert next(iter(merged["auths"].items())) == ("b.example.com", {"auth": encoded("bob:new")})


def test_only_what_is_asked_for_is_removed() -> None:
    merged = merge(EXISTING, [], ["b.example.com", "unknown.example.com"])
    assert list(document(merged)["auths"]) == ["a.example.com:5000", "broken.example.com"]


def test_the_result_is_one_line_without_spaces_so_that_it_can_be_masked() -> None:
    merged = merge(None, [AuthEntry("h.example.com", "u" * 200, Secret("p" * 200))], [])
    assert not any(character.isspace() for character in merged.reveal())
    assert len(merged.reveal()) >= 8


def test_merging_nothing_only_writes_it_compactly() -> None:
    assert document(merge(EXISTING, [], [])) == document(EXISTING)
    assert merge(merge(EXISTING, [], []), [], []) == merge(EXISTING, [], [])
    assert document(merge(Secret(""), [], [])) == {"auths": {}}


@given(
    username=st.text(min_size=1).filter(lambda text: ":" not in text),
    password=st.text(),
    key=st.text(min_size=1),
)
def test_any_credential_reads_back_exactly(username: str, password: str, key: str) -> None:
    merged = merge(None, [AuthEntry(key, username, Secret(password))], [])
    auth = document(merged)["auths"][key]["auth"]
    assert base64.b64decode(auth, validate=True).decode() == f"{username}:{password}"
    assert describe(merged) == ((key, username),)


def test_the_description_names_users_and_no_secret() -> None:
    assert describe(EXISTING) == (("b.example.com", "bob"), ("a.example.com:5000", "alice"), ("broken.example.com", ""))


@pytest.mark.parametrize(
    "text", ["not json s3cr3t", '["s3cr3t"]', '{"auths": "s3cr3t"}', '{"x": "s3cr3t"}', "[" * 100_000, '{"s3cr3t']
)
def test_a_value_that_is_no_such_document_is_refused_without_showing_it(text: str) -> None:
    for use in (lambda: describe(Secret(text)), lambda: merge(Secret(text), [], [])):
        with pytest.raises(WizardError) as refused:
            use()
        error = refused.value
        assert error.code == "docker-auth-config-invalid"
        shown = "".join(traceback.format_exception(error)) + repr(error.__context__) + error.hint
        assert "s3cr3t" not in shown
        assert error.__context__ is None


def test_a_colon_in_a_user_name_is_refused() -> None:
    with pytest.raises(WizardError, match="colon") as refused:
        merge(None, [AuthEntry("h", "a:b", Secret("s3cr3t"))], [])
    assert "s3cr3t" not in refused.value.message


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("docker.io", "https://index.docker.io/v1/"),
        ("index.docker.io", "https://index.docker.io/v1/"),
        ("harbor.example.com:8443", "harbor.example.com:8443"),
        ("registry.example.com/group/project", "registry.example.com/group/project"),
        ("registry.example.com/", "registry.example.com"),
    ],
)
def test_docker_hub_is_known_by_the_address_of_its_first_api(host: str, key: str) -> None:
    assert auth_key(host) == key
