"""The runners of a project (`lib/api/ci/runners.rb`): a world has none, and says so to whoever may know."""

from __future__ import annotations

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.paging import paged
from wizard.sandbox.parameters import declare, optional
from wizard.sandbox.roles import Role
from wizard.sandbox.routing import Route

TYPES = ("instance_type", "group_type", "project_type")
STATUSES = ("active", "paused", "online", "offline", "never_contacted", "stale")


def _index(call: Call) -> Response:
    return paged(call, [], lambda _: {})


routes = [
    Route(
        method="GET",
        rule="/projects/<id>/runners",
        handler=_index,
        params=declare(
            optional("type", values=TYPES),
            optional("status", values=STATUSES),
            optional("paused", "boolean"),
            unsimulated=("scope", "tag_list", "version_prefix"),
        ),
        role=Role.MAINTAINER,
        noun="runner",
    ),
]
