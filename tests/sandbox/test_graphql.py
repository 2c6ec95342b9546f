"""GraphQL: one read for many projects, what it costs, and what it does not say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import Answer, Client, SetClock, base_world, changed_world
from wizard.sandbox.server import Sandbox

OVERVIEW = """
query Overview($paths: [String!], $n: Int = 20) {
  queryComplexity { score limit }
  projects(fullPaths: $paths, first: $n) {
    nodes {
      id fullPath visibility containerRegistryEnabled containerRepositoriesCount
      maxAccessLevel { integerValue }
      ciCdSettings { inboundJobTokenScopeEnabled }
      ciJobTokenScope {
        inboundAllowlist { nodes { fullPath } }
        groupsAllowlist { nodes { fullPath } }
      }
      ciVariables { nodes { key environmentScope variableType protected masked hidden raw description } }
    }
  }
}
"""
"""The query of `gitlab-api.md` §7."""
APP = "acme/team/app"
NOT_AVAILABLE = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action"
)


class GraphQL:
    """Asks as somebody, with the token as a bearer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, body: object, who: str | None = "maint", headers: Mapping[str, str] | None = None) -> Answer:
        bearer = {"Authorization": f"Bearer glpat-{who}"} if who else {}
        return self.client.send("POST", "/graphql", send=body, headers={**bearer, **(headers or {})})

    def ask(self, query: str, who: str | None = "maint", **variables: object) -> Any:
        answer = self.send({"query": query, "variables": variables}, who)
        assert answer.status == 200, answer.text
        return answer.json

    def project(self, fields: str, who: str | None = "maint", path: str = APP) -> Any:
        """Return what one project shows; nothing else may be wrong."""
        answer = self.ask("query($path: ID!) { project(fullPath: $path) { %s } }" % fields, who, path=path)  # noqa: UP031
        assert "errors" not in answer, answer
        return answer["data"]["project"]

    def errors(self, query: str, who: str | None = "maint", **variables: object) -> list[str]:
        return [error["message"] for error in self.ask(query, who, **variables).get("errors", [])]


@pytest.fixture(scope="module")
def server(clock: SetClock) -> Iterator[Sandbox]:
    with Sandbox(base_world(), control=True, clock=clock) as box:
        yield box


@pytest.fixture
def graphql(server: Sandbox) -> Iterator[GraphQL]:
    client = Client(server.url, base="/api")
    assert client.send("PUT", "/-/sandbox/world", send=base_world()).status == 204
    yield GraphQL(client)
    client.close()


def start_from(graphql: GraphQL, changes: Mapping[str, Any]) -> None:
    assert graphql.client.send("PUT", "/-/sandbox/world", send=changed_world(changes)).status == 204


def test_one_query_reads_several_projects(graphql: GraphQL) -> None:
    answer = graphql.ask(OVERVIEW, paths=[APP, "open/site", "other/secret", "no/such"])
    assert "errors" not in answer
    site, app = answer["data"]["projects"]["nodes"]
    assert (app["id"], app["fullPath"], app["visibility"]) == ("gid://gitlab/Project/10", APP, "private")
    assert (app["containerRegistryEnabled"], app["containerRepositoriesCount"]) == (True, 2)
    assert app["maxAccessLevel"] == {"integerValue": 40}
    assert app["ciCdSettings"] == {"inboundJobTokenScopeEnabled": True}
    assert app["ciJobTokenScope"] == {
        "inboundAllowlist": {"nodes": [{"fullPath": APP}, {"fullPath": "acme/team/base"}]},
        "groupsAllowlist": {"nodes": [{"fullPath": "open"}]},
    }
    assert [row["key"] for row in app["ciVariables"]["nodes"]] == ["PLAIN", "TWICE", "TWICE", "SECRET", "MASKED"]
    assert app["ciVariables"]["nodes"][3] == {
        "key": "SECRET",
        "environmentScope": "*",
        "variableType": "ENV_VAR",
        "protected": False,
        "masked": True,
        "hidden": True,
        "raw": False,
        "description": None,
    }
    assert site["fullPath"] == "open/site"
    assert answer["data"]["queryComplexity"] == {"score": 55, "limit": 250}


def test_a_hidden_value_is_shown_to_nobody(graphql: GraphQL) -> None:
    nodes = graphql.project("ciVariables { nodes { key value } }")["ciVariables"]["nodes"]
    assert {row["key"]: row["value"] for row in nodes if row["key"] != "TWICE"} == {
        "PLAIN": "plain-value",
        "SECRET": None,
        "MASKED": "masked-value",
    }


FORBIDDEN = {
    "ciVariables": "ciVariables { nodes { key } }",
    "inheritedCiVariables": "inheritedCiVariables { nodes { key } }",
    "ciCdSettings": "ciCdSettings { inboundJobTokenScopeEnabled }",
}


@pytest.mark.parametrize("who", ["dev", "rep", "guest"])
def test_what_may_not_be_seen_is_null_without_a_word(who: str, graphql: GraphQL) -> None:
    found = graphql.project(" ".join(FORBIDDEN.values()), who)
    assert found == dict.fromkeys(FORBIDDEN)


def test_only_the_job_token_scope_says_that_it_is_forbidden(graphql: GraphQL) -> None:
    answer = graphql.ask(OVERVIEW, "dev", paths=[APP])
    (app,) = answer["data"]["projects"]["nodes"]
    assert app["ciJobTokenScope"] is None
    assert app["maxAccessLevel"] == {"integerValue": 30}
    (error,) = answer["errors"]
    assert (error["message"], error["path"]) == (NOT_AVAILABLE, ["projects", "nodes", 0, "ciJobTokenScope"])


@pytest.mark.parametrize("who", ["stranger", "partner", None])
def test_an_invisible_project_is_null_and_missing_from_lists(who: str | None, graphql: GraphQL) -> None:
    assert graphql.project("id", who) is None
    answer = graphql.ask(OVERVIEW, who, paths=[APP, "open/site"])
    assert [row["fullPath"] for row in answer["data"]["projects"]["nodes"]] == ["open/site"]


def test_nobody_reads_what_is_public(graphql: GraphQL) -> None:
    query = "{ currentUser { username } metadata { version } queryComplexity { limit } }"
    assert graphql.ask(query, None)["data"] == {
        "currentUser": None, "metadata": None, "queryComplexity": {"limit": 200},
    }  # fmt: skip


def test_the_caller_and_the_instance(graphql: GraphQL) -> None:
    query = "{ currentUser { id username } metadata { version enterprise } }"
    assert graphql.ask(query)["data"] == {
        "currentUser": {"id": "gid://gitlab/User/3", "username": "maint"},
        "metadata": {"version": "19.5.0-ee", "enterprise": True},
    }


def test_the_registry_of_a_project(graphql: GraphQL) -> None:
    start_from(graphql, {"projects.0.cleanup_policy": {"enabled": True, "cadence": "7d", "older_than": "14d"}})
    policy = "containerTagsExpirationPolicy { enabled cadence keepN olderThan nameRegex }"
    repositories = "containerRepositories { count nodes { path location tagsCount } }"
    found = graphql.project(f"{policy} {repositories}")
    assert found["containerTagsExpirationPolicy"] == {
        "enabled": True, "cadence": "EVERY_WEEK", "keepN": "TEN_TAGS", "olderThan": "FOURTEEN_DAYS", "nameRegex": ".*",
    }  # fmt: skip
    assert found["containerRepositories"] == {
        "count": 2,
        "nodes": [
            {"path": APP, "location": f"registry.test:5050/{APP}", "tagsCount": 4},
            {"path": f"{APP}/tools", "location": f"registry.test:5050/{APP}/tools", "tagsCount": 1},
        ],
    }
    as_reporter = graphql.project(f"{policy} {repositories}", "rep")
    assert as_reporter["containerTagsExpirationPolicy"]["enabled"] is True
    assert as_reporter["containerTagsExpirationPolicy"]["cadence"] is None
    assert as_reporter["containerRepositories"]["count"] == 2
    as_guest = graphql.project(f"{policy} {repositories}", "guest")
    assert as_guest == {"containerTagsExpirationPolicy": None, "containerRepositories": None}


def test_the_protection_rules_of_a_project(graphql: GraphQL) -> None:
    levels = "minimumAccessLevelForPush minimumAccessLevelForDelete"
    rules = (
        f"containerProtectionRepositoryRules {{ nodes {{ repositoryPathPattern {levels} }} }} "
        f"containerProtectionTagRules {{ nodes {{ tagNamePattern {levels} }} }}"
    )
    shown = {"minimumAccessLevelForPush": "MAINTAINER", "minimumAccessLevelForDelete": "OWNER"}
    assert graphql.project(rules) == {
        "containerProtectionRepositoryRules": {"nodes": [{"repositoryPathPattern": f"{APP}/locked", **shown}]},
        "containerProtectionTagRules": {"nodes": [{"tagNamePattern": "v*", **shown}]},
    }
    assert graphql.project(rules, "dev") == {
        "containerProtectionRepositoryRules": {"nodes": []},
        "containerProtectionTagRules": {"nodes": []},
    }


def test_variables_of_the_groups_above(graphql: GraphQL) -> None:
    found = graphql.project("inheritedCiVariables { nodes { key groupName } }")
    assert found["inheritedCiVariables"]["nodes"] == [{"key": "SHARED", "groupName": "acme"}]


def test_an_enforced_allowlist_shows_as_switched_on(graphql: GraphQL) -> None:
    off = {"projects.0.job_token_scope": {"enabled": False}}
    query = "ciCdSettings { inboundJobTokenScopeEnabled }"
    start_from(graphql, off)
    assert graphql.project(query)["ciCdSettings"]["inboundJobTokenScopeEnabled"] is False
    start_from(graphql, {**off, "instance.enforce_job_token_allowlist": True})
    assert graphql.project(query)["ciCdSettings"]["inboundJobTokenScopeEnabled"] is True


@pytest.mark.parametrize("who", ["nonsense", "revoked", "today", "whoami", "registry"])
def test_a_token_that_does_not_do_is_invalid_whatever_is_wrong_with_it(who: str, graphql: GraphQL) -> None:
    answer = graphql.send({"query": "{ currentUser { id } }"}, who)
    assert (answer.status, answer.json) == (401, {"errors": [{"message": "Invalid token"}]})


def test_a_blocked_user_may_not_use_the_api(graphql: GraphQL) -> None:
    answer = graphql.send({"query": "{ currentUser { id } }"}, "gone")
    assert (answer.status, answer.json) == (403, {"errors": [{"message": "API not accessible for user"}]})


@pytest.mark.parametrize("headers", [{"PRIVATE-TOKEN": "glpat-read"}, {"Authorization": "Bearer glpat-oauth"}])
def test_reading_takes_any_kind_of_token_with_read_api(headers: Mapping[str, str], graphql: GraphQL) -> None:
    answer = graphql.send({"query": "{ currentUser { username } }"}, None, headers)
    assert answer.json["data"]["currentUser"] == {"username": "maint"}


def test_a_fine_grained_token_sees_what_it_has_rights_for(graphql: GraphQL) -> None:
    assert graphql.project("ciVariables { nodes { key } }", "fine")["ciVariables"] is not None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "No query string was present"),
        ("{ project(fullPath: 3.5) { id } }", "ID cannot represent"),
        ("{ project { id } }", "fullPath"),
        ("{ currentUser }", "must have a selection of subfields"),
        ("query One { currentUser { id } } query Two { currentUser { id } }", "operation name"),
        ("{ currentUser { id }", "Syntax Error"),
        ("query($n: Int!) { projects(first: $n) { count } }", "$n"),
        ("{ projects(first: -1) { count } }", "must be zero or more"),
        ('{ projects(after: "x") { count } }', "valid cursor"),
        (
            "query($paths: [String!] = [%s]) { projects(fullPaths: $paths) { count } }" % ", ".join(['"a/b"'] * 51),  # noqa: UP031
            "You cannot provide more than 50 full_paths",
        ),
    ],
)
def test_what_is_wrong_with_a_query_is_told_with_200(query: str, message: str, graphql: GraphQL) -> None:
    (said,) = graphql.errors(query)
    assert message in said


def test_fifty_paths_are_allowed(graphql: GraphQL) -> None:
    paths = [APP, *(f"a/b{number}" for number in range(49))]
    assert graphql.ask(OVERVIEW, paths=paths)["data"]["projects"]["nodes"][0]["fullPath"] == APP


def aliases(count: int) -> str:
    return "{ %s }" % " ".join(f"p{number}: currentUser {{ id name }}" for number in range(count))  # noqa: UP031


@pytest.mark.parametrize(("who", "limit"), [(None, 200), ("maint", 250), ("root", 300)])
def test_a_query_has_a_limited_complexity(who: str | None, limit: int, graphql: GraphQL) -> None:
    assert graphql.errors(aliases(limit // 3), who) == []
    (said,) = graphql.errors(aliases(limit // 3 + 1), who)
    assert said == f"Query has complexity of {(limit // 3 + 1) * 3}, which exceeds max complexity of {limit}"


@pytest.mark.parametrize(("page", "score"), [("", 8), ("(first: 10)", 5), ("(last: 100)", 8), ("(first: 1000)", 8)])
def test_every_item_of_a_page_makes_its_field_one_percent_dearer(page: str, score: int, graphql: GraphQL) -> None:
    answer = graphql.ask(f"{{ queryComplexity {{ score }} projects{page} {{ nodes {{ id }} }} }}")
    assert answer["data"]["queryComplexity"]["score"] == score


def test_a_fragment_counts_where_it_is_spread_and_only_once(graphql: GraphQL) -> None:
    once = "{ queryComplexity { score } currentUser { ...A } } fragment A on CurrentUser { id name }"
    twice = once.replace("...A", "...A ...A ... on CurrentUser { ...A }")
    scores = [graphql.ask(query)["data"]["queryComplexity"]["score"] for query in (once, twice)]
    assert scores == [5, 5]


def test_fragments_that_double_one_another_are_answered_at_once(graphql: GraphQL) -> None:
    doubled = " ".join(f"fragment F{n} on CurrentUser {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = f"{{ currentUser {{ ...F0 }} }} {doubled} fragment F60 on CurrentUser {{ id }}"
    assert graphql.ask(query)["data"]["currentUser"] == {"id": "gid://gitlab/User/3"}


def test_fragments_that_hold_themselves_are_refused(graphql: GraphQL) -> None:
    (said,) = graphql.errors("{ currentUser { ...A } } fragment A on CurrentUser { ...A }")
    assert "within itself" in said


def test_a_query_has_a_limited_length(graphql: GraphQL) -> None:
    query = "{ currentUser { id } }"
    assert graphql.send({"query": query.ljust(10_000)}).status == 200
    answer = graphql.send({"query": query.ljust(10_001)})
    assert (answer.status, answer.json) == (422, {"errors": [{"message": "Query too large"}]})


def test_pages_follow_one_another(graphql: GraphQL) -> None:
    query = """query($after: String) { project(fullPath: "acme/team/app") {
      ciVariables(first: 2, after: $after) { nodes { key } pageInfo { hasNextPage endCursor } limit } } }"""
    keys: list[str] = []
    after, more = None, True
    while more:
        page = graphql.ask(query, after=after)["data"]["project"]["ciVariables"]
        keys += [row["key"] for row in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["limit"] == 8000
    assert keys == ["PLAIN", "TWICE", "TWICE", "SECRET", "MASKED"]


def test_a_page_has_at_most_a_hundred_items(graphql: GraphQL) -> None:
    start_from(graphql, {"projects.0.variables": [{"key": f"K{number}", "value": "x"} for number in range(120)]})
    found = graphql.project("ciVariables(first: 1000) { nodes { key } pageInfo { hasNextPage hasPreviousPage } }")
    assert len(found["ciVariables"]["nodes"]) == 100
    assert found["ciVariables"]["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    found = graphql.project("ciVariables(last: 1) { edges { cursor node { key } } pageInfo { hasNextPage } }")
    assert [edge["node"]["key"] for edge in found["ciVariables"]["edges"]] == ["K119"]


def test_several_operations_are_answered_in_their_order(graphql: GraphQL) -> None:
    named = [{"query": "query A { currentUser { id } } query B { __typename }", "operationName": name} for name in "BA"]
    assert graphql.send(named).json == [
        {"data": {"__typename": "Query"}},
        {"data": {"currentUser": {"id": "gid://gitlab/User/3"}}},
    ]


def test_a_query_may_come_by_get_and_a_mutation_not(graphql: GraphQL) -> None:
    asked = graphql.client.send("GET", f"/graphql?query={quote('{ currentUser { id } }')}", who="maint")
    assert (asked.status, asked.json) == (200, {"data": {"currentUser": {"id": "gid://gitlab/User/3"}}})
    refused = graphql.client.send("GET", f"/graphql?query={quote('mutation { x }')}", who="maint")
    assert (refused.status, refused.json["errors"][0]["message"]) == (422, "Mutations are forbidden in GET requests")


@pytest.mark.parametrize(
    "query",
    [
        "{ project(fullPath: \"a/b\") { issues { nodes { id } } } }",
        "{ projects(trending: true) { count } }",
        "mutation { ciJobTokenScopeAddProject(input: {}) { errors } }",
        "subscription { anything }",
    ],
)  # fmt: skip
def test_what_is_not_simulated_says_so(query: str, graphql: GraphQL) -> None:
    answer = graphql.send({"query": query})
    assert (answer.status, "does not serve" in answer.json["message"]) == (501, True)


def test_in_maintenance_everything_is_read_and_nothing_written(graphql: GraphQL) -> None:
    start_from(graphql, {"instance.maintenance": True})
    assert graphql.project("id") == {"id": "gid://gitlab/Project/10"}
    assert graphql.errors("mutation { anything }") == ["You cannot perform write operations on a read-only instance"]


def test_the_schema_can_be_asked_for(graphql: GraphQL) -> None:
    fields = graphql.ask('{ __type(name: "Project") { fields { name } } }')["data"]["__type"]["fields"]
    assert {"ciVariables", "ciJobTokenScope"} <= {row["name"] for row in fields}


def test_a_sandbox_that_nobody_asks_in_graphql_does_not_import_it() -> None:
    code = "import sys; from wizard.sandbox.server import Sandbox; Sandbox({'version': 1}).start().stop()"
    seen = f"{code}; print('graphql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout == "False\n"
