"""GraphQL over HTTP (`app/controllers/graphql_controller.rb`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.identity import Identity, identify
from wizard.sandbox.parameters import raw_parameters
from wizard.sandbox.replies import Refusal, failure, json_reply
from wizard.sandbox.routing import Route

if TYPE_CHECKING:
    from wizard.sandbox.graphql.execution import Question

_SCOPES = ("api", "read_api")


def _refused(status: int, text: str) -> Refusal:
    return failure(status, {"errors": [{"message": text}]})


def _caller(call: Call) -> Identity:
    """Return who asks: nobody is fine, but a token must be a good one; why it is not is never said."""
    try:
        identity = identify(call.world, call.request)
        if identity.token is not None and identity.token.granular is None:
            identity.require(_SCOPES, None)
    except Refusal as refusal:
        blocked = "blocked" in refusal.response.get_data(as_text=True)
        raise _refused(*((403, "API not accessible for user") if blocked else (401, "Invalid token"))) from None
    return identity


def _questions(call: Call) -> tuple[list[Question], bool]:
    """Return what is asked, and whether it was sent as a list."""
    from wizard.sandbox.graphql.execution import Question  # noqa: PLC0415 - graphql-core only where it is asked for

    try:
        body = json.loads(call.request.get_data() or b"null")
    except ValueError:
        body = None
    several = isinstance(body, list)
    sent: Sequence[Any] = body if several else [raw_parameters(call.request)]
    return [Question(*_parts(one if isinstance(one, dict) else {})) for one in sent], several


def _parts(given: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    variables = given.get("variables") or {}
    if isinstance(variables, str):
        try:
            variables = json.loads(variables)
        except ValueError:
            variables = None
    if not isinstance(variables, dict):
        raise _refused(422, "Variables are no JSON object")
    return str(given.get("query") or ""), variables, given.get("operationName") or None


def _execute(call: Call) -> Response:
    from wizard.sandbox.graphql.execution import answer  # noqa: PLC0415 - as above
    from wizard.sandbox.graphql.limits import LONGEST_QUERY  # noqa: PLC0415 - as above

    identity = _caller(call)
    questions, several = _questions(call)
    if sum(len(question.query) for question in questions) > LONGEST_QUERY:
        raise _refused(422, "Query too large")
    if call.request.method == "GET" and any(question.changes for question in questions):
        raise _refused(422, "Mutations are forbidden in GET requests")
    answers = [answer(call.world, identity, question) for question in questions]
    return json_reply(answers if several else answers[0])


routes = [
    Route(method=method, rule="/api/graphql", handler=_execute, base="", reads=True) for method in ("GET", "POST")
]
