"""Logging in by the device grant: what a device is told while a person decides, and what its token is good for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import NOON, Answer, Client, SetClock, changed_world
from wizard.sandbox.server import Sandbox

WIZARD, READER = "wizard-app", "reader-app"
WORLD = {"instance.oauth_applications": [{"client_id": WIZARD, "scopes": ["api", "read_registry"]},
                                         {"client_id": READER, "scopes": ["read_api"]}]}  # fmt: skip
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class Device:
    """A program on a machine without a browser, and the person who answers for it."""

    def __init__(self, box: Sandbox, clock: SetClock) -> None:
        self.clock = clock
        self.oauth = Client(box.url, base="/oauth")
        self.api = Client(box.url)

    def ask(self, client_id: str | None = WIZARD, scope: str | None = "api") -> Answer:
        given = {"client_id": client_id, "scope": scope}
        return self.post("/authorize_device", {name: value for name, value in given.items() if value is not None})

    def poll(self, asked: Mapping[str, Any], client_id: str = WIZARD, later: int = 6) -> Answer:
        """Ask whether the person has decided, `later` seconds after what was last done."""
        self.clock.at += timedelta(seconds=later)
        form = {"grant_type": DEVICE_CODE, "device_code": asked["device_code"], "client_id": client_id}
        return self.post("/token", form)

    def decide(self, asked: Mapping[str, Any], decision: str, user: str | None = None) -> Answer:
        sent = {"decision": decision, "user": user}
        return self.api.send("POST", f"/-/sandbox/device/{asked['user_code']}", send=sent)

    def log_in(self, user: str = "maint", scope: str = "api") -> Mapping[str, Any]:
        asked = self.ask(scope=scope).json
        assert self.decide(asked, "approve", user).status == 204
        answer = self.poll(asked)
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def post(self, path: str, form: Mapping[str, Any]) -> Answer:
        return self.oauth.send("POST", path, form=form)

    def get(self, path: str, token: Mapping[str, Any]) -> Answer:
        return self.api.send("GET", path, headers={"Authorization": f"Bearer {token['access_token']}"})


@pytest.fixture(scope="module")
def server(clock: SetClock) -> Iterator[Sandbox]:
    with Sandbox(changed_world(WORLD), control=True, clock=clock) as box:
        yield box


@pytest.fixture
def device(server: Sandbox, clock: SetClock) -> Iterator[Device]:
    clock.at = NOON
    made = Device(server, clock)
    assert made.api.send("PUT", "/-/sandbox/world", send=changed_world(WORLD)).status == 204
    yield made
    made.oauth.close()
    made.api.close()


def error(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]


def test_a_device_is_told_where_to_send_the_person(device: Device, server: Sandbox) -> None:
    answer = device.ask()
    asked = answer.json
    page = f"{server.url}/oauth/device"
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert sorted(asked) == [
        "device_code", "expires_in", "interval", "user_code", "verification_uri", "verification_uri_complete",
    ]  # fmt: skip
    assert (asked["expires_in"], asked["interval"]) == (300, 5)
    assert re.fullmatch("[0-9A-Z]{8}", asked["user_code"])
    assert (asked["verification_uri"], asked["verification_uri_complete"]) == (
        page,
        f"{page}?user_code={asked['user_code']}",
    )
    assert device.ask().json["device_code"] != asked["device_code"]


@pytest.mark.parametrize(
    ("client_id", "scope", "refusal"),
    [
        ("nobody's", "api", (401, "invalid_client")),
        (None, "api", (401, "invalid_client")),
        (WIZARD, "sudo", (400, "invalid_scope")),
        (WIZARD, "api write_registry", (400, "invalid_scope")),
        (WIZARD, "no-such-scope", (400, "invalid_scope")),
        (READER, "api", (400, "invalid_scope")),
        (READER, None, (400, "invalid_scope")),
    ],
)
def test_only_a_known_application_asks_and_only_for_its_scopes(
    client_id: str | None, scope: str | None, refusal: tuple[int, str], device: Device
) -> None:
    assert error(device.ask(client_id, scope)) == refusal


def test_without_a_wish_the_scope_is_api(device: Device) -> None:
    asked = device.ask(scope=None).json
    device.decide(asked, "approve", "maint")
    assert device.poll(asked).json["scope"] == "api"


def test_a_json_body_is_as_good_as_a_form(device: Device) -> None:
    assert device.oauth.send("POST", "/authorize_device", send={"client_id": WIZARD, "scope": "api"}).status == 200


def test_a_device_waits_until_the_person_approves(device: Device) -> None:
    asked = device.ask().json
    assert error(device.poll(asked)) == (400, "authorization_pending")
    assert error(device.poll(asked)) == (400, "authorization_pending")
    assert device.decide(asked, "approve", "maint").status == 204
    answer = device.poll(asked)
    token = answer.json
    assert answer.headers["cache-control"] == "no-store"
    assert {name: token[name] for name in ("token_type", "expires_in", "scope", "created_at")} == {
        "token_type": "Bearer",
        "expires_in": 7200,
        "scope": "api",
        "created_at": int(device.clock.at.timestamp()),
    }
    assert device.get("/user", token).json["username"] == "maint"


def test_a_device_that_asks_too_often_is_slowed_down_even_when_it_was_approved(device: Device) -> None:
    asked = device.ask().json
    assert error(device.poll(asked, later=0)) == (400, "authorization_pending")
    assert error(device.poll(asked, later=4)) == (400, "slow_down")
    device.decide(asked, "approve", "maint")
    assert error(device.poll(asked, later=0)) == (400, "slow_down")
    assert device.poll(asked, later=1).status == 200


def test_a_person_denies(device: Device) -> None:
    asked = device.ask().json
    assert device.decide(asked, "deny").status == 204
    assert error(device.poll(asked)) == (400, "access_denied")


@pytest.mark.parametrize("how", ["in its time", "at once"])
def test_a_code_expires_and_is_then_forgotten(how: str, device: Device) -> None:
    asked = device.ask().json
    if how == "at once":
        device.decide(asked, "expire")
    assert error(device.poll(asked, later=300)) == (400, "expired_token")
    assert error(device.poll(asked)) == (400, "invalid_grant")
    assert device.decide(asked, "approve", "maint").status == 404


def test_a_code_gives_one_token_to_the_application_that_asked(device: Device) -> None:
    asked = device.ask().json
    device.decide(asked, "approve", "maint")
    assert error(device.poll(asked, client_id=READER)) == (400, "invalid_grant")
    assert error(device.poll(asked, client_id="nobody's")) == (401, "invalid_client")
    assert device.poll(asked).status == 200
    assert error(device.poll(asked)) == (400, "invalid_grant")
    assert error(device.poll({"device_code": "made up"})) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("", (400, "invalid_request")),
        ("urn:made:up", (400, "unsupported_grant_type")),
    ],
)
def test_another_kind_of_grant_is_refused(kind: str, refusal: tuple[int, str], device: Device) -> None:
    assert error(device.post("/token", {"grant_type": kind, "client_id": WIZARD})) == refusal


@pytest.mark.parametrize("kind", ["authorization_code", "password", "client_credentials"])
def test_a_grant_that_gitlab_has_and_this_has_not_says_so(kind: str, device: Device) -> None:
    answer = device.post("/token", {"grant_type": kind, "client_id": WIZARD})
    assert (answer.status, kind in answer.json["message"]) == (501, True)


def test_a_token_is_a_bearer_with_its_scopes_and_no_personal_access_token(device: Device) -> None:
    token = device.log_in(scope="read_registry")
    refused = device.get("/user", token)
    assert (refused.status, refused.json["error"]) == (403, "insufficient_scope")
    token = device.log_in()
    assert device.get("/projects/10/variables", token).status == 200
    assert device.get("/personal_access_tokens/self", token).status == 400
    assert device.api.send("GET", "/user", headers={"PRIVATE-TOKEN": token["access_token"]}).status == 401


def test_a_token_acts_as_the_person_who_approved(device: Device) -> None:
    assert device.get("/projects/10/variables", device.log_in("dev")).status == 403


def test_a_token_lasts_two_hours(device: Device) -> None:
    token = device.log_in()
    device.clock.at += timedelta(seconds=7199)
    assert device.get("/user", token).status == 200
    device.clock.at += timedelta(seconds=1)
    refused = device.get("/user", token)
    assert (refused.status, refused.json["error"]) == (401, "invalid_token")


def test_a_refresh_token_works_once_and_ends_the_token_before(device: Device) -> None:
    first = device.log_in()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": WIZARD}
    assert error(device.post("/token", {**form, "client_id": READER})) == (400, "invalid_grant")
    second = device.post("/token", form)
    assert (second.status, second.json["scope"]) == (200, "api")
    assert device.get("/user", first).status == 401
    assert device.get("/user", second.json).status == 200
    assert error(device.post("/token", form)) == (400, "invalid_grant")


def test_a_token_can_be_given_back(device: Device) -> None:
    token = device.log_in()
    assert device.post("/revoke", {"client_id": WIZARD, "token": "unknown"}).status == 200
    assert device.get("/user", token).status == 200
    assert device.post("/revoke", {"client_id": WIZARD, "token": token["access_token"]}).status == 200
    refused = device.get("/user", token)
    assert (refused.status, refused.json["error_description"][:17]) == (401, "Token was revoked")


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"decision": "perhaps"}, "decision"),
        ({}, "decision"),
        ([], "decision"),
        ("{", ""),
        ({"decision": "approve"}, "user"),
        ({"decision": "approve", "user": "nobody"}, "user"),
        ({"decision": "approve", "user": "gone"}, "user"),
    ],
)
def test_a_decision_that_means_nothing_is_refused_and_changes_nothing(sent: object, path: str, device: Device) -> None:
    asked = device.ask().json
    answer = device.api.send("POST", f"/-/sandbox/device/{asked['user_code']}", send=sent)
    assert (answer.status, answer.json[0]["path"]) == (422, path)
    assert error(device.poll(asked)) == (400, "authorization_pending")


def test_a_code_is_decided_once(device: Device) -> None:
    asked = device.ask().json
    lower = {"user_code": asked["user_code"].lower()}
    assert device.decide(lower, "approve", "maint").status == 204
    assert device.decide(asked, "deny").status == 404
    assert device.decide({"user_code": "NOSUCHCODE"}, "deny").status == 404
    assert device.poll(asked).status == 200


def test_the_page_of_the_person_says_how_to_play_them(device: Device) -> None:
    answer = device.oauth.send("GET", "/device?user_code=X")
    assert (answer.status, "/-/sandbox/device/USER_CODE" in answer.json["message"]) == (501, True)


def test_logging_in_works_in_maintenance(device: Device) -> None:
    world = changed_world({**WORLD, "instance.maintenance": True})
    assert device.api.send("PUT", "/-/sandbox/world", send=world).status == 204
    assert device.get("/user", device.log_in()).status == 200


def test_no_secret_of_a_log_in_is_in_the_log_of_requests(device: Device) -> None:
    token = device.log_in()
    logged = device.api.send("GET", "/-/sandbox/requests").text
    assert "/oauth/token" in logged
    assert token["access_token"] not in logged
    assert token["refresh_token"] not in logged
