"""GitLab's API as it answers when all is not well: every refusal a named error, the token on its host only."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.core.http_stub import Asked, Says, Stub
from wizard.gateways import gitlab
from wizard.gateways.gitlab import Api, ApiError, DeniedError, NotFoundError, PassingError, RejectedError, gitlabs_words
from wizard.secret import Secret

TOKEN = "glpat-a-secret-token"
Opens = Callable[[Any], tuple[Api, Stub]]


_NOW = 1_795_000_000


def _epoch(seconds: int) -> str:
    return str(_NOW + seconds)


def _date(seconds: int) -> str:
    return formatdate(_NOW + seconds, usegmt=True)


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Open a stub with a script and an API on it."""
    left: list[Any] = []

    def open_(script: Any) -> tuple[Api, Stub]:
        stub = Stub(script)
        api = Api(stub.__enter__().url, Secret(TOKEN))
        left.append((api, stub))
        return api, stub

    yield open_
    for api, stub in left:
        api.close()
        stub.__exit__(None, None, None)


def refused(api: Api, method: str = "get") -> ApiError:
    """The error of one call, which never shows the token."""
    with pytest.raises(ApiError) as raised:
        api.get("/projects/1") if method == "get" else api.send(method, "/projects/1", {"value": "a-secret-value"})
    error = raised.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert not any(secret in f"{error.message} {error.hint} {error!r}" for secret in (TOKEN, "a-secret-value"))
    return error


@pytest.mark.parametrize(
    ("says", "kind", "code", "words"),
    [
        (Says(401, {"message": "401 Unauthorized"}), DeniedError, "token-refused", "401 Unauthorized"),
        (
            Says(401, {"error": "invalid_token", "error_description": "Token was revoked."}),
            DeniedError, "token-refused", "invalid_token",
        ),
        (Says(403, {"message": "403 Forbidden"}), DeniedError, "forbidden", "403 Forbidden"),
        (
            Says(403, {"error": "insufficient_scope", "error_description": "…", "scope": "api"}),
            DeniedError, "scope-too-low", "insufficient_scope",
        ),
        (Says(404, {"message": "404 Project Not Found"}), NotFoundError, "not-found", "404 Project Not Found"),
        (Says(404, {"error": "404 Not Found"}), NotFoundError, "not-found", "404 Not Found"),
        (Says(400, {"message": {"key": ["is long", "is bad"]}}), RejectedError, "rejected", "key is long, is bad"),
        (Says(400, {"message": {"base": ["Only new"]}}), RejectedError, "rejected", "HTTP 400: Only new"),
        (Says(400, {"message": ["One", "Two"]}), RejectedError, "rejected", "One, Two"),
        (Says(400, {"error": "key is missing"}), RejectedError, "rejected", "key is missing"),
        (Says(405, {"error": "405 Not Allowed"}), RejectedError, "rejected", "405 Not Allowed"),
        (Says(409, {"message": "409 Conflict: Resource lock"}), RejectedError, "rejected", "Resource lock"),
        (Says(422, {"message": "Unprocessable"}), RejectedError, "rejected", "Unprocessable"),
        (Says(501, {"message": "501 Not Implemented"}), RejectedError, "rejected", "501 Not Implemented"),
        (Says(404, "<html>nothing here</html>"), ApiError, "not-gitlab", "HTTP 404, text/html"),
        (Says(403, "<html>firewall</html>"), ApiError, "not-gitlab", "HTTP 403, text/html"),
        (Says(200, "<html>Sign in</html>"), ApiError, "not-gitlab", "not JSON (HTTP 200, text/html)"),
        (Says(200, '{"half":'), ApiError, "not-gitlab", "not JSON"),
        (Says(200, None), ApiError, "not-gitlab", "an object was expected"),
        (Says(200, "null"), ApiError, "not-gitlab", "an object was expected"),
        (Says(200, '"text"'), ApiError, "not-gitlab", "an object was expected"),
    ],
)  # fmt: skip
def test_each_refusal_is_a_named_error_with_gitlabs_words(
    opens: Opens, says: Says, kind: type[ApiError], code: str, words: str
) -> None:
    api, _ = opens(says)
    error = refused(api)
    assert (type(error), error.code, error.status) == (kind, code, says.status)
    assert words in error.message


@pytest.mark.parametrize(
    ("says", "seconds", "reached"),
    [
        (Says(429, {"message": "Too Many"}, {"Retry-After": "17"}), 17.0, False),
        (Says(429, {"message": "Too Many"}), 2.0, False),
        (Says(429, {"message": "Too Many"}, {"Retry-After": "99999"}), 99999.0, False),
        (Says(429, {"message": "Too Many"}, {"Retry-After": _date(40), "Date": _date(0)}), 40.0, False),
        (Says(429, {"message": "Too Many"}, {"Retry-After": "-1"}), 2.0, False),
        (Says(503, {"message": "maintenance"}, {"Retry-After": "60"}), 60.0, False),
        (Says(500, {"message": "500 Internal Server Error"}), 2.0, True),
        (Says(502, "<html>Bad Gateway</html>"), 2.0, True),
        (Says(504, b""), 2.0, True),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_passing_fault_says_how_long_to_wait_and_is_not_repeated(
    opens: Opens, says: Says, seconds: float, reached: bool, method: str
) -> None:
    api, stub = opens(says)
    error = refused(api, method)
    assert isinstance(error, PassingError)
    assert (error.seconds, error.reached) == (seconds, reached)
    assert len(stub.asked) == 1
    assert api.writes == (1 if reached and method == "post" else 0)


def test_nobody_listening_is_passing_and_reached_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api = Api(f"http://127.0.0.1:{taken.getsockname()[1]}", Secret(TOKEN))
        error = refused(api, "post")
        api.close()
    assert isinstance(error, PassingError)
    assert (error.code, error.reached, api.writes) == ("unreachable", False, 0)
    assert "Connection refused" in error.message


def test_a_server_that_hangs_up_may_have_done_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api = Api(f"http://127.0.0.1:{listening.getsockname()[1]}", Secret(TOKEN))
        listening.settimeout(5)

        def hang_up(*_: Any) -> None:
            connection, _ = listening.accept()
            connection.recv(100)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        error = refused(api, "post")
        thread.join()
        api.close()
    assert isinstance(error, PassingError)
    assert (error.code, error.reached, api.writes) == ("unreachable", True, 1)


def test_a_server_that_never_answers_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "TIMEOUT", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        api = Api(f"http://127.0.0.1:{listening.getsockname()[1]}", Secret(TOKEN))
        error = refused(api, "post")
        api.close()
    assert isinstance(error, PassingError)
    assert (error.code, error.reached, api.writes) == ("timeout", True, 1)


def test_a_write_that_was_refused_changed_nothing_and_one_without_an_answer_body_did(opens: Opens) -> None:
    api, stub = opens(Says(400, {"message": "no"}))
    refused(api, "put")
    assert api.writes == 0
    stub.script = lambda _asked: Says(204)
    assert api.send("delete", "/projects/1") == {}
    assert api.writes == 1


def test_the_token_goes_as_a_bearer_and_never_in_the_address(opens: Opens) -> None:
    api, stub = opens(Says(200, {"id": 1}))
    api.get("/projects/acme%2Fapp", **{"filter[environment_scope]": "*"})
    (asked,) = stub.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert "private-token" not in asked.headers
    assert asked.path == "/api/v4/projects/acme%2Fapp"
    assert asked.query == {"filter[environment_scope]": ["*"]}


def test_a_netrc_file_is_never_used(opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password from-netrc\ndefault login a password b\n")
    netrc.chmod(stat.S_IRUSR | stat.S_IWUSR)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    api, stub = opens(Says(200, {"id": 1}))
    api.get("/version")
    assert stub.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_cookie_is_not_kept(opens: Opens) -> None:
    api, stub = opens(Says(200, {"id": 1}, {"Set-Cookie": "session=1; Path=/"}))
    api.get("/version")
    api.get("/version")
    assert "cookie" not in stub.asked[1].headers


def test_a_renamed_project_is_followed_when_reading(opens: Opens) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("old"):
            return Says(301, {"message": "moved"}, {"Location": "/api/v4/projects/10"})
        return Says(200, {"id": 10})

    api, stub = opens(script)
    assert api.get("/projects/acme%2Fold") == {"id": 10}
    assert stub.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_a_redirect_to_another_host_carries_neither_token_nor_body(opens: Opens, status: int, method: str) -> None:
    other_api, other = opens(Says(200, {"id": 1}))
    api, _ = opens(Says(status, None, {"Location": f"{other.url}/api/v4/projects/1"}))
    error = refused(api, method)
    assert error.code == "redirected"
    assert other.url in error.message
    assert [asked for asked in other.asked if asked.body or "authorization" in asked.headers] == []
    assert [asked.method for asked in other.asked] == (["GET"] if method == "get" else [])
    assert api.writes == other_api.writes == 0


@pytest.mark.parametrize(
    "answer", [Says(404, {"message": "404 Not Found"}), Says(200, {"id": 1}), Says(200, "<html>Sign in</html>")]
)
def test_what_is_said_outside_the_api_says_nothing_about_gitlab(opens: Opens, answer: Says) -> None:
    """A 404 behind a redirect to a log-in page must not be taken for an absent variable."""

    def script(asked: Asked) -> Says:
        return Says(302, None, {"Location": "/users/sign_in?token=x"}) if asked.path.startswith("/api/") else answer

    api, _ = opens(script)
    error = refused(api)
    assert (error.code, type(error)) == ("redirected", ApiError)
    assert "/users/sign_in" in error.message
    assert "token=x" not in error.message


def test_a_quota_that_is_used_up_is_waited_for_before_the_next_request(opens: Opens) -> None:
    said = {"RateLimit-Remaining": "0", "RateLimit-Reset": _epoch(30), "Date": _date(0)}
    api, stub = opens(Says(200, {"id": 1}, said))
    api.get("/user")
    error = refused(api, "post")
    assert isinstance(error, PassingError)
    assert (error.seconds, error.reached, error.status) == (30.0, False, 429)
    assert "quota" in error.message
    assert len(stub.asked) == 1
    api.get("/user")
    assert (len(stub.asked), api.writes) == (2, 0)


def test_an_object_that_lacks_what_gitlab_always_says_is_told_and_not_a_crash(opens: Opens) -> None:
    api, _ = opens(Says(200, {"status": {"x": []}}))
    for found, missing in ((api.get("/user"), "username"), (api.get("/user")["status"], "y")):
        with pytest.raises(ApiError) as raised:
            found[missing]
        assert raised.value.code == "not-gitlab"
    assert api.get("/user").get("username") is None


@pytest.mark.parametrize("says", [Says(200, b""), Says(200, {"status": "ok"}), Says(204, None)])
def test_a_deletion_is_believed_by_its_status(opens: Opens, says: Says) -> None:
    api, _ = opens(says)
    if says.status == 204:
        assert api.send("delete", "/projects/1") == {}
    else:
        assert refused(api, "delete").code == "not-gitlab"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'"text"', b"5", b"[1]"])
def test_json_that_is_no_object_is_told(opens: Opens, body: bytes) -> None:
    api, _ = opens(Says(200, body))
    assert refused(api, "post").code == "not-gitlab"
    assert api.writes == 1


@pytest.mark.parametrize("style", ["x-next-page", "link"])
def test_a_list_is_read_to_its_last_page(opens: Opens, style: str) -> None:
    pages = {"1": [{"id": 1}, {"id": 2}], "2": [{"id": 3}, {"id": 4}], "3": [{"id": 5}]}

    def script(asked: Asked) -> Says:
        page = asked.query.get("page", asked.query.get("cursor", ["1"]))[0]
        following = str(int(page) + 1) if page != "3" else ""
        if style == "x-next-page":
            return Says(200, pages[page], {"x-next-page": following})
        link = f'<http://{asked.headers["host"]}{asked.path}?cursor={following}&per_page=100>; rel="next"'
        return Says(200, pages[page], {"Link": link} if following else {})

    api, stub = opens(script)
    assert [row["id"] for row in api.rows("/projects/1/variables", active=True)] == [1, 2, 3, 4, 5]
    assert stub.asked[0].query == {"active": ["True"], "per_page": ["100"]}
    assert all(asked.query["per_page"] == ["100"] for asked in stub.asked)


def test_a_next_page_on_another_host_is_asked_here(opens: Opens) -> None:
    def script(asked: Asked) -> Says:
        if "page" in asked.query:
            return Says(200, [{"id": 2}])
        return Says(200, [{"id": 1}], {"Link": '<http://evil.invalid/x?page=2>; rel="next"'})

    api, stub = opens(script)
    assert api.rows("/things") == [{"id": 1}, {"id": 2}]
    assert stub.asked[1].path == "/api/v4/things"


def test_a_list_that_is_none_is_not_gitlab(opens: Opens) -> None:
    api, _ = opens(Says(200, {"message": "hello"}))
    with pytest.raises(ApiError) as raised:
        api.rows("/projects")
    assert raised.value.code == "not-gitlab"


def test_a_gitlab_below_a_path(opens: Opens) -> None:
    def script(asked: Asked) -> Says:
        if asked.path.endswith("old"):
            return Says(301, None, {"Location": "/gitlab/api/v4/projects/10"})
        return Says(200, {"id": 10})

    _, stub = opens(script)
    api = Api(f"{stub.url}/gitlab", Secret(TOKEN))
    assert api.get("/projects/old") == {"id": 10}
    assert stub.asked[0].path == "/gitlab/api/v4/projects/old"
    api.close()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("plain", "plain"),
        (b"", "no explanation"),
        (b"<html>", "no explanation"),
        (b"Retry later\n", "Retry later"),
        ({"key": ["a", "b"], "base": ["c"]}, "key a, b; c"),
        ({"deep": {"er": ["x"]}}, "deep er x"),
        (["a", {"b": "c"}], "a, b c"),
        ("evil \x1b[31m red \u202e", "evil \\x1b[31m red \\u202e"),
        (None, "None"),
        ("x" * 900, "x" * 500),
    ],
)
def test_gitlabs_words_are_found_in_each_shape_and_disarmed(message: Any, words: str) -> None:
    assert gitlabs_words(message) == words


@pytest.mark.parametrize("content", ["no certificate", None], ids=["unreadable", "missing"])
def test_a_ca_file_that_holds_no_certificate_is_told(opens: Opens, tmp_path: Path, content: str | None) -> None:
    _, stub = opens(Says(200, {}))
    ca_file = tmp_path / "ca.pem"
    if content:
        ca_file.write_text(content)
    api = Api(stub.url.replace("http:", "https:"), Secret(TOKEN), ca_file=ca_file)
    error = refused(api)
    api.close()
    assert error.code == "ca-file"
    assert "--ca-file" in error.message
    assert stub.asked == []
