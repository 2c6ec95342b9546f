"""Projects: reading, listing, and the settings that matter for images (`doc/api/projects`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.access import membership, sees_project
from wizard.sandbox.call import Call
from wizard.sandbox.cleanup import ATTRIBUTES, Schedule, changed_policy
from wizard.sandbox.entities import VISIBILITIES, basic_project, project_entity, project_with_access
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.replies import forbidden, json_reply, model_invalid, parameters_invalid
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Project

LIST = declare(
    optional("order_by", values=("id", "name", "path", "created_at", "updated_at", "last_activity_at", "similarity")),
    optional("sort", values=("asc", "desc")),
    optional("archived", "boolean"),
    optional("visibility", values=VISIBILITIES),
    optional("search"),
    optional("search_namespaces", "boolean"),
    optional("owned", "boolean"),
    optional("membership", "boolean"),
    optional("min_access_level", "integer", blank=True),
    optional("id_after", "integer"),
    optional("id_before", "integer"),
    optional("simple", "boolean"),
    optional("include_subgroups", "boolean"),
    unsimulated=(
        "statistics",
        "with_custom_attributes",
        "with_issues_enabled",
        "with_merge_requests_enabled",
        "include_pending_delete",
        "active",
        "starred", "imported", "with_programming_language", "last_activity_after", "last_activity_before",
        "repository_storage", "topic", "topic_id", "updated_before", "updated_after",
    ),
)  # fmt: skip

SETTINGS = declare(
    optional("container_registry_access_level", values=("disabled", "private", "enabled")),
    optional("container_registry_enabled", "boolean"),
    optional("container_expiration_policy_attributes", "hash"),
    optional("builds_access_level", values=("disabled", "private", "enabled")),
    optional("jobs_enabled", "boolean"),
    optional("repository_access_level", values=("disabled", "private", "enabled")),
    optional("visibility", values=VISIBILITIES),
    optional("path", blank=False),
    optional("default_branch", blank=False),
    unsimulated=(
        "name", "description", "topics", "tag_list", "ci_config_path", "ci_default_git_depth",
        "ci_forward_deployment_enabled", "ci_forward_deployment_rollback_allowed", "ci_separated_caches",
        "ci_allow_fork_pipelines_to_run_in_parent_project", "ci_push_repository_for_job_token_allowed",
        "ci_pipeline_variables_minimum_override_role", "ci_restrict_pipeline_cancellation_role",
        "ci_id_token_sub_claim_components", "ci_delete_pipelines_in_seconds", "restrict_user_defined_variables",
        "build_git_strategy", "build_timeout", "keep_latest_artifact", "auto_cancel_pending_pipelines",
        "auto_devops_enabled", "shared_runners_enabled", "group_runners_enabled", "lfs_enabled", "packages_enabled",
        "package_registry_access_level", "public_jobs", "public_builds", "merge_method", "squash_option",
        "only_allow_merge_if_pipeline_succeeds", "only_allow_merge_if_all_discussions_are_resolved",
        "remove_source_branch_after_merge", "merge_requests_enabled", "merge_requests_access_level",
        "issues_enabled", "issues_access_level", "wiki_enabled", "wiki_access_level", "snippets_enabled",
        "snippets_access_level", "pages_access_level", "releases_access_level", "environments_access_level",
        "infrastructure_access_level", "monitor_access_level", "feature_flags_access_level", "forking_access_level",
        "request_access_enabled", "emails_enabled", "emails_disabled", "mirror", "import_url", "avatar",
    ),
)  # fmt: skip


def show_project(call: Call, project: Project) -> dict[str, Any]:
    """Show a project to the caller, in full or with `simple` and to strangers in short."""
    user = call.identity.user
    if user is None or call.params.get("simple"):
        return basic_project(call.world, project)
    return project_with_access(call.world, project, user)


def list_projects(
    call: Call, projects: list[Project], show: Callable[[Call, Project], dict[str, Any]] = show_project
) -> Response:
    """Answer with those of the projects that the caller may see and asked for."""
    params = call.params
    chosen = [project for project in projects if _asked_for(call, project)]
    order, descending = params.get("order_by") or "id", params.get("sort") != "asc"
    names = {"name": lambda item: item.path.rpartition("/")[2].lower(), "path": lambda item: item.path.lower()}
    chosen.sort(key=names.get(order, lambda item: item.id), reverse=descending)
    return paged(call, chosen, lambda project: show(call, project), keyset=lambda project: project.id)


def _asked_for(call: Call, project: Project) -> bool:
    params, user = call.params, call.identity.user
    if not sees_project(call.world, user, project) or not _within_ids(params, project):
        return False
    level = membership(call.world, user, project)
    if params.get("membership") and level == Role.NONE:
        return False
    if level < (params.get("min_access_level") or 0) or (params.get("owned") and level < Role.OWNER):
        return False
    if params.get("archived") is not None and project.archived != params["archived"]:
        return False
    if params.get("visibility") and project.visibility != params["visibility"]:
        return False
    return _matches(params, project)


def _within_ids(params: dict[str, Any], project: Project) -> bool:
    after, before = params.get("id_after"), params.get("id_before")
    return (after is None or project.id > after) and (before is None or project.id < before)


def _matches(params: dict[str, Any], project: Project) -> bool:
    words = (params.get("search") or "").lower()
    where = project.path if params.get("search_namespaces") or "/" in words else project.path.rpartition("/")[2]
    return words in where.lower()


def _index(call: Call) -> Response:
    return list_projects(call, call.world.state.projects)


def _show(call: Call) -> Response:
    return json_reply(show_project(call, call.project))


def _update(call: Call) -> Response:
    params, project = call.params, call.project
    if not {param.name for param in SETTINGS.declared} & params.keys():
        names = ", ".join(param.name for param in SETTINGS.declared)
        raise parameters_invalid([f"{names} are missing, at least one parameter must be provided"])
    owners_only = [name for name in ("visibility", "path") if params.get(name) not in (None, _current(project, name))]
    if owners_only and call.role < Role.OWNER:
        raise forbidden()
    _check_visibility(call)
    path = _new_path(call)
    attributes = params.get("container_expiration_policy_attributes")
    if attributes is not None:
        given = ATTRIBUTES.validated(attributes)
        project.cleanup_policy = changed_policy(project.cleanup_policy, given)
        call.world.attached(Schedule).changed(project, call.world.now())
    _apply(project, params)
    if path != project.path:
        call.world.rename(project, path)
    return json_reply(project_entity(call.world, project, call.user))


def _current(project: Project, name: str) -> str:
    return project.visibility if name == "visibility" else project.path.rpartition("/")[2]


def _check_visibility(call: Call) -> None:
    wanted = call.params.get("visibility")
    around = call.world.ancestors(call.project.path)
    if wanted is None or wanted == call.project.visibility or not around:
        return
    limit = around[-1].visibility
    if VISIBILITIES.index(wanted) > VISIBILITIES.index(limit):
        raise model_invalid({"visibility_level": [f"{wanted} is not allowed in a {limit} group."]})


def _new_path(call: Call) -> str:
    project = call.project
    parent, _, last = project.path.rpartition("/")
    wanted = f"{parent}/{call.params.get('path') or last}"
    other = call.world.project(wanted)
    taken = other is not None and other is not project and other.path.lower() == wanted.lower()
    if taken or call.world.group(wanted):
        raise model_invalid({"path": ["has already been taken"]})
    return wanted


def _apply(project: Project, params: dict[str, Any]) -> None:
    if params.get("container_registry_enabled") is not None:
        project.registry = "enabled" if params["container_registry_enabled"] else "disabled"
    if params.get("container_registry_access_level"):
        project.registry = params["container_registry_access_level"]
    if params.get("jobs_enabled") is not None:
        project.ci = "enabled" if params["jobs_enabled"] else "disabled"
    if params.get("builds_access_level"):
        project.ci = "disabled" if params["builds_access_level"] == "disabled" else "enabled"
    if params.get("repository_access_level"):
        project.repository = "disabled" if params["repository_access_level"] == "disabled" else "enabled"
    project.visibility = params.get("visibility") or project.visibility
    project.default_branch = params.get("default_branch") or project.default_branch


routes = [
    Route(method="GET", rule="/projects", handler=_index, params=LIST, anonymous=True),
    Route(
        method="GET",
        rule="/projects/<id>",
        handler=_show,
        anonymous=True,
        params=declare(unsimulated=("statistics", "license", "with_custom_attributes")),
    ),
    Route(method="PUT", rule="/projects/<id>", handler=_update, params=SETTINGS, role=Role.MAINTAINER, settings=True),
]
