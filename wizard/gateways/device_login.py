"""Log-in by a code that is typed into a browser anywhere: OAuth's device authorization grant (RFC 8628).

GitLab has it since 17.2, generally available with 17.9. It has no built-in application, so one must be registered
there (not confidential, scope `api`) and its id given. Nothing is opened here: the front end shows address and code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Stop
from typing import Any

import requests

from wizard.errors import WizardError
from wizard.gateways.credentials import CLIENT_ID_VARIABLE
from wizard.gateways.gitlab import PassingError, unreachable
from wizard.gateways.http import TIMEOUT, Session, anonymous
from wizard.secret import Secret
from wizard.text import visible

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SCOPE = "api"
_SLOWER = 5.0
"""Seconds that `slow_down` adds to the interval, for good (RFC 8628, section 3.5)."""
_USUAL_INTERVAL = 5.0
_LONGEST_INTERVAL = 60.0


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a person needs to log in, and what this program needs to learn of it."""

    code: str
    """To be typed into the page."""
    address: str
    """The page, which may be opened on any device."""
    seconds: float
    """How long the code can be used."""
    interval: float
    """Seconds between two questions whether it was used."""
    device_code: Secret


class DeviceLogin:
    """One log-in at one GitLab."""

    def __init__(self, url: str, client_id: str, *, ca_file: Path | None = None) -> None:
        """Log in at `url` for the application with this id; nothing is sent yet."""
        self._url = url
        self._client_id = client_id
        self._http = Session()
        self._http.auth = anonymous
        self._http.verify = str(ca_file) if ca_file else True

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def begin(self) -> Invitation:
        """Ask GitLab for a code. WizardError where it gives none."""
        said = self._post("/oauth/authorize_device", scope=_SCOPE)
        code, address, device_code = (said.get(name) for name in ("user_code", "verification_uri", "device_code"))
        if not (isinstance(code, str) and isinstance(device_code, str) and re.match("https?://", str(address))):
            raise self._refused(said)
        return Invitation(
            code=visible(code),
            address=visible(str(address)),
            seconds=_seconds(said.get("expires_in"), 300.0),
            interval=_seconds(said.get("interval"), _USUAL_INTERVAL),
            device_code=Secret(device_code),
        )

    def finish(self, invitation: Invitation, stop: Stop) -> Secret | None:
        """Wait until the person has decided and return the token; None where `stop` was set meanwhile.

        WizardError where the log-in was denied, or the code was not used in time.
        """
        interval, waited = invitation.interval, 0.0
        while waited < invitation.seconds:
            if stop.wait(interval):
                return None
            waited += interval
            try:
                said = self._post("/oauth/token", grant_type=_GRANT, device_code=invitation.device_code.reveal())
            except PassingError:
                interval = min(interval * 2, _LONGEST_INTERVAL)
                continue
            token = said.get("access_token")
            if isinstance(token, str) and token:
                return Secret(token)
            interval += self._pause_longer(said)
        raise _expired()

    def _pause_longer(self, said: Mapping[str, Any]) -> float:
        """Return by how many seconds to wait longer from now on; WizardError where waiting makes no sense."""
        match said.get("error"):
            case "authorization_pending":
                return 0.0
            case "slow_down":
                return _SLOWER
            case "expired_token":
                raise _expired()
            case "access_denied":
                raise WizardError(
                    "device-denied", "the log-in was denied in the browser", "Begin again, or type a token."
                )
        raise self._refused(said)

    def _post(self, path: str, **form: str) -> Mapping[str, Any]:
        """Send a form and return GitLab's answer, a refusal included: the grant tells its state by errors."""
        data = {"client_id": self._client_id, **form}
        try:
            response = self._http.post(f"{self._url}{path}", data=data, timeout=TIMEOUT, allow_redirects=False)
        except (requests.RequestException, OSError) as error:
            raise unreachable(error, self._url) from None
        if response.status_code == 429 or response.status_code >= 500:
            raise PassingError("gitlab-busy", f"POST {path}: HTTP {response.status_code}", status=response.status_code)
        try:
            said = response.json()
        except ValueError:
            said = None
        if not isinstance(said, Mapping):
            raise WizardError(
                "device-login",
                f"{self._url} does not offer log-in by a code (POST {path}: HTTP {response.status_code})",
                "It needs GitLab 17.9 or later. Type a token instead.",
            )
        return said

    def _refused(self, said: Mapping[str, Any]) -> WizardError:
        words = visible(str(said.get("error_description") or said.get("error") or "no reason given")[:300])
        return WizardError(
            "device-login",
            f"GitLab refuses the log-in by a code: {words}",
            f"{CLIENT_ID_VARIABLE} must be the id of an application there that is not confidential and has the scope "
            "`api`. Or type a token.",
        )


def _expired() -> WizardError:
    return WizardError("device-expired", "the code was not used in time", "Begin again for a new one.")


def _seconds(value: Any, usual: float) -> float:
    """Read a number of seconds; a server that says nothing sensible gets the usual one."""
    sensible = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 3600
    return float(value) if sensible else usual
