"""gql's own command line asks the simulated GitLab in GraphQL: a query with variables, the schema, a refusal."""

from __future__ import annotations

import pytest

from tests.real.clients.conftest import Gitlab, Ran, client
from tests.sandbox.test_graphql import APP, OVERVIEW

pytestmark = pytest.mark.real


def ask(gitlab: Gitlab, *arguments: str, who: str = "maint", query: str = "") -> Ran:
    program = client("gql", "gql-cli")
    bearer = f"Authorization:Bearer glpat-{who}"
    return gitlab.run(
        program, f"{gitlab.url}/api/graphql", "--transport", "httpx", "-H", bearer, *arguments, given=query
    )


def test_gql_reads_a_project_by_one_query_with_variables(gitlab: Gitlab) -> None:
    ran = ask(gitlab, "-V", f'paths:["{APP}"]', "n:5", query=OVERVIEW)
    (project,) = ran.json["projects"]["nodes"]
    assert (project["fullPath"], project["maxAccessLevel"]) == (APP, {"integerValue": 40})
    assert [row["key"] for row in project["ciVariables"]["nodes"]] == ["PLAIN", "TWICE", "TWICE", "SECRET", "MASKED"]
    assert gitlab.writes == ["POST /api/graphql"]
    assert gitlab.world == gitlab.expected


def test_gql_is_told_what_is_wrong(gitlab: Gitlab) -> None:
    refused = ask(gitlab, who="revoked", query="{ currentUser { id } }")
    assert refused.code != 0
    assert "Invalid token" in refused.err
    wrong = ask(gitlab, query="{ currentUser }")
    assert wrong.code != 0
    assert "must have a selection of subfields" in wrong.out + wrong.err


def test_gql_downloads_the_schema(gitlab: Gitlab) -> None:
    ran = ask(gitlab, "--print-schema")
    assert ran.code == 0, ran.err
    assert "type CiJobTokenAccessibleProjectConnection" in ran.out
