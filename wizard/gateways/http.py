"""HTTP sessions that keep credentials where they belong."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and between two pieces of an answer."""


class Session(requests.Session):
    """Keeps credentials on their host, takes none from ~/.netrc, and keeps no cookies."""

    def __init__(self) -> None:
        """Allow as many connections as discovery reads side by side."""
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=16))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow redirects of reads only: a write that is sent on (307, 308) would take its secrets along."""
        return super().get_redirect_target(resp) if resp.request.method in {"GET", "HEAD"} else None

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Drop the token when a redirect leaves the host."""
        if self.should_strip_auth(response.request.url or "", prepared_request.url or ""):
            prepared_request.headers.pop("Authorization", None)


def anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials, not even those of ~/.netrc."""
    return request
