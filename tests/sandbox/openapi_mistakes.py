"""What GitLab's OpenAPI document says wrongly or leaves out, each with the fact that overrules it.

A mistake is put right in a copy of the document before anything is checked. A test holds that each one is still there
and still matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Correction = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong statement, why it is wrong, and what makes the document right."""

    says: str
    fact: str
    correct: Correction


def _responses(document: Any, title: str) -> Any:
    method, _, rule = title.partition(" ")
    return document["paths"][f"/api/v4{rule}"][method.lower()]["responses"]


def _answers(title: str, schema: Any, status: str = "200") -> Correction:
    def correct(document: Any) -> None:
        _responses(document, title)[status]["schema"] = schema

    return correct


def _scheduled(title: str) -> Correction:
    def correct(document: Any) -> None:
        responses = _responses(document, title)
        responses["202"] = responses.pop("204") | {"schema": {}}

    return correct


def _moved(title: str, wrong: str, right: str) -> Correction:
    def correct(document: Any) -> None:
        responses = _responses(document, title)
        responses[right] = responses.pop(wrong)

    return correct


def _property(definition: str, name: str, schema: Any) -> Correction:
    def correct(document: Any) -> None:
        document["definitions"][definition]["properties"][name] = schema

    return correct


def _all(*corrections: Correction) -> Correction:
    def correct(document: Any) -> None:
        for correction in corrections:
            correction(document)

    return correct


def _no_body(*titles: str) -> Correction:
    def correct(document: Any) -> None:
        for title in titles:
            _responses(document, title)["204"].pop("schema")

    return correct


def _takes(title: str, name: str) -> Correction:
    def correct(document: Any) -> None:
        method, _, rule = title.partition(" ")
        parameter = {"in": "query", "name": name, "required": False, "type": "string"}
        document["paths"][f"/api/v4{rule}"][method.lower()]["parameters"].append(parameter)

    return correct


def _takes_text(rule: str, name: str) -> Correction:
    def correct(document: Any) -> None:
        for method in document["paths"][f"/api/v4{rule}"].values():
            for parameter in method["parameters"]:
                if parameter["name"] == name:
                    parameter |= {"type": "string"}
                    parameter.pop("format", None)

    return correct


def _needs(definition: str, name: str, required: tuple[str, ...]) -> Correction:
    def correct(document: Any) -> None:
        document["definitions"][definition]["properties"][name]["items"]["required"] = list(required)

    return correct


def _entity(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/API_Entities_{name}"}


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _entity(name)}


def _link(target: str) -> dict[str, Any]:
    numbers = {name: {"type": "integer", "format": "int32"} for name in ("source_project_id", target)}
    return {"type": "object", "properties": numbers, "required": list(numbers)}


_SCOPE = "/projects/{id}/job_token_scope"
_REPOSITORY = "/projects/{id}/registry/repositories/{repository_id}"

MISTAKES = [
    Mistake(
        "a list of variables is one variable",
        "lib/api/ci/variables.rb presents a paginated collection",
        _all(
            _answers("GET /projects/{id}/variables", _list_of("Ci_Variable")),
            _answers("GET /groups/{id}/variables", _list_of("Ci_Variable")),
            _answers("GET /admin/ci/variables", _list_of("Ci_Variable")),
        ),
    ),
    Mistake(
        "the filter of a change stands in the body only",
        "lib/api/ci/variables.rb declares `filter`, and Grape reads query and body alike; python-gitlab sends it so",
        _takes("PUT /projects/{id}/variables/{key}", "filter[environment_scope]"),
    ),
    Mistake(
        "deleting a variable answers 204 with the variable",
        "a 204 has no body (RFC 9110); doc/api/project_level_variables shows none",
        _no_body("DELETE /projects/{id}/variables/{key}", "DELETE /groups/{id}/variables/{key}"),
    ),
    Mistake(
        "the allowlist is one project",
        "doc/api/project_job_token_scopes shows a list, and lib/api/project_job_token_scope.rb paginates it",
        _answers(f"GET {_SCOPE}/allowlist", _list_of("BasicProjectDetails")),
    ),
    Mistake(
        "the group allowlist is one project",
        "doc/api/project_job_token_scopes shows a list of groups with id, web_url and name",
        _answers(f"GET {_SCOPE}/groups_allowlist", _list_of("BasicGroupDetails")),
    ),
    Mistake(
        "adding to an allowlist answers with a project or a group",
        "lib/api/project_job_token_scope.rb presents the link: the ids of its two ends",
        _all(
            _answers(f"POST {_SCOPE}/allowlist", _link("target_project_id"), "201"),
            _answers(f"POST {_SCOPE}/groups_allowlist", _link("target_group_id"), "201"),
        ),
    ),
    Mistake(
        "the list of projects shows each in short",
        "lib/api/projects.rb: a signed-in caller gets ProjectWithAccess, unless `simple` is asked for",
        _answers("GET /projects", _list_of("ProjectWithAccess")),
    ),
    Mistake(
        "a group holds one project and one shared project",
        "lib/api/entities/group_detail.rb exposes two collections",
        _all(
            _property("API_Entities_GroupDetail", "projects", _list_of("Project")),
            _property("API_Entities_GroupDetail", "shared_projects", _list_of("Project")),
        ),
    ),
    Mistake(
        "a token does not say whether it is fine-grained",
        "`granular` came with fine-grained tokens, after the version that was described (18.6)",
        _property("API_Entities_PersonalAccessTokenWithLastUsedIps", "granular", {"type": "boolean"}),
    ),
    Mistake(
        "a container repository has one tag",
        "doc/api/container_registry: with `tags=true` it shows the list of its tags",
        _property("API_Entities_ContainerRegistry_Repository", "tags", _list_of("ContainerRegistry_Tag")),
    ),
    Mistake(
        "deleting a container repository answers 204",
        "lib/api/project_container_repositories.rb: it is only scheduled, `status :accepted`; no word on a body",
        _scheduled(f"DELETE {_REPOSITORY}"),
    ),
    Mistake(
        "deleting tags in bulk answers 204",
        "lib/api/project_container_repositories.rb: it is only scheduled, `status :accepted`; no word on a body",
        _scheduled(f"DELETE {_REPOSITORY}/tags"),
    ),
    Mistake(
        "deleting one tag answers 204",
        "lib/api/project_container_repositories.rb: `status :ok`",
        _moved(f"DELETE {_REPOSITORY}/tags/{{tag_name}}", "204", "200"),
    ),
    Mistake(
        "a branch is a number",
        "doc/api/branches: the name of the branch",
        _takes_text("/projects/{id}/repository/branches/{branch}", "branch"),
    ),
    Mistake(
        "every action of a commit needs what moving and chmod need",
        "doc/api/commits: `previous_path` is for move, `execute_filemode` for chmod",
        _needs("postApiV4ProjectsIdRepositoryCommits", "actions", ("action", "file_path")),
    ),
    Mistake(
        "a commit is made with 200",
        "doc/api/commits says 201, as Grape does for every POST",
        _moved("POST /projects/{id}/repository/commits", "200", "201"),
    ),
    Mistake(
        "a tree is one object",
        "doc/api/repositories shows a list, by pages",
        _answers("GET /projects/{id}/repository/tree", _list_of("TreeObject")),
    ),
    Mistake(
        "a file has no contents",
        "doc/api/repository_files: an object that names the file and holds it in base64",
        _answers("GET /projects/{id}/repository/files/{file_path}", {"type": "object"}),
    ),
    Mistake(
        "a list of merge requests is one merge request",
        "doc/api/merge_requests shows a list, by pages",
        _answers("GET /projects/{id}/merge_requests", _list_of("MergeRequestBasic")),
    ),
    Mistake(
        "a log is a job",
        "lib/api/ci/jobs.rb answers with text",
        _answers("GET /projects/{id}/jobs/{job_id}/trace", {"type": "file"}),
    ),
    Mistake(
        "a pipeline schedule has one input and one variable",
        "doc/api/pipeline_schedules shows lists of both",
        _all(
            _property("API_Entities_Ci_PipelineSchedule", "inputs", {"type": "array"}),
            _property("API_Entities_Ci_PipelineScheduleDetails", "inputs", {"type": "array"}),
            _property("API_Entities_Ci_PipelineScheduleDetails", "variables", _list_of("Ci_Variable")),
        ),
    ),
    Mistake(
        "whether the job token scope is on is a text",
        "doc/api/jobs shows true or false",
        _property(
            "API_Entities_Ci_Job",
            "project",
            {"type": "object", "properties": {"ci_job_token_scope_enabled": {"type": "boolean"}}},
        ),
    ),
    Mistake(
        "stopping an environment makes one",
        "lib/api/environments.rb: `status 200`",
        _moved("POST /projects/{id}/environments/{environment_id}/stop", "201", "200"),
    ),
    Mistake(
        "deleting an environment answers 204 with the environment",
        "a 204 has no body (RFC 9110); doc/api/environments shows none",
        _no_body("DELETE /projects/{id}/environments/{environment_id}"),
    ),
    Mistake(
        "a merge request has one assignee in `assignees` and one reviewer in `reviewers`",
        "doc/api/merge_requests shows lists of users",
        _all(
            *(
                _property(f"API_Entities_{entity}", name, _list_of("UserBasic"))
                for entity in ("MergeRequest", "MergeRequestBasic")
                for name in ("assignees", "reviewers")
            )
        ),
    ),
]

ABSENT = {
    "GET /user",
    "GET /application/settings",
    "GET /groups/*/subgroups",
    "GET /groups/*/descendant_groups",
    "GET /groups/*/projects",
    "GET /groups/*/members",
    "GET /groups/*/members/all/*",
    "GET /projects/*/groups",
    "GET /projects/*/repository/compare",
    "GET /projects/*/protected_tags",
    "GET /projects/*/protected_tags/v*",
    "GET /projects/*/repository/tags",
    "GET /projects/*/repository/tags/v1.0",
    "GET /projects/*/cluster_agents",
    "POST /projects/*/cluster_agents",
    "GET /projects/*/cluster_agents/*",
    "DELETE /projects/*/cluster_agents/*",
    "GET /projects/*/runners",
    "GET /job",
    "GET /projects/*/registry/protection/tag/rules",
    "POST /projects/*/registry/protection/tag/rules",
    "PATCH /projects/*/registry/protection/tag/rules/*",
    "DELETE /projects/*/registry/protection/tag/rules/*",
    "HEAD /projects/*",
}
"""Calls that GitLab has and the document does not: left out of this excerpt, or newer than it (tag rules: 18.7)."""

IGNORED = {("GET /projects/{id}/registry/protection/repository/rules", "per_page")}
"""What we send although GitLab does not read it: we read every list by pages, and this one comes as a whole. Grape
drops what an endpoint does not declare."""
