"""GitLab's REST API (python-gitlab underneath): plain data in and out, every refusal a named error.

Nothing here waits or tries again: a passing fault is an error that says how long to wait, so that whoever called can
look at the world first. A POST is never repeated blindly.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabError
from urllib3.exceptions import NewConnectionError

from wizard.errors import WizardError
from wizard.gateways.http import TIMEOUT, Session
from wizard.gateways.pace import Pace, asked_to_wait
from wizard.secret import Secret, masked
from wizard.text import visible

_PAGE = 100
_DELETED = (202, 204)
"""How GitLab answers a deletion; what answers otherwise is something in between, and has deleted nothing."""
_PORTS = {"http": 80, "https": 443}


class ApiError(WizardError):
    """GitLab refused a call, or did not answer it. `status` is the HTTP status, 0 where there was no answer."""

    def __init__(self, code: str, message: str, hint: str = "", *, status: int = 0) -> None:
        """Keep the status beside the words."""
        super().__init__(code, message, hint)
        self.status = status


class NotFoundError(ApiError):
    """404: missing, or not visible to this caller. GitLab does not tell the two apart."""


class DeniedError(ApiError):
    """403: the role, or the token's scope, is too low."""


class RejectedError(ApiError):
    """400, 409 or 422: GitLab read the request and does not accept it."""


class PassingError(ApiError):
    """429, 5xx or no answer: look again after `seconds`. `reached`: the request may have been carried out anyway."""

    def __init__(
        self, code: str, message: str, hint: str = "", *, status: int = 0, seconds: float = 2.0, reached: bool = True
    ) -> None:
        """Keep how long the server asked us to wait."""
        super().__init__(code, message, hint, status=status)
        self.seconds = seconds
        self.reached = reached


class Answer(dict[str, Any]):
    """An object of GitLab's answer. What it should hold and does not is an ApiError, for then it is not GitLab's."""

    def __missing__(self, key: str) -> Any:
        raise ApiError(
            "not-gitlab",
            f"an answer of GitLab's API holds no `{visible(key)}`",
            "Check the address (--url), and whether a proxy stands in between.",
        )


def encoded(path: str) -> str:
    """Encode a project path, a file path or a key as one segment of an API path."""
    return quote(path, safe="")


class Api:
    """One GitLab, one token. Safe to share between threads."""

    def __init__(self, url: str, token: Secret, *, ca_file: Path | None = None) -> None:
        """Prepare; the first request goes out with the first call. The token works as a bearer whatever its kind."""
        self.url = url
        self._token = token
        self.writes = 0
        """Writes that were carried out, or may have been."""
        self._seen = threading.local()
        self._pace = Pace()
        session = Session()
        session.hooks["response"].append(self._remember)
        self._client = gitlab.Gitlab(
            url,
            oauth_token=token.reveal(),
            ssl_verify=str(ca_file) if ca_file else True,
            session=session,
            keep_base_url=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.session.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read one resource."""
        response = self._request("get", path, query, None)
        found = self._json(response)
        if not isinstance(found, Mapping | list):
            raise self._not_gitlab(response, "an object was expected")
        return found

    def rows(self, path: str, **query: Any) -> list[Any]:
        """Read all pages of a list."""
        return [row for page in self._pages(path, query) for row in page]

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Read by a POST that writes nothing."""
        return self._json(self._request("post", path, {}, body))

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None
    ) -> Answer:
        """Write: post, put, patch or delete. Returns the answer's data, which is empty for a deletion."""
        try:
            response = self._request(method, path, query or {}, body)
        except PassingError as error:
            self.writes += error.reached
            raise
        self.writes += 1
        if method == "delete" and response.status_code not in _DELETED:
            raise self._not_gitlab(response, "a deletion is answered otherwise")
        answer = self._json(response) if response.content else Answer()
        if not isinstance(answer, Answer):
            raise self._not_gitlab(response, "an object was expected")
        return answer

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[list[Any]]:
        following: dict[str, Any] | None = {**query, "per_page": _PAGE}
        while following is not None:
            response = self._request("get", path, following, None)
            rows = self._json(response)
            if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
                raise self._not_gitlab(response, "a list of objects was expected")
            yield rows
            following = _next_page(response, following)

    def _request(
        self, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> requests.Response:
        if rest := self._pace.rest():
            message = "the quota of requests that GitLab allows is used up"
            raise PassingError("gitlab-busy", message, _patience(rest), status=429, seconds=rest, reached=False)
        self._seen.response = None
        try:
            response = self._client.http_request(
                method,
                path,
                query_data=dict(query),
                post_data=dict(body) if body is not None else None,
                obey_rate_limit=False,
                retry_transient_errors=False,
                timeout=TIMEOUT,  # type: ignore[arg-type]  # requests takes the pair; python-gitlab declares a float
            )
        except OSError as error:  # of requests, or of reading the file of --ca-file
            raise unreachable(error, self.url) from None
        except GitlabError as error:
            raise self._refusal(error, method, path, body or {}) from None
        if self._led_away(response):
            raise self._redirected(response.url)
        return response

    def _remember(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._seen.response = response
        self._pace.note(response)

    def _led_away(self, response: requests.Response) -> bool:
        """Whether redirects ended outside this API: what is said there, even 404, says nothing about GitLab."""
        return bool(response.history) and not _is_below(response.url, f"{self.url}/api/v4/")

    def _redirected(self, target: str) -> ApiError:
        parts = urlsplit(target)
        place = visible(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
        return ApiError(
            "redirected",
            f"{self.url} sends the request on to {place}",
            "Use the address that GitLab itself shows, with --url.",
        )

    def _json(self, response: requests.Response) -> Any:
        if response.status_code == 204 or not response.content:
            return None
        try:
            return response.json(object_hook=Answer)
        except (ValueError, RecursionError):
            raise self._not_gitlab(response, "the answer is not JSON") from None

    def _not_gitlab(self, response: requests.Response, why: str) -> ApiError:
        kind = visible(response.headers.get("Content-Type", "no content type"))
        return ApiError(
            "not-gitlab",
            f"{self.url} does not answer as GitLab's API does: {why} (HTTP {response.status_code}, {kind})",
            "Check the address (--url), and whether a proxy or a log-in page stands in between.",
            status=response.status_code,
        )

    def _refusal(self, error: GitlabError, method: str, path: str, body: Mapping[str, Any]) -> ApiError:
        status = error.response_code or 0
        words = masked(gitlabs_words(error.error_message), [self._token, Secret(str(body.get("value") or ""))])
        call = f"{method.upper()} {path.partition('?')[0]}"
        response: requests.Response | None = getattr(self._seen, "response", None)
        if response is not None and (response.is_redirect or self._led_away(response)):
            return self._redirected(urljoin(response.url, response.headers.get("Location", "")))
        if status == 429 or (status >= 500 and status != 501):
            seconds = asked_to_wait(response)
            return PassingError(
                "gitlab-busy",
                f"{call}: HTTP {status}: {words}",
                _patience(seconds),
                status=status,
                seconds=seconds,
                reached=not (status == 429 or (status == 503 and "maintenance" in words.lower())),
            )
        if status == 401:
            return DeniedError(
                "token-refused",
                f"GitLab does not accept the token: {words}",
                "It may be expired or revoked, or belong to another GitLab. Create one with the scope `api`.",
                status=status,
            )
        if response is not None and not _is_gitlabs(response):
            return self._not_gitlab(response, f"{call} gave an unexpected answer")
        return _by_status(status, f"{call}: HTTP {status}: {words}", words)


def _is_below(url: str, base: str) -> bool:
    found, wanted = urlsplit(url), urlsplit(base)
    places = [(parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)) for parts in (found, wanted)]
    return places[0] == places[1] and found.path.startswith(wanted.path)


def _patience(seconds: float) -> str:
    return f"GitLab asks for {seconds:.0f} seconds of patience; run again after that." if seconds > 60 else ""


def _by_status(status: int, message: str, words: str) -> ApiError:
    if status == 404:
        return NotFoundError("not-found", message, status=status)
    if status == 403 and "insufficient_scope" in words:
        return DeniedError("scope-too-low", message, "Create a token with the scope `api`.", status=status)
    if status == 403:
        return DeniedError("forbidden", message, status=status)
    return RejectedError("rejected", message, status=status)


def _is_gitlabs(response: requests.Response) -> bool:
    kind = response.headers.get("Content-Type", "")
    return kind.startswith(("application/json", "text/plain")) or not response.content


def unreachable(error: OSError, url: str) -> ApiError:
    """Say why there was no answer, without the long chain of libraries."""
    if "CA certificate" in str(error) or "NO_CERTIFICATE" in str(error):
        return ApiError("ca-file", "The file of --ca-file cannot be read as certificates", "Give a PEM file.")
    if isinstance(error, requests.exceptions.SSLError) and not _broke_off(error):
        reason = re.search(r"certificate verify failed: ([^(\"']+)", str(error))
        said = f": {reason.group(1).strip()}" if reason else ""
        return ApiError(
            "tls", f"The TLS certificate of {url} is not trusted{said}", "Name the authority's file: --ca-file FILE."
        )
    if isinstance(error, requests.exceptions.Timeout):
        return PassingError(
            "timeout",
            f"{url} did not answer in time",
            "Check the network or a proxy, then run again.",
            reached=not isinstance(error, requests.exceptions.ConnectTimeout),
        )
    reached = not isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError)
    short = re.search(
        r"(Name or service not known|Connection refused|Network is unreachable|Connection reset)", str(error)
    )
    said = short.group(1) if short else type(error).__name__
    return PassingError(
        "unreachable",
        f"{url} cannot be reached: {said}",
        "Check the address, the network and a proxy.",
        reached=reached,
    )


def _broke_off(error: OSError) -> bool:
    """Whether a connection ended in the middle, which TLS reports as an error of its own."""
    return any(word in str(error) for word in ("EOF occurred", "UNEXPECTED_EOF", "ZERO_RETURN", "reset by peer"))


def gitlabs_words(message: Any) -> str:
    """Return GitLab's own words from any of its error shapes: text, lists, and lists by field."""
    if isinstance(message, bytes):
        text = message.decode("utf-8", "replace").strip()
        return "no explanation" if text.startswith("<") or not text else visible(text[:300])
    if isinstance(message, Mapping):
        return "; ".join(f"{key} {gitlabs_words(value)}" if key != "base" else gitlabs_words(value)
                         for key, value in message.items())  # fmt: skip
    if isinstance(message, list):
        return ", ".join(gitlabs_words(part) for part in message)
    return visible(str(message)[:500])


def _next_page(response: requests.Response, query: Mapping[str, Any]) -> dict[str, Any] | None:
    number = response.headers.get("x-next-page")
    if number:
        return {**query, "page": number}
    link = response.links.get("next", {}).get("url") if number is None else None
    return dict(parse_qsl(urlsplit(link).query)) if link else None
