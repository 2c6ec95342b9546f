"""Container registries, asked for exact rights: what a token endpoint would grant a credential.

A log-in that works proves nothing about a repository; the granted actions do. Sources: the Distribution project's token
authentication specification; GitLab's `/jwt/auth` grants what it may and answers 200 even with nothing.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from wizard.errors import WizardError
from wizard.gateways.gitlab import unreachable
from wizard.gateways.http import TIMEOUT, Session, anonymous
from wizard.secret import Secret, masked
from wizard.text import visible

GITLAB_SERVICE = "container_registry"


@dataclass(frozen=True, slots=True)
class Login:
    """A user name with its secret."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token endpoint said: the granted actions, or why there are none."""

    actions: tuple[str, ...]
    refusal: str = ""


class Registries:
    """Token endpoints of GitLab and of other registries."""

    def __init__(self, *, ca_file: Path | None = None) -> None:
        """Prepare; the first request goes out with the first question."""
        self._session = Session()
        self._session.verify = str(ca_file) if ca_file else True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def gitlab_grant(self, url: str, repository: str, login: Login | None, actions: str = "pull") -> Grant:
        """Ask GitLab's token endpoint for `actions` on a repository (a path without host)."""
        return self._grant(f"{url}/jwt/auth", GITLAB_SERVICE, f"repository:{repository.lower()}:{actions}", login)

    def grant(self, host: str, repository: str, login: Login, actions: str = "pull") -> Grant:
        """Ask any registry for `actions` on a repository, by the challenge that it gives."""
        base = f"{'http' if _is_loopback(host) else 'https'}://{host}"
        response = self._get(f"{base}/v2/", None)
        challenge = response.headers.get("WWW-Authenticate", "")
        if response.status_code == 200:
            return Grant(tuple(actions.split(",")))
        if challenge.lower().startswith("basic"):
            answer = self._get(f"{base}/v2/", login)
            return Grant(tuple(actions.split(","))) if answer.status_code == 200 else Grant((), _words(answer, login))
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = fields.get("realm", "")
        if not challenge.lower().startswith("bearer") or not _may_send_password(realm):
            raise WizardError("not-a-registry", f"{host} does not answer as a container registry", "Check the host.")
        scope = f"repository:{repository}:{actions}" if repository else ""
        return self._grant(realm, fields.get("service", ""), scope, login)

    def _grant(self, realm: str, service: str, scope: str, login: Login | None) -> Grant:
        response = self._get(realm, login, service=service, scope=scope)
        if response.status_code != 200:
            return Grant((), _words(response, login))
        try:
            body = response.json()
            token = str(body.get("token") or body["access_token"])
        except (ValueError, KeyError, AttributeError):
            return Grant((), "the token endpoint's answer holds no token")
        claims = _claims(token)
        if claims is None or not scope:
            return Grant(tuple(scope.rpartition(":")[2].split(",")) if scope else ())
        name = scope.split(":")[1]
        access = [entry for entry in claims.get("access") or [] if isinstance(entry, dict)]
        granted = [str(action) for entry in access if entry.get("name") == name
                   for action in entry.get("actions") or []]  # fmt: skip
        return Grant(tuple(granted), "" if granted else "logged in, but nothing is granted on this repository")

    def _get(self, url: str, login: Login | None, **query: str) -> requests.Response:
        auth = _basic(login) if login else anonymous
        params = {name: value for name, value in query.items() if value}
        try:
            return self._session.get(url, params=params, auth=auth, timeout=TIMEOUT, allow_redirects=False)
        except OSError as error:  # of requests, or of reading the file of --ca-file
            parts = urlsplit(url)
            raise unreachable(error, f"{parts.scheme}://{parts.netloc}") from None


def _basic(login: Login) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Send the log-in as UTF-8 (RFC 7617)."""
    pair = f"{login.username}:{login.password.reveal()}".encode()

    def authorise(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request

    return authorise


def _claims(token: str) -> Mapping[str, Any] | None:
    """Read a JWT's claims without checking its signature: they are only shown. None: the token is opaque."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _words(response: requests.Response, login: Login | None) -> str:
    try:
        error = response.json()["errors"][0]
        said = f"{error.get('code', '')}: {error.get('message', '')}"
    except (ValueError, KeyError, IndexError, TypeError):
        said = response.reason
    return masked(visible(f"HTTP {response.status_code}: {said}"[:300]), [login.password] if login else [])


def _is_loopback(host: str) -> bool:
    """Whether HOST or HOST:PORT is this machine; `127.0.0.1.example.com` is not."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _may_send_password(realm: str) -> bool:
    parts = urlsplit(realm)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.netloc))
