"""GitLab's JSON turned into the values of `wizard.state`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wizard.changes.deploy_token import expiry
from wizard.changes.project_settings import ACCESS, POLICY
from wizard.changes.protection_rule import DELETE, PATTERN, PUSH
from wizard.secret import Secret
from wizard.state import (
    DeployTokenState,
    Identity,
    Instance,
    JobTokenScope,
    Known,
    ProjectState,
    ProtectionRule,
    Role,
    RunnerState,
    Unknown,
    VariableState,
)

Json = Mapping[str, Any]


def instance(url: str, body: Json) -> Instance:
    """Read GET /version. Versions look like `19.2.1` or `19.5.0-ee`."""
    text = str(body.get("version", ""))
    found = re.match(r"(\d+)\.(\d+)", text)
    return Instance(url, (int(found[1]), int(found[2])) if found else (0, 0), text)


def identity(user: Json, token: Known[Json]) -> Identity:
    """Read GET /user and GET /personal_access_tokens/self (which refuses OAuth tokens)."""
    if isinstance(token, Unknown):
        scopes: Known[tuple[str, ...]] = token
    elif "granular" in token.get("scopes", ()):
        scopes = Unknown("a fine-grained token does not list its rights")
    else:
        scopes = tuple(token.get("scopes", ()))
    return Identity(
        user_id=user["id"],
        username=user["username"],
        admin=bool(user.get("is_admin")),
        bot=bool(user.get("bot")),
        scopes=scopes,
        expires_at=None if isinstance(token, Unknown) else expiry(token.get("expires_at")),
    )


def role(body: Json, *, admin: bool) -> int:
    """Return the larger of the direct and the inherited access level; an administrator has every right."""
    permissions = body.get("permissions") or {}
    levels: list[int] = [
        (permissions.get(name) or {}).get("access_level", 0) for name in ("project_access", "group_access")
    ]
    return max([int(Role.ADMIN if admin else Role.NONE), *levels])


def project(body: Json, *, admin: bool) -> ProjectState:
    """Read GET /projects/:id; fields that are absent for low roles are unknown."""
    path = body["path_with_namespace"]
    namespace = body.get("namespace") or {}
    return ProjectState(
        id=body["id"],
        path=path,
        visibility=body.get("visibility", "private"),
        role=role(body, admin=admin),
        default_branch=body.get("default_branch"),
        web_url=body.get("web_url", ""),
        registry_access=body[ACCESS] if ACCESS in body else Unknown("shown to members only"),
        image_prefix=body.get("container_registry_image_prefix"),
        cleanup=body[POLICY] if POLICY in body else Unknown("shown to Maintainers only"),
        archived=bool(body.get("archived")),
        ci_enabled=body.get("builds_access_level", "enabled") != "disabled",
        empty=bool(body.get("empty_repo")) or not body.get("default_branch"),
        groups=_groups(path, namespace),
    )


def _groups(path: str, namespace: Json) -> tuple[tuple[int | None, str], ...]:
    if namespace.get("kind") == "user":
        return ()
    parts = path.split("/")[:-1]
    paths = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return tuple((namespace.get("id") if found == namespace.get("full_path") else None, found) for found in paths)


def variables(rows: Sequence[Json]) -> tuple[VariableState, ...]:
    """Read the project's variables."""
    return tuple(
        VariableState(
            key=row["key"],
            environment_scope=row.get("environment_scope", "*"),
            variable_type=row.get("variable_type", "env_var"),
            masked=bool(row.get("masked")),
            hidden=bool(row.get("hidden")),
            protected=bool(row.get("protected")),
            raw=bool(row.get("raw")),
            description=row.get("description"),
            value=Secret(row["value"]) if row.get("value") is not None else None,
        )
        for row in rows
    )


def deploy_tokens(rows: Sequence[Json]) -> tuple[DeployTokenState, ...]:
    """Read deploy tokens."""
    return tuple(
        DeployTokenState(
            id=row["id"],
            name=row["name"],
            username=row["username"],
            scopes=tuple(row["scopes"]),
            expires_at=expiry(row.get("expires_at")),
            revoked=bool(row.get("revoked")),
            expired=bool(row.get("expired")),
        )
        for row in rows
    )


def rules(rows: Sequence[Json]) -> tuple[ProtectionRule, ...]:
    """Read the repository protection rules."""
    return tuple(
        ProtectionRule(row["id"], row[PATTERN], row.get(PUSH) or None, row.get(DELETE) or None) for row in rows
    )


def names(rows: Sequence[Json]) -> tuple[str, ...]:
    """Read the names of protected branches or tags; they may hold wildcards."""
    return tuple(row["name"] for row in rows)


def agents(rows: Sequence[Json]) -> tuple[str, ...]:
    """Read the GitLab agents of a project as context names."""
    return tuple(f"{row['config_project']['path_with_namespace']}:{row['name']}" for row in rows)


def runner(row: Json, details: Json | Unknown) -> RunnerState:
    """Read GET /projects/:id/runners and, for the tags, GET /runners/:id."""
    known: Json = {} if isinstance(details, Unknown) else details
    return RunnerState(
        id=row["id"],
        description=str(row.get("description") or ""),
        tags=tuple(map(str, known.get("tag_list") or ())),
        run_untagged=bool(known.get("run_untagged", True)),
        online=row.get("status", "online") == "online",
        paused=bool(row.get("paused")),
    )


def job_token_scope(scope: Json, projects: Sequence[Json], groups: Sequence[Json]) -> JobTokenScope:
    """Read the switch and both allowlists; a group's path stands in its web address only."""
    return JobTokenScope(
        enabled=bool(scope["inbound_enabled"]),
        projects={row["id"]: row["path_with_namespace"] for row in projects},
        groups={row["id"]: row.get("web_url", "").rpartition("/groups/")[2] for row in groups},
    )


def days_left(expires_at: date | None, today: date) -> int | None:
    """Return how many days something still works; None: for ever."""
    return (expires_at - today).days if expires_at else None
