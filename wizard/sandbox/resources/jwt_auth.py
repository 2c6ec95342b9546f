"""The token endpoint of the container registry (`app/controllers/jwt_controller.rb`)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.registry.grants import Grant, access_entry, granted, push_forbidden
from wizard.sandbox.registry.login import Login, log_in
from wizard.sandbox.registry.signing import ISSUER
from wizard.sandbox.replies import Refusal, failure, json_reply, not_simulated
from wizard.sandbox.routing import Route

SERVICE = "container_registry"
LIFETIME = timedelta(minutes=5)
DENIED = (
    "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or "
    "you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, "
    "or improperly scoped. See {url}/help/user/profile/account/two_factor_authentication_troubleshooting.md"
    "#error-http-basic-access-denied-if-a-password-was-provided-for-git-authentication-"
)
PROTECTED = "Pushing to protected repository path forbidden"


def _refused(status: int, code: str, text: str) -> Refusal:
    return failure(status, {"errors": [{"code": code, "message": text}], "http_status": status})


def _issue(call: Call) -> Response:
    world, query = call.world, call.request.args
    login = log_in(world, call.request.authorization)
    if login is None:
        raise failure(401, {"errors": [{"code": "UNAUTHORIZED", "message": DENIED.format(url=call.url)}]})
    if query.get("service") == "dependency_proxy":
        raise not_simulated("tokens of the dependency proxy")
    if query.get("service") != SERVICE:
        return Response(b"", 404)
    if world.registry_host is None:
        raise _refused(404, "UNAVAILABLE", "registry not enabled")
    scopes = [scope for given in query.getlist("scope") for scope in given.split()]
    grants = [grant for grant in (granted(world, login, scope) for scope in scopes) if grant is not None]
    if not login.abilities or (login.kind is None and not grants):
        raise _refused(403, "DENIED", "access forbidden")
    for grant in grants:
        if grant.pushes and grant.project is not None:
            grant.project.images.setdefault(grant.below, {})
    if any(push_forbidden(world, login, grant) for grant in grants):
        raise _refused(403, "DENIED", PROTECTED)
    return json_reply({"token": _token(call, login, grants)})


def _token(call: Call, login: Login, grants: list[Grant]) -> str:
    sign = call.instance.signer.sign
    claims = {
        **_times(call),
        "iss": ISSUER,
        "aud": SERVICE,
        "auth_type": login.kind or "none",
        "access": [access_entry(call.world, login, grant) for grant in grants],
        "user": sign({**_times(call), "user_info": _user_info(login)}),
    }
    if login.user is not None:
        claims["sub"] = login.user.username
    return sign(claims)


def _times(call: Call) -> dict[str, Any]:
    now = call.world.now()
    return {
        "jti": str(uuid.uuid4()),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()) - 5,
        "exp": int((now + LIFETIME).timestamp()),
    }


def _user_info(login: Login) -> dict[str, Any] | None:
    if login.user is not None:
        return {"token_type": login.kind, "username": login.user.username, "user_id": login.user.id}
    if login.deploy_token is not None:
        token = login.deploy_token
        return {"token_type": login.kind, "username": token.username, "deploy_token_id": token.id}
    return None


def _no_oauth(_call: Call) -> Response:
    """Only GET is routed; a client that tries OAuth by POST first falls back on this 404."""
    return Response(b"", 404)


routes = [
    Route(method="GET", rule="/jwt/auth", handler=_issue, base=""),
    Route(method="POST", rule="/jwt/auth", handler=_no_oauth, base=""),
]
