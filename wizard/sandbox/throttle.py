"""GitLab's request throttle: fixed windows per caller, told in `RateLimit-*` headers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from werkzeug.wrappers import Request

from wizard.sandbox.identity import presented_job_token, presented_token
from wizard.sandbox.replies import Refusal, text_reply
from wizard.sandbox.world import World


@dataclass(slots=True)
class _Window:
    start: datetime
    count: int = 0


class Throttle:
    """Counts the calls of each caller; a window opens with a caller's first call."""

    def __init__(self, world: World) -> None:
        """Start with nobody having called."""
        self._world = world
        self._windows: dict[str, _Window] = {}

    def admit(self, request: Request) -> dict[str, str]:
        """Count a call; return the headers for its answer, or refuse with 429."""
        limit = self._world.state.instance.rate_limit
        if limit is None:
            return {}
        now = self._world.now()
        period = timedelta(seconds=limit.per_seconds)
        caller = self._caller(request)
        window = self._windows.get(caller)
        if window is None or now >= window.start + period:
            window = self._windows[caller] = _Window(now)
        window.count += 1
        end = window.start + period
        kind = "unauthenticated" if caller.startswith("address:") else "authenticated"
        headers = {
            "RateLimit-Limit": str(math.ceil(limit.requests * 60 / limit.per_seconds)),
            "RateLimit-Name": f"throttle_{kind}_api",
            "RateLimit-Observed": str(window.count),
            "RateLimit-Remaining": str(max(limit.requests - window.count, 0)),
            "RateLimit-Reset": str(math.ceil(end.timestamp())),
        }
        if window.count > limit.requests:
            headers["RateLimit-ResetTime"] = format_datetime(end.astimezone(UTC), usegmt=True)
            headers["Retry-After"] = str(max(math.ceil((end - now).total_seconds()), 1))
            raise Refusal(text_reply("Retry later\n", 429, headers))
        return headers

    def _caller(self, request: Request) -> str:
        secret = presented_token(request)
        found = self._world.access_token(secret) if secret else None
        if found:
            return f"user:{found[0].id}"
        job = self._world.job(presented_job_token(request) or "")
        return f"user:{job[1].started_by}" if job else f"address:{request.remote_addr}"
