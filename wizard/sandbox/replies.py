"""Answers in GitLab's six error shapes, and the successful ones (`lib/api/helpers.rb`, `doc/api/rest`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from werkzeug.wrappers import Response

PRIVILEGES = "The request requires higher privileges than provided by the access token."


class Refusal(Exception):  # noqa: N818 - an answer that ends a request, not a failure of this program
    """A request refused: raised anywhere below the dispatcher, which sends `response`."""

    def __init__(self, response: Response) -> None:
        """Carry the finished answer."""
        super().__init__(response.status)
        self.response = response


def json_reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a JSON body."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/json")


def text_reply(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with plain text."""
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")


def empty(status: int = 204) -> Response:
    """Answer without a body."""
    return Response(b"", status)


def failure(status: int, body: object, headers: Mapping[str, str] | None = None) -> Refusal:
    """Refuse with any JSON body."""
    return Refusal(json_reply(body, status, headers))


def message(status: int, text: str | Sequence[str]) -> Refusal:
    """Refuse with the plain words of a service, or a list of them."""
    return failure(status, {"message": text if isinstance(text, str) else list(text)})


def unauthorized() -> Refusal:
    """No valid credentials."""
    return message(401, "401 Unauthorized")


def invalid_token(description: str) -> Refusal:
    """A revoked or expired access token."""
    return failure(401, {"error": "invalid_token", "error_description": description})


def insufficient_scope(scopes: Sequence[str]) -> Refusal:
    """The token lacks every one of the scopes that would do."""
    body = {"error": "insufficient_scope", "error_description": PRIVILEGES, "scope": " ".join(scopes)}
    return failure(403, body)


def forbidden(reason: str = "") -> Refusal:
    """The caller may not do this."""
    return message(403, f"403 Forbidden - {reason}" if reason else "403 Forbidden")


def not_found(what: str = "") -> Refusal:
    """The caller names something that is not there for them; without a name GitLab writes a small f."""
    return message(404, f"404 {what} Not Found" if what else "404 Not found")


def bad_request(reason: str) -> Refusal:
    """A helper's 400 with its reason."""
    return message(400, f"400 Bad request - {reason}")


def parameters_invalid(problems: Sequence[str]) -> Refusal:
    """Parameters missing or malformed, all in one text."""
    return failure(400, {"error": ", ".join(problems)})


def model_invalid(errors: Mapping[str, Sequence[str]], status: int = 400) -> Refusal:
    """A model's validation failed."""
    return failure(status, {"message": {field: list(texts) for field, texts in errors.items()}})


def locked() -> Refusal:
    """Another process holds the settings (optimistic locking)."""
    return message(409, "409 Conflict: Resource lock")


def no_route() -> Refusal:
    """GitLab's API has no such route."""
    return failure(404, {"error": "404 Not Found"})


def method_not_allowed(allowed: Sequence[str]) -> Refusal:
    """GitLab's API has the route, but not for this method."""
    return failure(405, {"error": "405 Not Allowed"}, {"Allow": ", ".join(sorted(allowed))})


def not_simulated(what: str) -> Refusal:
    """GitLab has this, the simulation has not: said openly, never a made-up success."""
    return message(501, f"501 Not Implemented - the simulated GitLab does not serve {what}")
