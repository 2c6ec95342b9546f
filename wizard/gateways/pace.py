"""How long GitLab asks us to wait: by Retry-After where it refuses, by its RateLimit headers before it has to.

Source: GitLab's "User and IP rate limits"; `RateLimit-Reset` is in epoch seconds. Times are read against the answer's
own Date, so that a wrong clock here does not matter.
"""

from __future__ import annotations

import re
import threading
from email.utils import parsedate_to_datetime

import requests

_UNTOLD = 2.0
"""Seconds to wait where GitLab does not say."""


def asked_to_wait(response: requests.Response | None) -> float:
    """Return the seconds after which a refused request may come again."""
    if response is None:
        return _UNTOLD
    said = response.headers.get("Retry-After", "")
    if re.fullmatch(r"[0-9]{1,6}", said):
        return float(said)
    at = _epoch(said) or _reset(response)
    now = _epoch(response.headers.get("Date", ""))
    return max(at - now, _UNTOLD) if at and now else _UNTOLD


class Pace:
    """Watches the quota that answers tell; safe to share between threads."""

    def __init__(self) -> None:
        """Know of no limit yet."""
        self._lock = threading.Lock()
        self._rest = 0.0

    def note(self, response: requests.Response) -> None:
        """Look at the quota of an answer; a refusal is told by itself."""
        if response.headers.get("RateLimit-Remaining") == "0" and response.status_code != 429:
            with self._lock:
                self._rest = asked_to_wait(response)

    def rest(self) -> float:
        """Return once how long to wait before the next request, because the quota is used up; 0: it is not."""
        with self._lock:
            rest, self._rest = self._rest, 0.0
        return rest


def _reset(response: requests.Response) -> float | None:
    said = response.headers.get("RateLimit-Reset", "")
    return float(said) if re.fullmatch(r"[0-9]{1,12}", said) else None


def _epoch(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError, OverflowError):
        return None
