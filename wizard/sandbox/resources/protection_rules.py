"""Protection rules of the registry, for repositories and for tags (`doc/api/container_repository_protection_rules`)."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import Parameters, declare, optional, requires
from wizard.sandbox.replies import empty, json_reply, message, not_found
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route
from wizard.sandbox.schema import Project, Protection

LEVELS = ("maintainer", "owner", "admin")
MOST_TAG_RULES = 5

NOT_BELOW = "Repository path pattern should start with the project's full path"
NOT_A_PATH = "Repository path pattern should be a valid container repository path with optional wildcard characters."
NO_LEVEL = "A rule must have at least a minimum access role for push or delete."
TOO_MANY = "Maximum number of protection rules have been reached."
TAKEN = "has already been taken"

PUSH, DELETE = "minimum_access_level_for_push", "minimum_access_level_for_delete"


def show_rule(project: Project, rule: Protection, name: str) -> dict[str, Any]:
    """Show a rule; `name` is what GitLab calls its pattern."""
    return {"id": rule.id, "project_id": project.id, name: rule.pattern, PUSH: rule.push, DELETE: rule.delete}


def _find(call: Call, rules: list[Protection]) -> Protection:
    rule = next((rule for rule in rules if rule.id == call.params["protection_rule_id"]), None)
    if rule is None:
        raise not_found()
    return rule


def _changed(call: Call, rule: Protection, name: str) -> Protection:
    """Return the rule as asked for; an empty text clears a level."""
    params = call.params
    return Protection(
        id=rule.id,
        pattern=params.get(name) or rule.pattern,
        push=(params[PUSH] or None) if PUSH in params else rule.push,
        delete=(params[DELETE] or None) if DELETE in params else rule.delete,
    )


def _check(rule: Protection, others: list[Protection], problems: list[str], what: str) -> None:
    if any(other.pattern == rule.pattern and other.id != rule.id for other in others):
        problems = [*problems, f"{what} {TAKEN}"]
    if rule.push is None and rule.delete is None:
        problems = [*problems, NO_LEVEL]
    if problems:
        raise message(422, problems)


def _path_problems(project: Project, pattern: str) -> list[str]:
    problems = []
    part = r"[a-z0-9*]+(?:(?:[._]|__|-+)?[a-z0-9*]+)*"
    if len(pattern) > 255 or not re.fullmatch(rf"{part}(?:/{part})*\*?", pattern):
        problems.append(NOT_A_PATH)
    if not pattern.lower().startswith(project.path.lower()):
        problems.append(NOT_BELOW)
    return problems


def _store(rules: list[Protection], rule: Protection) -> None:
    position = next((index for index, other in enumerate(rules) if other.id == rule.id), None)
    if position is None:
        rules.append(rule)
    else:
        rules[position] = rule


def _repository_index(call: Call) -> Response:
    """List all rules: GitLab does not page them (`lib/api/container_registry_protection_rules.rb`)."""
    rules = call.project.repository_protection
    return json_reply([show_rule(call.project, rule, "repository_path_pattern") for rule in rules])


def _repository_save(call: Call, before: Protection, status: int) -> Response:
    rules = call.project.repository_protection
    rule = _changed(call, before, "repository_path_pattern")
    _check(rule, rules, _path_problems(call.project, rule.pattern), "Repository path pattern")
    _store(rules, rule)
    return json_reply(show_rule(call.project, rule, "repository_path_pattern"), status)


def _new(call: Call, rules: list[Protection], name: str) -> Protection:
    number = call.world.next_id(f"rule of {name}", max((rule.id for rule in rules), default=0))
    return Protection(id=number, pattern=call.params[name])


def _repository_create(call: Call) -> Response:
    new = _new(call, call.project.repository_protection, "repository_path_pattern")
    return _repository_save(call, new, 201)


def _repository_update(call: Call) -> Response:
    return _repository_save(call, _find(call, call.project.repository_protection), 200)


def _repository_delete(call: Call) -> Response:
    call.project.repository_protection.remove(_find(call, call.project.repository_protection))
    return empty()


def _tag_index(call: Call) -> Response:
    return paged(call, call.project.tag_protection, lambda rule: show_rule(call.project, rule, "tag_name_pattern"))


def _tag_save(call: Call, before: Protection, status: int) -> Response:
    rules = call.project.tag_protection
    rule = _changed(call, before, "tag_name_pattern")
    _check(rule, rules, [], "Tag name pattern")
    _store(rules, rule)
    return json_reply(show_rule(call.project, rule, "tag_name_pattern"), status)


def _tag_create(call: Call) -> Response:
    if len(call.project.tag_protection) >= MOST_TAG_RULES:
        raise message(422, [TOO_MANY])
    return _tag_save(call, _new(call, call.project.tag_protection, "tag_name_pattern"), 201)


def _tag_update(call: Call) -> Response:
    return _tag_save(call, _find(call, call.project.tag_protection), 200)


def _tag_delete(call: Call) -> Response:
    call.project.tag_protection.remove(_find(call, call.project.tag_protection))
    return empty()


_ONE = requires("protection_rule_id", "integer")
_CLEARABLE = (optional(PUSH, values=("", *LEVELS)), optional(DELETE, values=("", *LEVELS)))
_NEW_REPOSITORY_RULE = declare(
    requires("repository_path_pattern", blank=False),
    optional(PUSH, values=LEVELS),
    optional(DELETE, values=LEVELS),
    any_of=(PUSH, DELETE),
)
_NEW_TAG_RULE = declare(
    requires("tag_name_pattern", blank=False), requires(PUSH, values=LEVELS), requires(DELETE, values=LEVELS)
)


def _route(method: str, rule: str, handler: Any, params: Parameters, since: tuple[int, int]) -> Route:
    return Route(
        method=method,
        rule=f"/projects/<id>/registry/protection/{rule}",
        handler=handler,
        params=params,
        since=since,
        role=Role.MAINTAINER,
        noun="container_registry_protection_rule" if rule.startswith("repository") else "container_registry_tag_rule",
        settings=method != "GET",
    )


_REPOSITORY, _TAG = "repository/rules", "tag/rules"

routes = [
    _route("GET", _REPOSITORY, _repository_index, declare(), (17, 8)),
    _route("POST", _REPOSITORY, _repository_create, _NEW_REPOSITORY_RULE, (17, 8)),
    _route(
        "PATCH",
        f"{_REPOSITORY}/<protection_rule_id>",
        _repository_update,
        declare(_ONE, optional("repository_path_pattern", blank=False), *_CLEARABLE),
        (17, 8),
    ),
    _route("DELETE", f"{_REPOSITORY}/<protection_rule_id>", _repository_delete, declare(_ONE), (17, 8)),
    _route("GET", _TAG, _tag_index, declare(), (18, 7)),
    _route("POST", _TAG, _tag_create, _NEW_TAG_RULE, (18, 8)),
    _route(
        "PATCH",
        f"{_TAG}/<protection_rule_id>",
        _tag_update,
        declare(_ONE, optional("tag_name_pattern", blank=False), *_CLEARABLE),
        (18, 9),
    ),
    _route("DELETE", f"{_TAG}/<protection_rule_id>", _tag_delete, declare(_ONE), (18, 9)),
]
