"""CI lint: a configuration that is sent, and the one that is in the repository (`lib/api/lint.rb`)."""

from __future__ import annotations

import dataclasses
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.ci.includes import Context
from wizard.sandbox.ci.linting import Verdict, described, lint
from wizard.sandbox.ci.problems import ConfigurationError
from wizard.sandbox.ci.rules import Trigger, chosen_jobs
from wizard.sandbox.git.objects import Commit
from wizard.sandbox.git.protection import require_code
from wizard.sandbox.git.repository import repository_of
from wizard.sandbox.parameters import declare, optional, requires
from wizard.sandbox.replies import forbidden, json_reply, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route

PATH = ".gitlab-ci.yml"
MAY_NOT = "Insufficient permissions to create a new pipeline"
NO_REF = "Reference not found"


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
    if dry_run and verdict.valid:
        verdict = _run(call, verdict, dry_run_ref or call.project.default_branch)
    return _answer(call, verdict)


def _run(call: Call, verdict: Verdict, ref: str) -> Verdict:
    """Simulate the pipeline of a push: what its rules leave out is not there, and nothing left is an error."""
    commit = repository_of(call.world, call.project).resolve(ref)
    assert commit is not None  # noqa: S101 - the ref was looked at before
    trigger = Trigger(call.world, call.project, ref, commit, "push", call.user.username)
    try:
        chosen = chosen_jobs(verdict, trigger)
    except ConfigurationError as error:
        return dataclasses.replace(verdict, errors=[str(error)], jobs={})
    return dataclasses.replace(verdict, jobs={one.name: one.job for one in chosen})


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
