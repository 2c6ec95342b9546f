"""The simulated GitLab with one rule broken at a time."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Response

from wizard.sandbox import app, cleanup, entities, identity, paging, parameters, server
from wizard.sandbox.access import role_in
from wizard.sandbox.call import Call
from wizard.sandbox.parameters import Parameters, optional, raw_parameters
from wizard.sandbox.replies import Refusal, empty, json_reply, message
from wizard.sandbox.resources import (
    all_routes,
    deploy_tokens,
    groups,
    job_token_scope,
    projects,
    protection_rules,
    registry,
    users,
    variables,
)
from wizard.sandbox.roles import Role
from wizard.sandbox.schema import DeployToken, Project, Token, User
from wizard.sandbox.world import World

Patch = pytest.MonkeyPatch
Break = Callable[[Patch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong GitLab: what it does wrongly, the files of cases that must notice, and how it is made."""

    wrong: str
    noticed_in: str
    make: Break


def sets(module: object, name: str, value: object) -> Break:
    return lambda patch: patch.setattr(module, name, value)


def always(answer: object) -> Callable[..., Any]:
    return lambda *_args, **_named: answer


def routes(rule: str, methods: str = "GET POST PUT PATCH DELETE", **changes: Any) -> Break:
    """Change every route whose rule begins so."""

    def make(patch: Patch) -> None:
        routes = all_routes()
        touched = [route for route in routes if route.rule.startswith(rule) and route.method in methods.split()]
        assert touched, f"no route begins with {rule}"
        changed = [dataclasses.replace(route, **changes) if route in touched else route for route in routes]
        patch.setattr(server, "all_routes", lambda: changed)

    return make


def _masks(pattern: str, raw_pattern: str, flags: int = re.ASCII) -> Break:
    def maskable(value: str, *, raw: bool) -> bool:
        return re.match(rf"(?:{raw_pattern if raw else pattern})$", value, flags) is not None

    return sets(variables, "maskable", maskable)


NARROW, WIDE = r"[a-zA-Z0-9_+=/@:.~-]{8,}", r"\S{8,}"


def _shows_hidden(patch: Patch) -> None:
    show = variables.show_variable

    def showing(variable: Any) -> dict[str, Any]:
        return show(variable) | {"value": variable.value}

    patch.setattr(variables, "show_variable", showing)


def _takes_a_key_twice(patch: Patch) -> None:
    validated = variables._validated
    patch.setattr(variables, "_validated", lambda variable, _others: validated(variable, []))


def _finds_the_first(call: Call, stored: Any) -> Any:
    found = [variable for variable in stored if variable.key == call.arguments["key"]]
    wanted = (call.params.get("filter") or {}).get("environment_scope")
    found = [variable for variable in found if wanted in (None, variables._scope_of(variable))]
    return found[0] if found else _refuse(404, "404 Variable Not Found")


def _filters_by_wildcard(patch: Patch) -> None:
    find = variables._find

    def finding(call: Call, stored: Any) -> Any:
        wanted = (call.params.get("filter") or {}).get("environment_scope")
        if wanted is None:
            return find(call, stored)
        keyed = [variable for variable in stored if variable.key == call.arguments["key"]]
        matching = [one for one in keyed if fnmatch.fnmatchcase(wanted, variables._scope_of(one))]
        return matching[0] if matching else _refuse(404, "404 Variable Not Found")

    patch.setattr(variables, "_find", finding)


def _honours_hidden(patch: Patch) -> None:
    patch.setattr(variables, "_FIELDS", variables._FIELDS | {"hidden"})
    declared = Parameters((*variables._NEW, *variables.SCOPED, variables._HIDDEN, optional("hidden", "boolean")))
    routes("/projects/<id>/variables", "POST", params=declared)(patch)


def _renames_variables(patch: Patch) -> None:
    wanted = variables._wanted

    def wanting(call: Call) -> dict[str, Any]:
        given = raw_parameters(call.request).get("key") if call.route.method == "PUT" else None
        return wanted(call) | ({"key": given} if given else {})

    patch.setattr(variables, "_wanted", wanting)


def _refuse(status: int, text: str) -> Any:
    raise message(status, text)


def _lives_through_its_last_day(world: World, token: Token | DeployToken) -> bool:
    return token.expires_at is not None and token.expires_at + timedelta(days=1) <= world.now()


def _shows_the_secret(patch: Patch) -> None:
    show = deploy_tokens.show_deploy_token
    patch.setattr(deploy_tokens, "show_deploy_token", lambda world, token: show(world, token) | {"token": token.token})


def _wants_names_once(patch: Patch) -> None:
    create = deploy_tokens._create

    def creating(call: Call) -> Response:
        if any(token.name == call.params["name"] for token in call.project.deploy_tokens):
            _refuse(400, "Name has already been taken")
        return create(call)

    routes("/projects/<id>/deploy_tokens", "POST", handler=creating)(patch)


def _appends(*, twice: bool, endless: bool) -> Break:
    append = job_token_scope._append

    def appending(call: Call, entries: list[str], path: str, kind: str) -> None:
        limit = call.world.state.instance.limits.allowlist
        if (twice and path in entries) or (endless and path not in entries and len(entries) >= limit):
            entries.append(path)
        else:
            append(call, entries, path, kind)

    return sets(job_token_scope, "_append", appending)


def _lists_others_only(call: Call) -> Response:
    listed = [call.world.project(path) for path in call.project.job_token_scope.projects]
    return json_reply([entities.basic_project(call.world, one) for one in listed if one])


def _switches(call: Call) -> Response:
    call.project.job_token_scope.enabled = call.params["enabled"]
    return empty()


def _checks_parameters_first(patch: Patch) -> None:
    find = app._find_subject

    def finding(call: Call) -> None:
        if call.route.params.declared:
            call.route.params.validated({**raw_parameters(call.request), **app._path_parameters(call)})
        find(call)

    patch.setattr(app, "_find_subject", finding)


def _checks_the_scope_last(patch: Patch) -> None:
    authorize = app._authorize

    def authenticating(call: Call) -> None:
        call.identity = identity.identify(call.world, call.request, call.route.job_token != "no")
        if call.identity.user is None and not call.route.anonymous:
            _refuse(401, "401 Unauthorized")

    def authorizing(call: Call) -> None:
        call.identity.require(call.route.needed_scopes, call.route.right)
        authorize(call)

    patch.setattr(app, "_authenticate", authenticating)
    patch.setattr(app, "_authorize", authorizing)


def _opens_internal_ones(world: World, user: User | None, project: Project) -> bool:
    return project.visibility == "public" or (
        user is not None and (project.visibility == "internal" or role_in(world, user, project) > Role.NONE)
    )


def _answers_without(header: str) -> Break:
    def make(patch: Patch) -> None:
        def replying(body: object, status: int = 200, headers: Any = None) -> Response:
            return json_reply(body, status, {name: value for name, value in (headers or {}).items() if name != header})

        patch.setattr(paging, "json_reply", replying)

    return make


def _words_parameters_as_messages(problems: Any) -> Refusal:
    return message(400, ", ".join(problems))


def _allows_same_patterns(patch: Patch) -> None:
    check = protection_rules._check
    patch.setattr(protection_rules, "_check", lambda rule, _others, problems, what: check(rule, [], problems, what))


MUTANTS = [
    Mutant("masks seven characters", "variables", _masks(NARROW.replace("8", "7", 2).replace("0-7", "0-9"), WIDE)),
    Mutant("masks a value that ends with a newline", "variables", _masks(NARROW, WIDE)),
    Mutant("masks a dollar without raw", "variables", _masks(WIDE + r"\Z", WIDE + r"\Z")),
    Mutant("masks no dollar with raw", "variables", _masks(NARROW + r"\Z", NARROW + r"\Z")),
    Mutant("takes a no-break space for white space", "variables", _masks(NARROW + r"\Z", WIDE + r"\Z", 0)),
    Mutant("masks anything", "variables", sets(variables, "maskable", always(True))),
    Mutant("lets a Developer write variables", "variables", routes("/projects/<id>/variables", role=Role.DEVELOPER)),
    Mutant("lets a Maintainer see group variables", "variables", routes("/groups/<id>/var", role=Role.MAINTAINER)),
    Mutant("shows hidden values", "variables", _shows_hidden),
    Mutant("takes a key twice", "variables", _takes_a_key_twice),
    Mutant("takes a key once in all scopes", "variables", sets(variables, "_scope_of", always("*"))),
    Mutant("takes the first of two", "variables", sets(variables, "_find", _finds_the_first)),
    Mutant("filters by wildcard", "variables", _filters_by_wildcard),
    Mutant("honours `hidden`", "variables", _honours_hidden),
    Mutant("renames a variable", "variables", _renames_variables),
    Mutant("hid variables before 17.4", "variables", sets(variables, "MASKED_AND_HIDDEN_SINCE", (0, 0))),
    Mutant("lets access tokens live a day longer", "identity", sets(identity, "expired", _lives_through_its_last_day)),
    Mutant(
        "lets deploy tokens live a day longer",
        "deploy_tokens",
        sets(deploy_tokens, "expired", _lives_through_its_last_day),
    ),
    Mutant("shows a deploy token's secret again", "deploy_tokens", _shows_the_secret),
    Mutant("wants each deploy token's name once", "deploy_tokens", _wants_names_once),
    Mutant(
        "lets a Maintainer make group deploy tokens",
        "deploy_tokens",
        routes("/groups/<id>/deploy_tokens", role=Role.MAINTAINER),
    ),
    Mutant("lists a project twice", "job_token_scope", _appends(twice=True, endless=False)),
    Mutant("lists without end", "job_token_scope", _appends(twice=False, endless=True)),
    Mutant(
        "does not list the project itself",
        "job_token_scope",
        routes("/projects/<id>/job_token_scope/allowlist", "GET", handler=_lists_others_only),
    ),
    Mutant(
        "takes a path for the number of an allowlist's project",
        "job_token_scope",
        routes("/projects/<id>/job_token_scope", integer_id=False),
    ),
    Mutant(
        "lists what the caller cannot see",
        "job_token_scope",
        sets(job_token_scope, "sees_project", always(True)),
    ),
    Mutant(
        "switches off what the instance enforces",
        "job_token_scope",
        routes("/projects/<id>/job_token_scope", "PATCH", handler=_switches),
    ),
    Mutant("checks parameters before the role", "variables", _checks_parameters_first),
    Mutant("checks the scope after the project", "identity", _checks_the_scope_last),
    Mutant("shows everybody every project", "projects", sets(app, "sees_project", always(True))),
    Mutant("shows external users internal projects", "projects", sets(app, "sees_project", _opens_internal_ones)),
    Mutant("answers under an old path", "projects", sets(app, "_send_on", always(None))),
    Mutant("lets job tokens of others in", "registry", routes("/projects/<id>/registry", job_token="allowlist")),
    Mutant("writes a locked project", "routing", routes("/projects/<id>", settings=False)),
    Mutant("writes in maintenance", "routing", routes("/projects/<id>/variables", reads=True)),
    Mutant("names no next page", "paging", _answers_without("x-next-page")),
    Mutant("links to no other page", "paging", _answers_without("Link")),
    Mutant("gives a thousand rows a page", "paging", sets(paging, "MOST_PER_PAGE", 1000)),
    Mutant("gives no totals", "paging", _answers_without("x-total")),
    Mutant(
        "words parameters as messages",
        "variables",
        sets(parameters, "parameters_invalid", _words_parameters_as_messages),
    ),
    Mutant(
        "shows permissions after a change", "projects", sets(projects, "project_entity", entities.project_with_access)
    ),
    Mutant("shows permissions in a group", "groups", sets(groups, "project_entity", entities.project_with_access)),
    Mutant("takes any regular expression", "projects", sets(cleanup, "check_regex", always(None))),
    Mutant("protects what lies elsewhere", "protection", sets(protection_rules, "_path_problems", always([]))),
    Mutant("protects a pattern twice", "protection", _allows_same_patterns),
    Mutant("deletes protected tags", "registry", sets(registry, "protected_tag", always(False))),
    Mutant("lets guests see images", "registry", sets(registry, "may_pull", always(True))),
    Mutant("says that everybody is a bot", "identity", sets(users, "is_bot", always(True))),
]
