"""Who am I, and which GitLab is this (`doc/api/users`, `personal_access_tokens`, `metadata`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.agents import PROXY, has_agents
from wizard.sandbox.entities import basic_user, made
from wizard.sandbox.identity import expired
from wizard.sandbox.replies import bad_request, json_reply
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Token, User

PERSONAL_ONLY = "This endpoint requires token type to be a personal access token"


def is_bot(user: User) -> bool:
    """Whether this is the user behind a project or group token."""
    return any(token.kind in ("project", "group") for token in user.tokens)


def _current_user(call: Call) -> Response:
    user = call.user
    body = basic_user(user, call.url) | {
        "created_at": made(call.world),
        "bot": is_bot(user),
        "email": user.email,
        "commit_email": user.email,
        "external": user.external,
        "private_profile": False,
        "two_factor_enabled": user.two_factor,
        "can_create_group": not user.external,
        "can_create_project": not user.external,
    }
    if user.admin:
        body["is_admin"] = True
    return json_reply(body)


def _own_token(call: Call) -> Response:
    token = call.identity.token
    if token is None or token.kind == "oauth":
        raise bad_request(PERSONAL_ONLY)
    return json_reply(_token(call, token))


def _token(call: Call, token: Token) -> dict[str, Any]:
    return {
        "id": call.world.token_id(token),
        "name": token.name,
        "revoked": token.revoked,
        "created_at": made(call.world),
        "description": None,
        "scopes": ["granular"] if token.granular is not None else list(token.scopes),
        "user_id": call.user.id,
        "last_used_at": made(call.world),
        "active": not token.revoked and not expired(call.world, token),
        "expires_at": token.expires_at.date().isoformat() if token.expires_at else None,
        "granular": token.granular is not None,
        "last_used_ips": ["127.0.0.1"],
    }


def _version(call: Call) -> Response:
    return json_reply(_versions(call))


def _versions(call: Call) -> dict[str, Any]:
    return {"version": call.world.state.instance.version, "revision": call.world.revision}


def _metadata(call: Call) -> Response:
    kas: dict[str, Any] = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    if has_agents(call.world):
        host = call.url.partition("://")[2]
        kas = {
            "enabled": True,
            "externalUrl": f"ws://{host}/-/kubernetes-agent/",
            "externalK8sProxyUrl": call.url + PROXY,
            "version": _versions(call)["version"],
        }
    return json_reply(_versions(call) | {"kas": kas, "enterprise": call.world.state.instance.enterprise})


_ANY_TOKEN = (
    "api", "read_api", "read_user", "read_repository", "write_repository", "read_registry", "write_registry",
    "create_runner", "manage_runner", "k8s_proxy", "ai_features", "self_rotate",
)  # fmt: skip

routes = [
    Route(method="GET", rule="/user", handler=_current_user, scopes=("api", "read_api", "read_user"), noun=None),
    Route(method="GET", rule="/personal_access_tokens/self", handler=_own_token, scopes=_ANY_TOKEN, noun=None),
    Route(method="GET", rule="/version", handler=_version, scopes=("api", "read_api", "read_user"), noun=None),
    Route(method="GET", rule="/metadata", handler=_metadata, scopes=("api", "read_api", "read_user"), noun=None),
]
