"""What an administrator set for the instance, as far as the sandbox knows it (`doc/api/settings`)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from wizard.sandbox.call import Call
from wizard.sandbox.replies import json_reply
from wizard.sandbox.routing import Route


def _show(call: Call) -> Response:
    instance = call.world.state.instance
    return json_reply(
        {
            "id": 1,
            "enforce_ci_inbound_job_token_scope_enabled": instance.enforce_job_token_allowlist,
            "maintenance_mode": instance.maintenance,
            "container_registry_token_expire_delay": 5,
            "require_personal_access_token_expiry": True,
        }
    )


routes = [
    Route(
        method="GET",
        rule="/application/settings",
        handler=_show,
        admin=True,
        scopes=("api",),
        noun="application_setting",
    )
]
