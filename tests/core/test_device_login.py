"""Log-in by a code (RFC 8628): what GitLab may say meanwhile, and the whole of it at the simulated GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event as Stop
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from tests.core.http_stub import Asked, Says, Stub
from wizard.errors import WizardError
from wizard.gateways.device_login import DeviceLogin, Invitation
from wizard.gateways.gitlab import Api, PassingError
from wizard.sandbox.server import Sandbox
from wizard.secret import Secret

CODE = {
    "device_code": "d3vice",
    "user_code": "0A44L90H",
    "verification_uri": "https://gitlab.example.com/oauth/device",
    "expires_in": 60,
    "interval": 5,
}
TOKEN = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": 7200, "scope": "api", "created_at": 1}
PENDING = {"error": "authorization_pending"}


class Waits(Stop):
    """Never really waits, and remembers for how long it was asked to."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._stop_after = stop_after

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return len(self.seconds) == self._stop_after


def finished(*answers: Says, stop: Waits | None = None, **code: Any) -> tuple[Secret | None, Waits, Stub]:
    """Log in at a GitLab that gives these answers, the last one for ever."""
    left = list(answers)

    def script(asked: Asked) -> Says:
        if asked.path == "/oauth/authorize_device":
            return Says(200, {**CODE, **code})
        return left.pop(0) if len(left) > 1 else left[0]

    waits = stop or Waits()
    with Stub(script) as stub:
        login = DeviceLogin(stub.url, "app-id")
        token = login.finish(login.begin(), waits)
        login.close()
    return token, waits, stub


def refusal(*answers: Says, **code: Any) -> WizardError:
    with pytest.raises(WizardError) as caught:
        finished(*answers, **code)
    assert "d3vice" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


def test_the_code_is_asked_for_with_the_application_and_the_scope() -> None:
    token, _, stub = finished(Says(200, TOKEN))
    assert token is not None
    assert token.reveal() == "t0ken"
    assert parse_qs(stub.asked[0].body) == {"client_id": ["app-id"], "scope": ["api"]}
    assert parse_qs(stub.asked[1].body) == {
        "client_id": ["app-id"],
        "grant_type": ["urn:ietf:params:oauth:grant-type:device_code"],
        "device_code": ["d3vice"],
    }
    assert "authorization" not in stub.asked[1].headers


def test_it_waits_as_long_as_gitlab_says_and_longer_when_told_to_slow_down() -> None:
    slow = Says(400, {"error": "slow_down"})
    token, waits, _ = finished(Says(400, PENDING), slow, Says(400, PENDING), Says(200, TOKEN), interval=2)
    assert token == Secret("t0ken")
    assert waits.seconds == [2, 2, 7, 7]


def test_a_busy_gitlab_is_asked_less_often_and_not_given_up() -> None:
    token, waits, _ = finished(Says(503, "busy"), Says(429, {}), Says(200, TOKEN))
    assert token == Secret("t0ken")
    assert waits.seconds == [5, 10, 20]


def test_it_ends_when_the_code_does_even_where_gitlab_never_says_so() -> None:
    assert refusal(Says(400, PENDING), expires_in=12).code == "device-expired"


@pytest.mark.parametrize(
    ("error", "code"),
    [("expired_token", "device-expired"), ("access_denied", "device-denied"), ("invalid_client", "device-login")],
)
def test_a_log_in_that_will_not_come_is_told(error: str, code: str) -> None:
    told = refusal(Says(400, {"error": error, "error_description": f"about\x1b[2J {error}"}))
    assert told.code == code
    assert "\x1b" not in told.message


def test_it_can_be_stopped_while_it_waits() -> None:
    token, waits, stub = finished(Says(400, PENDING), stop=Waits(stop_after=2))
    assert token is None
    assert len(waits.seconds) == 2
    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Says(401, {"error": "invalid_client", "error_description": "Client authentication failed"}), "device-login"),
        (Says(404, "<html>not found</html>"), "device-login"),
        (Says(302, None, {"Location": "https://elsewhere.example/"}), "device-login"),
        (Says(200, [1]), "device-login"),
        (Says(200, {**CODE, "verification_uri": "javascript:alert(1)"}), "device-login"),
        (Says(200, {**CODE, "user_code": None}), "device-login"),
    ],
)
def test_a_gitlab_that_gives_no_code_is_told_with_what_to_check(said: Says, code: str) -> None:
    with Stub(said) as stub, pytest.raises(WizardError) as caught:
        DeviceLogin(stub.url, "app-id").begin()
    assert caught.value.code == code
    assert "token" in caught.value.hint


def test_a_gitlab_that_is_not_there_is_a_passing_fault() -> None:
    with Stub(Says()) as stub:
        url = stub.url
    with pytest.raises(PassingError):
        DeviceLogin(url, "app-id").begin()


@pytest.mark.parametrize("number", [None, "soon", -1, True, 10**9])
def test_times_that_make_no_sense_are_the_usual_ones(number: Any) -> None:
    with Stub(Says(200, {**CODE, "expires_in": number, "interval": number})) as stub:
        invitation = DeviceLogin(stub.url, "app-id").begin()
    assert (invitation.seconds, invitation.interval) == (300, 5)


def test_nothing_shows_the_device_code() -> None:
    invitation = Invitation("A", "https://a", 1, 1, Secret("d3vice"))
    assert "d3vice" not in repr(invitation)


WORLD = """
version: 1
instance: {oauth_applications: [{client_id: wizard-app, scopes: [api]}]}
users: [{id: 3, username: maint}]
"""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    world = tmp_path / "world.yml"
    world.write_text(WORLD)
    with Sandbox(world, control=True) as served:
        yield served


@pytest.mark.parametrize(
    ("decision", "code"), [("approve", None), ("deny", "device-denied"), ("expire", "device-expired")]
)
def test_the_whole_log_in_at_the_simulated_gitlab(box: Sandbox, decision: str, code: str | None) -> None:
    login = DeviceLogin(box.url, "wizard-app")
    invitation = login.begin()
    said = {"decision": decision, "user": "maint"}
    requests.post(f"{box.url}/-/sandbox/device/{invitation.code}", json=said, timeout=5).raise_for_status()
    if code is not None:
        with pytest.raises(WizardError) as caught:
            login.finish(invitation, Waits())
        assert caught.value.code == code
        return
    token = login.finish(invitation, Waits())
    assert token is not None
    assert Api(box.url, token).get("/user")["username"] == "maint"


def test_an_application_that_is_not_registered_is_told(box: Sandbox) -> None:
    with pytest.raises(WizardError) as caught:
        DeviceLogin(box.url, "other-app").begin()
    assert caught.value.code == "device-login"
    assert "REGISTRY_WIZARD_OAUTH_CLIENT_ID" in caught.value.hint
