"""Projects, groups and people as GitLab's API shows them (`lib/api/entities`)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from wizard.sandbox.access import membership, role_in
from wizard.sandbox.cleanup import shown_policy
from wizard.sandbox.roles import Role, role
from wizard.sandbox.schema import Group, Project, User
from wizard.sandbox.world import World

VISIBILITIES = ("private", "internal", "public")


def moment(value: datetime) -> str:
    """Write a moment as GitLab does: UTC with milliseconds."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def made(world: World) -> str:
    """Return when everything in this world was made."""
    return moment(world.started.replace(microsecond=0))


def revision(world: World) -> str:
    """Return the commit that this GitLab was built from: made up, and the same for the same version."""
    return hashlib.sha256(world.state.instance.version.encode()).hexdigest()[:11]


def basic_user(user: User, url: str) -> dict[str, Any]:
    """Show a user as others see them."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": None,
        "name": user.name,
        "state": "blocked" if user.blocked else "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{url}/{user.username}",
    }


def member(world: World, user: User, level: Role) -> dict[str, Any]:
    """Show somebody with their access level."""
    extra = {
        "access_level": int(level),
        "created_at": made(world),
        "expires_at": None,
        "membership_state": "active",
    }
    return basic_user(user, world.addresses.url) | extra


def namespace(world: World, path: str) -> dict[str, Any]:
    """Show the group or the person that a project lies in."""
    parent = path.rpartition("/")[0]
    group = world.group(parent)
    url = world.addresses.url
    if group is None:
        user = world.user(parent)
        name, number, web, kind = (user.name, user.id, f"{url}/{parent}", "user") if user else (parent, 0, url, "user")
        return {
            "id": 1_000_000 + number,
            "name": name,
            "path": parent,
            "kind": kind,
            "full_path": parent,
            "parent_id": None,
            "avatar_url": None,
            "web_url": web,
        }
    around = world.ancestors(group.path)
    return {
        "id": group.id,
        "name": group.path.rpartition("/")[2],
        "path": group.path.rpartition("/")[2],
        "kind": "group",
        "full_path": group.path,
        "parent_id": around[-1].id if around else None,
        "avatar_url": None,
        "web_url": f"{url}/groups/{group.path}",
    }


def basic_project(world: World, project: Project) -> dict[str, Any]:
    """Show a project to somebody who is not signed in, or with `simple`."""
    url = world.addresses.url
    name = project.path.rpartition("/")[2]
    host = url.partition("://")[2].partition(":")[0]
    return {
        "id": project.id,
        "description": None,
        "name": name,
        "name_with_namespace": " / ".join(project.path.split("/")),
        "path": name,
        "path_with_namespace": project.path,
        "created_at": made(world),
        "default_branch": project.default_branch,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "http_url_to_repo": f"{url}/{project.path}.git",
        "web_url": f"{url}/{project.path}",
        "readme_url": f"{url}/{project.path}/-/blob/{project.default_branch}/README.md"
        if "README.md" in project.files
        else None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": made(world),
        "visibility": project.visibility,
        "namespace": namespace(world, project.path),
    }


def project_identity(world: World, project: Project) -> dict[str, Any]:
    """Show just which project it is."""
    shown = basic_project(world, project)
    names = ("id", "description", "name", "name_with_namespace", "path", "path_with_namespace", "created_at")
    return {name: shown[name] for name in names}


def project_entity(world: World, project: Project, viewer: User) -> dict[str, Any]:
    """Show a project to a signed-in user; what needs Maintainer is absent below it, not false."""
    body = basic_project(world, project)
    repository = "enabled" if project.repository == "enabled" else "disabled"
    builds = "enabled" if project.ci == "enabled" else "disabled"
    if world.registry_host is not None:
        body["container_registry_image_prefix"] = image_prefix(world, project)
    body |= {
        "_links": _links(world, project),
        "packages_enabled": True,
        "empty_repo": not project.files,
        "archived": project.archived,
        "container_registry_enabled": project.registry != "disabled",
        "container_expiration_policy": shown_policy(world, project),
        "repository_object_format": "sha1",
        "jobs_enabled": project.ci == "enabled",
        "merge_requests_enabled": project.repository == "enabled",
        "can_create_merge_request_in": role_in(world, viewer, project) >= Role.DEVELOPER,
        "repository_access_level": repository,
        "merge_requests_access_level": repository,
        "builds_access_level": builds,
        "container_registry_access_level": project.registry,
        "shared_with_groups": [],
        "lfs_enabled": True,
        "import_status": "none",
    }
    if role_in(world, viewer, project) >= Role.MAINTAINER:
        body |= _ci_settings()
    return body


def project_with_access(world: World, project: Project, viewer: User) -> dict[str, Any]:
    """Show a project with what its viewer may do there: only one by itself and the list of all are shown so."""
    permissions = {
        "project_access": _access(_direct(viewer, project)),
        "group_access": _access(_inherited(world, viewer, project)),
    }
    return project_entity(world, project, viewer) | {"permissions": permissions}


def image_prefix(world: World, project: Project) -> str:
    """Return the registry path of a project: host, then the full path in lower case."""
    return f"{world.registry_host}/{project.path.lower()}"


def _links(world: World, project: Project) -> dict[str, str]:
    base = f"{world.addresses.url}/api/v4/projects/{project.id}"
    return {
        "self": base,
        "merge_requests": f"{base}/merge_requests",
        "repo_branches": f"{base}/repository/branches",
        "events": f"{base}/events",
        "members": f"{base}/members",
        "cluster_agents": f"{base}/cluster_agents",
    }


def _ci_settings() -> dict[str, Any]:
    return {
        "ci_default_git_depth": 20,
        "ci_forward_deployment_enabled": True,
        "ci_forward_deployment_rollback_allowed": True,
        "ci_job_token_scope_enabled": False,
        "ci_separated_caches": True,
        "ci_allow_fork_pipelines_to_run_in_parent_project": True,
        "ci_id_token_sub_claim_components": ["project_path", "ref_type", "ref"],
        "ci_config_path": None,
        "ci_push_repository_for_job_token_allowed": False,
        "ci_pipeline_variables_minimum_override_role": "no_one_allowed",
        "build_git_strategy": "fetch",
        "build_timeout": 3600,
        "keep_latest_artifact": True,
        "restrict_user_defined_variables": True,
        "auto_cancel_pending_pipelines": "enabled",
        "public_jobs": True,
        "shared_runners_enabled": True,
        "group_runners_enabled": True,
    }


def _access(level: Role) -> dict[str, int] | None:
    return {"access_level": int(level), "notification_level": 3} if level else None


def _direct(viewer: User, project: Project) -> Role:
    if project.path.partition("/")[0].lower() == viewer.username.lower():
        return Role.OWNER
    bots = [role(token.role) for token in viewer.tokens if token.of == project.path and token.role]
    given = role(project.members.get(viewer.username, "none"))
    return max([given, *bots])


def _inherited(world: World, viewer: User, project: Project) -> Role:
    around = world.ancestors(project.path)
    return membership(world, viewer, around[-1]) if around else Role.NONE


def basic_group(world: World, group: Group) -> dict[str, Any]:
    """Show a group in an allowlist."""
    name = group.path.rpartition("/")[2]
    return {"id": group.id, "web_url": f"{world.addresses.url}/groups/{group.path}", "name": name}


def group_entity(world: World, group: Group) -> dict[str, Any]:
    """Show a group in lists and by itself."""
    around = world.ancestors(group.path)
    return basic_group(world, group) | {
        "path": group.path.rpartition("/")[2],
        "description": "",
        "visibility": group.visibility,
        "share_with_group_lock": False,
        "require_two_factor_authentication": False,
        "project_creation_level": "developer",
        "subgroup_creation_level": "maintainer",
        "emails_disabled": False,
        "mentions_disabled": None,
        "lfs_enabled": True,
        "archived": False,
        "avatar_url": None,
        "request_access_enabled": True,
        "full_name": " / ".join(group.path.split("/")),
        "full_path": group.path,
        "created_at": made(world),
        "parent_id": around[-1].id if around else None,
        "shared_runners_setting": "enabled",
    }
