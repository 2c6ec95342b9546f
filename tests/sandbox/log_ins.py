"""A world of credentials for the registry, and how each of them logs in."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tests.sandbox.conftest import Answer, Client, changed_world

APP, LOCKED, BASE, SITE = "acme/team/app", "acme/team/app/locked", "acme/team/base", "open/site"
WORLD: dict[str, Any] = {
    "users.0.password": "root-word",
    "users.1": {
        "id": 2,
        "username": "owner",
        "password": "owner-word",
        "two_factor": True,
        "tokens": [{"value": "glpat-owner"}],
    },
    "users.3.password": "dev-word",
    "projects.0.deploy_tokens": [
        {"id": 5, "name": "reader", "token": "gldt-read"},
        {
            "id": 6,
            "name": "writer",
            "username": "writer",
            "token": "gldt-write",
            "scopes": ["read_registry", "write_registry"],
        },
        {"id": 7, "name": "code", "token": "gldt-code", "scopes": ["read_repository"]},
        {"id": 8, "name": "gone", "token": "gldt-gone", "revoked": True},
        {"id": 9, "name": "late", "token": "gldt-late", "expires_at": "2026-11-24"},
        {"id": 10, "name": "push only", "username": "pusher", "token": "gldt-push", "scopes": ["write_registry"]},
    ],
    "groups.0.deploy_tokens": [{"id": 20, "name": "group", "username": "group-reader", "token": "gldt-group"}],
    "projects.0.jobs": [
        {"id": 900, "started_by": "dev", "token": "glcbt-dev"},
        {"id": 901, "started_by": "dev", "token": "glcbt-done", "status": "success"},
        {"id": 903, "started_by": "guest", "token": "glcbt-guest"},
        {"id": 904, "started_by": "root", "token": "glcbt-root"},
        {"id": 905, "started_by": "maint", "token": "glcbt-maint"},
        {"id": 906, "started_by": "gone", "token": "glcbt-gone"},
    ],
    "projects.1.job_token_scope": {"enabled": True, "projects": [APP]},
    "projects.2.job_token_scope": {"enabled": True, "projects": [APP]},
    "projects.1.images": {"": {"1": "sha256:11"}},
}
JOB = "gitlab-ci-token"
LOGINS: dict[str, tuple[str, str] | None] = {
    "nobody": None,
    "root": ("root", "glpat-root"),
    "root by password": ("root", "root-word"),
    "owner": ("any name", "glpat-owner"),
    "owner by password, with two factors": ("owner", "owner-word"),
    "maint": ("maint", "glpat-maint"),
    "dev": ("dev", "glpat-dev"),
    "dev by password": ("dev", "dev-word"),
    "dev by a wrong password": ("dev", "nope"),
    "dev without a password": ("dev", ""),
    "rep": ("rep", "glpat-rep"),
    "guest": ("guest", "glpat-guest"),
    "stranger": ("stranger", "glpat-stranger"),
    "partner": ("partner", "glpat-partner"),
    "blocked": ("gone", "glpat-gone"),
    "bot": ("x", "glpat-bot"),
    "group bot": ("x", "glpat-groupbot"),
    "read_api": ("x", "glpat-read"),
    "read_user": ("x", "glpat-whoami"),
    "read and write registry": ("x", "glpat-registry"),
    "revoked": ("x", "glpat-revoked"),
    "expires today": ("x", "glpat-today"),
    "expires tomorrow": ("x", "glpat-tomorrow"),
    "fine-grained": ("x", "glpat-fine"),
    "oauth": ("oauth2", "glpat-oauth"),
    "oauth under another name": ("maint", "glpat-oauth"),
    "reader token": ("gitlab+deploy-token-5", "gldt-read"),
    "reader token under another name": ("reader", "gldt-read"),
    "writer token": ("writer", "gldt-write"),
    "push-only token": ("pusher", "gldt-push"),
    "code token": ("gitlab+deploy-token-7", "gldt-code"),
    "revoked token": ("gitlab+deploy-token-8", "gldt-gone"),
    "expired token": ("gitlab+deploy-token-9", "gldt-late"),
    "group token": ("group-reader", "gldt-group"),
    "job of dev": (JOB, "glcbt-dev"),
    "job of dev under another name": ("dev", "glcbt-dev"),
    "finished job": (JOB, "glcbt-done"),
    "job of guest": (JOB, "glcbt-guest"),
    "job of root": (JOB, "glcbt-root"),
    "job of maint": (JOB, "glcbt-maint"),
    "job of a blocked user": (JOB, "glcbt-gone"),
    "a personal token as a job's": (JOB, "glpat-dev"),
}


def credentials(who: str) -> Mapping[str, str]:
    login = LOGINS[who]
    if login is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(login).encode()).decode()}


def ask(root: Client, who: str, *scopes: str, service: str = "container_registry") -> Answer:
    query = "".join(f"&scope={quote(scope)}" for scope in scopes)
    return root.send("GET", f"/jwt/auth?service={service}{query}", headers=credentials(who))


def claims(token: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def given(root: Client, **changes: Any) -> None:
    world = changed_world({**WORLD, **{path.replace("__", "."): value for path, value in changes.items()}})
    answer = root.send("PUT", "/-/sandbox/world", send=world)
    assert answer.status == 204, answer.text


def bearer(root: Client, who: str, *scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {ask(root, who, *scopes).json['token']}"}
