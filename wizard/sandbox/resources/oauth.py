"""Logging in without a browser on this machine: the OAuth device grant (`doc/api/oauth2`)."""

from __future__ import annotations

import json
from typing import get_args

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.device_grants import CODE_LIFETIME, POLLING_INTERVAL, TOKEN_LIFETIME, DeviceGrants, Issued
from wizard.sandbox.parameters import raw_parameters
from wizard.sandbox.replies import Refusal, empty, failure, json_reply, not_simulated
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import OAuthApplication, Scope

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
DEFAULT_SCOPE = "api"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_DESCRIPTIONS = {
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, or "
    "unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the redirection "
    "URI used in the authorization request, or was issued to another client.",
    "invalid_request": "Missing required parameter: grant_type.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
}
"""Doorkeeper's words. The four errors of a poll have none that a client could rely on."""


def _refused(error: str) -> Refusal:
    described = {"error_description": _DESCRIPTIONS[error]} if error in _DESCRIPTIONS else {}
    return failure(401 if error == "invalid_client" else 400, {"error": error, **described}, _NO_STORE)


def _given(call: Call) -> dict[str, str]:
    return {name: value for name, value in raw_parameters(call.request).items() if isinstance(value, str)}


def _application(call: Call, given: dict[str, str]) -> OAuthApplication:
    applications = call.world.state.instance.oauth_applications
    found = next((one for one in applications if one.client_id == given.get("client_id")), None)
    if found is None:
        raise _refused("invalid_client")
    return found


def _scopes(application: OAuthApplication, asked: str) -> list[Scope]:
    """Return what is asked for; without a wish GitLab's default scope, where the application has it."""
    allowed = application.scopes or list(get_args(Scope))
    wanted = asked.split() or [scope for scope in allowed if scope == DEFAULT_SCOPE]
    granted = [scope for scope in allowed if scope in wanted]
    if not wanted or set(wanted) - set(granted):
        raise _refused("invalid_scope")
    return granted


def _authorize_device(call: Call) -> Response:
    given = _given(call)
    application = _application(call, given)
    scopes = _scopes(application, given.get("scope", ""))
    grant = call.world.attached(DeviceGrants).begin(application.client_id, scopes)
    page = f"{call.url}/oauth/device"
    body = {
        "device_code": grant.device_code,
        "user_code": grant.user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={grant.user_code}",
        "expires_in": int(CODE_LIFETIME.total_seconds()),
        "interval": int(POLLING_INTERVAL.total_seconds()),
    }
    return json_reply(body, headers=_NO_STORE)


def _token(call: Call) -> Response:
    given = _given(call)
    kind = given.get("grant_type", "")
    if not kind:
        raise _refused("invalid_request")
    if kind in ("authorization_code", "password", "client_credentials"):
        raise not_simulated(f"the grant type {kind}")
    if kind not in (DEVICE_CODE, "refresh_token"):
        raise _refused("unsupported_grant_type")
    client_id = _application(call, given).client_id
    grants = call.world.attached(DeviceGrants)
    if kind == DEVICE_CODE:
        issued = grants.redeem(client_id, given.get("device_code", ""))
    else:
        issued = grants.refresh(client_id, given.get("refresh_token", ""))
    if isinstance(issued, str):
        raise _refused(issued)
    return json_reply(_shown(issued), headers=_NO_STORE)


def _shown(issued: Issued) -> dict[str, object]:
    return {
        "access_token": issued.token.value,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "refresh_token": issued.refresh_token,
        "scope": " ".join(issued.token.scopes),
        "created_at": int(issued.created_at.timestamp()),
    }


def _revoke(call: Call) -> Response:
    given = _given(call)
    application = _application(call, given)
    call.world.attached(DeviceGrants).revoke(application.client_id, given.get("token", ""))
    return json_reply({})


def _page(call: Call) -> Response:
    raise not_simulated(f"the page {call.route.rule}; POST /-/sandbox/device/USER_CODE plays the person in the browser")


def _not_served(call: Call) -> Response:
    raise not_simulated(call.route.rule)


def _decide(call: Call) -> Response:
    """Play the person: approve as somebody, deny, or let the code expire."""
    try:
        given = json.loads(call.request.get_data())
    except ValueError as error:
        return _mistaken("", f"not valid JSON: {error}")
    grant = call.world.attached(DeviceGrants).waiting(call.arguments["user_code"])
    if grant is None:
        return _mistaken("user_code", "no device waits with this code: it is unknown, used or expired", 404)
    decision = given.get("decision") if isinstance(given, dict) else None
    if decision == "approve":
        user = call.world.user(str(given.get("user", "")))
        if user is None or user.blocked:
            return _mistaken("user", "approving needs a user of this world who is not blocked")
        grant.user = user
    elif decision == "deny":
        grant.denied = True
    elif decision == "expire":
        grant.expires_at = call.world.now()
    else:
        return _mistaken("decision", "one of approve, deny, expire")
    return empty()


def _mistaken(path: str, text: str, status: int = 422) -> Response:
    return json_reply([{"path": path, "line": None, "message": text}], status)


routes = [
    Route(method="POST", rule="/oauth/authorize_device", handler=_authorize_device, base=""),
    Route(method="POST", rule="/oauth/token", handler=_token, base=""),
    Route(method="POST", rule="/oauth/revoke", handler=_revoke, base=""),
    Route(method="GET", rule="/oauth/device", handler=_page, base=""),
    Route(method="GET", rule="/oauth/authorize", handler=_page, base=""),
    Route(method="POST", rule="/oauth/introspect", handler=_not_served, base=""),
    Route(method="GET", rule="/oauth/token/info", handler=_not_served, base=""),
    Route(method="GET", rule="/oauth/userinfo", handler=_not_served, base=""),
    Route(method="POST", rule="/device/<user_code>", handler=_decide, base="/-/sandbox"),
]
