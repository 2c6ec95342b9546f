"""When a pipeline schedule runs next."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from wizard.sandbox.ci.cron import parse_cron, parse_zone

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
ZONES = pytest.mark.skipif(not available_timezones(), reason="time zones: this machine has no tzdata")


@pytest.mark.parametrize(
    ("text", "zone", "following"),
    [
        ("* * * * *", "UTC", "2026-11-24 12:01"),
        ("0 12 * * *", "UTC", "2026-11-25 12:00"),
        ("*/15 * * * *", "UTC", "2026-11-24 12:15"),
        ("5/20 12 * * *", "UTC", "2026-11-24 12:05"),
        ("0 3 * * sun", "UTC", "2026-11-29 03:00"),
        ("0 3 * * 7", "UTC", "2026-11-29 03:00"),
        ("0 3 1 * *", "UTC", "2026-12-01 03:00"),
        ("0 3 1 jan,mar *", "UTC", "2027-01-01 03:00"),
        ("0 0 13 * fri", "UTC", "2026-11-27 00:00"),
        ("0 0 29 2 *", "UTC", "2028-02-29 00:00"),
        ("@weekly", "UTC", "2026-11-29 00:00"),
        pytest.param("0 13 * * *", "Europe/Berlin", "2026-11-25 12:00", marks=ZONES),
        pytest.param("0 22 * * *", "America/Los_Angeles", "2026-11-25 06:00", marks=ZONES),
        ("0 0 31 2 *", "UTC", None),
    ],
)
def test_the_next_run(text: str, zone: str, following: str | None) -> None:
    cron = parse_cron(text)
    assert cron is not None
    found = cron.next_after(NOON, parse_zone(zone) or UTC)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == following


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"),
        *("5-1 * * * *", "*/0 * * * *", "a * * * *", "1,,2 * * * *", "@often"),
    ],
)
def test_what_is_no_cron(text: str) -> None:
    assert parse_cron(text) is None


@pytest.mark.parametrize("name", ["", "cCc", "../etc/passwd", "/etc/localtime", "a" * 300, "Europe/\x00"])
def test_what_is_no_time_zone(name: str) -> None:
    assert parse_zone(name) is None
