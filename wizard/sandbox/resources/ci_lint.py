"""CI lint: a configuration that is sent, and the one that is in the repository (`lib/api/lint.rb`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.includes import Context
from wizard.sandbox.ci.linting import Verdict, described, lint
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import require_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import forbidden, json_reply, not_found, not_simulated
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route

PATH = ".gitlab-ci.yml"
MAY_NOT = "Insufficient permissions to create a new pipeline"
NO_REF = "Reference not found"
_BY_RULES = ("rules", "only", "except")


def _answer(call: Call, verdict: Verdict) -> Response:
    body: dict[str, Any] = {
        "valid": verdict.valid,
        "errors": verdict.errors,
        "warnings": verdict.warnings,
        "merged_yaml": verdict.merged_yaml,
        "includes": None if verdict.includes is None else [file.shown() for file in verdict.includes],
    }
    if call.params.get("include_jobs"):
        body["jobs"] = described(verdict)
    return json_reply(body)


def _may_run(call: Call) -> bool:
    return call.role >= Role.DEVELOPER and call.project.ci == "enabled"


def _check(call: Call, content: str, commit: Commit | None, dry_run_ref: str | None) -> Response:
    dry_run = bool(call.params.get("dry_run"))
    if dry_run and not _may_run(call):
        return _answer(call, Verdict(errors=[MAY_NOT]))
    if dry_run and repository_of(call.world, call.project).resolve(dry_run_ref) is None:
        return _answer(call, Verdict(errors=[NO_REF]))
    verdict = lint(content, Context(call.world, call.identity.user, call.project, commit))
    if dry_run:
        _refuse_rules(verdict)
    return _answer(call, verdict)


def _refuse_rules(verdict: Verdict) -> None:
    """A dry run leaves out what its rules leave out. Rules are not evaluated here, so that is not made up either."""
    workflow = (verdict.merged or {}).get("workflow") or {}
    if workflow.get("rules") or any(key in job for job in verdict.jobs.values() for key in _BY_RULES):
        raise not_simulated("a dry run of a configuration with rules")


def _check_sent(call: Call) -> Response:
    if not _may_run(call):
        raise forbidden()
    head = repository_of(call.world, call.project).resolve(None)
    return _check(call, call.params["content"] or "", head, call.params.get("ref"))


def _check_stored(call: Call) -> Response:
    repository = repository_of(call.world, call.project)
    if repository.is_empty:
        raise not_found("Repository")
    commit = repository.resolve(call.params.get("content_ref") or call.params.get("sha"))
    if commit is None:
        raise not_found("Commit")
    file = commit.files.get(PATH)
    content = file.content.decode("utf-8", "replace") if file else ""
    return _check(call, content, commit, call.params.get("dry_run_ref") or call.params.get("ref"))


_FLAGS = (optional("dry_run", "boolean"), optional("include_jobs", "boolean"), optional("ref"))

routes = [
    Route(
        method="GET",
        rule="/projects/<id>/ci/lint",
        handler=_check_stored,
        params=declare(
            *_FLAGS,
            optional("sha"),
            optional("content_ref"),
            optional("dry_run_ref"),
            exclusive=("sha", "content_ref"),
        ),
        anonymous=True,
        guard=require_code,
        noun="ci_config",
    ),
    Route(
        method="POST",
        rule="/projects/<id>/ci/lint",
        handler=_check_sent,
        params=declare(requires("content"), *_FLAGS),
        scopes=("api",),
        noun="ci_config",
        role=Role.DEVELOPER,
        reads=True,
    ),
]
