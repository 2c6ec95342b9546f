"""When a pipeline schedule runs next: the five fields of cron in a time zone (`Gitlab::Ci::CronParser`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS: tuple[tuple[int, int, Sequence[str]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
)
LONGEST_WAIT = timedelta(days=366 * 5)
"""Long enough for the 29th of February."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, as the values that each field allows."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """Return the next moment, in UTC, that the expression names; None: there is none."""
        local = moment.astimezone(zone)
        day, last = local.date(), (local + LONGEST_WAIT).date()
        while day <= last:
            if self._names(day.month, day.day, (day.weekday() + 1) % 7):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                        if found > moment:
                            return found
            day += timedelta(days=1)
        return None

    def _names(self, month: int, day: int, weekday: int) -> bool:
        """Of a day of the month and a weekday, either will do, unless one of them is any."""
        if month not in self.months:
            return False
        if self.any_day or self.any_weekday:
            return day in self.days and weekday in self.weekdays
        return day in self.days or weekday in self.weekdays


def parse_cron(text: str) -> Cron | None:
    """Read an expression; None: its syntax is invalid."""
    parts = _SHORT.get(text.strip().lower(), text).split()
    if len(parts) != len(_FIELDS):
        return None
    fields = [_field(part.lower(), *bounds) for part, bounds in zip(parts, _FIELDS, strict=True)]
    if any(field is None for field in fields):
        return None
    minutes, hours, days, months, weekdays = (field or frozenset() for field in fields)
    weekdays = frozenset(day % 7 for day in weekdays)
    return Cron(minutes, hours, days, months, weekdays, parts[2].startswith("*"), parts[4].startswith("*"))


def parse_zone(name: str) -> tzinfo | None:
    """Find a time zone; None: there is none of this name. UTC needs no data of the machine."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _field(text: str, least: int, most: int, names: Sequence[str]) -> frozenset[int] | None:
    found: set[int] = set()
    for part in text.split(","):
        shape = re.fullmatch(r"(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/([0-9]+))?", part)
        if shape is None:
            return None
        start, end, step = shape.groups()
        first = least if start == "*" else _number(start, names)
        last = most if start == "*" or (step and not end) else first
        last = last if end is None else _number(end, names)
        if first is None or last is None or not least <= first <= last <= most or step == "0":
            return None
        found |= set(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: Sequence[str]) -> int | None:
    if text.isdigit():
        return int(text)
    return names.index(text) if text in names else None
