"""Registries asked for exact rights: challenges, grants, refusals, and where a password may go."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.core.http_stub import Asked, Says, Stub
from wizard.errors import WizardError
from wizard.gateways.registry import Grant, Login, Registries
from wizard.secret import Secret

PASSWORD = "a-secret-pa$$wörd"
LOGIN = Login("robot$ci", Secret(PASSWORD))
BASIC = f"Basic {base64.b64encode(f'robot$ci:{PASSWORD}'.encode()).decode()}"


@pytest.fixture
def registries() -> Iterator[Registries]:
    made = Registries()
    yield made
    made.close()


def jwt(access: Any) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"access": access}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def granting(*access: Mapping[str, Any]) -> Says:
    return Says(200, {"token": jwt(list(access))})


def registry(token: Says, challenge: Callable[[Asked], str] | None = None) -> Callable[[Asked], Says]:
    """A registry whose token endpoint is below /token."""

    def script(asked: Asked) -> Says:
        if asked.path == "/token":
            return token
        default = f'Bearer realm="http://{asked.headers["host"]}/token",service="registry"'
        return Says(401, {"errors": []}, {"WWW-Authenticate": challenge(asked) if challenge else default})

    return script


PULL = {"type": "repository", "name": "team/app", "actions": ["pull"]}


def test_gitlab_is_asked_for_the_repository_in_small_letters(registries: Registries) -> None:
    with Stub(granting({**PULL, "name": "acme/app"})) as stub:
        grant = registries.gitlab_grant(stub.url, "Acme/App", LOGIN)
    (asked,) = stub.asked
    assert grant == Grant(("pull",))
    assert (asked.path, asked.query) == (
        "/jwt/auth", {"service": ["container_registry"], "scope": ["repository:acme/app:pull"]},
    )  # fmt: skip
    assert asked.headers["authorization"] == BASIC


@pytest.mark.parametrize(
    ("access", "granted"),
    [
        ([PULL], ("pull",)),
        ([{**PULL, "actions": ["pull", "push"]}], ("pull", "push")),
        ([{**PULL, "name": "team/other"}], ()),
        ([{**PULL, "actions": []}], ()),
        ([], ()),
        (None, ()),
    ],
)
def test_the_granted_actions_count_not_the_log_in(
    registries: Registries, access: Any, granted: tuple[str, ...]
) -> None:
    with Stub(registry(Says(200, {"token": jwt(access)}))) as stub:
        grant = registries.grant(stub.address, "team/app", LOGIN, "pull,push")
    assert grant.actions == granted
    assert bool(grant.refusal) == (not granted)


def test_without_credentials_none_are_sent_not_even_of_netrc(
    registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Stub(granting(PULL)) as stub:
        registries.gitlab_grant(stub.url, "team/app", None)
    assert "authorization" not in stub.asked[0].headers


def test_an_open_registry_grants_what_is_asked(registries: Registries) -> None:
    with Stub(Says(200, {})) as stub:
        assert registries.grant(stub.address, "team/app", LOGIN, "pull,push") == Grant(("pull", "push"))
    assert "authorization" not in stub.asked[0].headers


@pytest.mark.parametrize(("status", "granted"), [(200, ("pull",)), (401, ()), (403, ())])
def test_a_registry_with_basic_log_in(registries: Registries, status: int, granted: tuple[str, ...]) -> None:
    def script(asked: Asked) -> Says:
        if "authorization" not in asked.headers:
            return Says(401, {}, {"WWW-Authenticate": 'Basic realm="Registry"'})
        return Says(status, {"errors": [{"code": "DENIED", "message": "no"}]})

    with Stub(script) as stub:
        grant = registries.grant(stub.address, "team/app", LOGIN)
    assert grant.actions == granted
    assert stub.asked[1].headers["authorization"] == BASIC


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        (Says(401, {"errors": [{"code": "UNAUTHORIZED", "message": "HTTP Basic: Access denied"}]}), "Access denied"),
        (Says(403, {"errors": [{"code": "DENIED", "message": "denied \x1b[31m"}]}), "denied \\x1b[31m"),
        (Says(500, "<html>oops</html>"), "HTTP 500"),
        (Says(302, None, {"Location": "http://evil.invalid/token"}), "HTTP 302"),
        (Says(200, {"nothing": 1}), "holds no token"),
        (Says(200, ["a list"]), "holds no token"),
        (Says(200, "<html>Sign in</html>"), "holds no token"),
    ],
)
def test_a_refusal_keeps_the_registrys_words(registries: Registries, token: Says, refusal: str) -> None:
    with Stub(registry(token)) as stub:
        grant = registries.grant(stub.address, "team/app", LOGIN)
    assert grant.actions == ()
    assert refusal in grant.refusal
    assert PASSWORD not in repr(grant)


@pytest.mark.parametrize("token", ["opaque", "a.b", "a.!!!.c", "a.bnVsbA.c"])
def test_a_token_that_cannot_be_read_counts_as_granted(registries: Registries, token: str) -> None:
    with Stub(registry(Says(200, {"access_token": token}))) as stub:
        assert registries.grant(stub.address, "team/app", LOGIN) == Grant(("pull",))


def test_a_log_in_without_a_repository_asks_for_no_scope(registries: Registries) -> None:
    with Stub(registry(Says(200, {"token": "opaque"}))) as stub:
        grant = registries.grant(stub.address, "", LOGIN)
    assert grant == Grant(())
    assert "scope" not in stub.asked[1].query


@pytest.mark.parametrize(
    "realm",
    [
        "http://registry.example.com/token",
        "http://127.0.0.1.example.com/token",
        "http://127.0.0.1:80@registry.example.com/token",
        "http://localhost.example.com/token",
        "ftp://127.0.0.1/token",
        "/token",
        "",
    ],
)
def test_a_password_never_goes_out_in_the_clear(
    registries: Registries, realm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = registry(Says(200, {}), lambda _asked: f'Bearer realm="{realm}",service="x"')
    with Stub(script) as stub, pytest.raises(WizardError) as raised:
        registries.grant(stub.address, "team/app", LOGIN)
    assert raised.value.code == "not-a-registry"
    assert [asked.path for asked in stub.asked] == ["/v2/"]


@pytest.mark.parametrize("host", ["127.example.com:5000", "127.0.0.1.example.com", "localhost.example", "[::2]:5000"])
def test_only_this_machine_is_spoken_to_without_tls(
    registries: Registries, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def get(url: str, **_: Any) -> Any:
        asked.append(url)
        raise OSError("stop here")

    monkeypatch.setattr(registries._session, "get", get)
    with pytest.raises(WizardError):
        registries.grant(host, "team/app", LOGIN)
    assert asked == [f"https://{host}/v2/"]


@pytest.mark.parametrize("challenge", ["", "Negotiate", "Digest realm=x"])
def test_something_else_than_a_registry_is_named(registries: Registries, challenge: str) -> None:
    with Stub(registry(Says(200, {}), lambda _asked: challenge)) as stub, pytest.raises(WizardError) as raised:
        registries.grant(stub.address, "team/app", LOGIN)
    assert raised.value.code == "not-a-registry"
    assert stub.address in raised.value.message


def test_nobody_listening_is_told_by_place_without_the_log_in(registries: Registries) -> None:
    with pytest.raises(WizardError) as raised:
        registries.grant("127.0.0.1:1", "team/app", LOGIN)
    assert raised.value.code == "unreachable"
    assert "http://127.0.0.1:1 cannot be reached" in raised.value.message
    assert PASSWORD not in f"{raised.value!r}{raised.value.message}"
