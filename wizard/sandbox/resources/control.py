"""The sandbox's own calls: setting the world, looking at it, and seeing what was asked."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from werkzeug.wrappers import Response

from wizard.documents import Mistake
from wizard.sandbox.call import Call
from wizard.sandbox.loading import check_world
from wizard.sandbox.replies import empty, json_reply
from wizard.sandbox.routing import Route


def wrong(mistakes: Sequence[Mistake]) -> Response:
    """Answer with all that is wrong with what was sent."""
    told = [{"path": item.path, "line": item.line, "message": item.message} for item in mistakes]
    return json_reply(told, 422)


def _put_world(call: Call) -> Response:
    try:
        given = json.loads(call.request.get_data())
    except ValueError as error:
        return wrong([Mistake("", None, f"not valid JSON: {error}")])
    state, mistakes = check_world(given)
    if state is None:
        return wrong(mistakes)
    call.instance.replace(state)
    return empty()


def _get_world(call: Call) -> Response:
    return json_reply(call.world.export())


def _get_requests(call: Call) -> Response:
    return json_reply([dataclasses.asdict(entry) for entry in call.world.log])


routes = [
    Route(method="GET", rule="/world", handler=_get_world, base="/-/sandbox"),
    Route(method="PUT", rule="/world", handler=_put_world, base="/-/sandbox"),
    Route(method="GET", rule="/requests", handler=_get_requests, base="/-/sandbox"),
]
