"""The working calendar on file: WorkingDay and OfficeHours rows, or the list that ships with the product."""

import csv
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path

from django.db import connection

from core.calendar import FIRST_DAY, Day, Hours, WorkingCalendar

SHIPPED = Path(__file__).resolve().parent / "data" / "public_holidays.csv"
# One query, always: its answer is also the key of what was computed from it, so nothing goes stale in any process.
ON_FILE = """
SELECT (SELECT string_agg(concat_ws('|', date, kind, status, replace(name, '|', '/')), chr(10) ORDER BY date)
        FROM core_workingday),
       (SELECT string_agg(concat_ws('|', coalesce(organization_id, 0), opens, closes, valid_from, valid_to), chr(10)
                          ORDER BY organization_id, valid_from, opens)
        FROM core_officehours)
"""


class Calendars:
    """The calendars of all units as they are on file now. Make one per request or job: it asks the database once."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ON_FILE)
            self._days, self._hours = (text or "" for text in cursor.fetchone())

    def of(self, organization_id: int | None = None) -> WorkingCalendar:
        """Own hours where the unit has rows, else those without a unit, else the default of the product."""
        own = _hours_of(self._hours, organization_id or 0) or _hours_of(self._hours, 0)
        return _calendar(self._days, own)


def load(organization_id: int | None = None) -> WorkingCalendar:
    """The calendar of one unit. For many units in one page: `Calendars()`."""
    return Calendars().of(organization_id)


def shipped() -> WorkingCalendar:
    """The calendar of an installation whose database is empty or away: the shipped days, the default hours."""
    return _calendar("", ())


@cache
def shipped_days() -> tuple[Day, ...]:
    """The list that ships with the product; core.loading plants the same rows in the database."""
    with SHIPPED.open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        return tuple(
            Day(date.fromisoformat(row["date"]), row["name"], row["kind"], row["status"]) for row in rows
        )


@lru_cache(maxsize=256)
def _hours_of(text: str, organization_id: int) -> tuple[Hours, ...]:
    rows = (line.split("|") for line in text.splitlines())
    return tuple(
        Hours(
            time.fromisoformat(opens),
            time.fromisoformat(closes),
            max(date.fromisoformat(valid_from), FIRST_DAY),
            date.fromisoformat(valid_to[0]) if valid_to else None,
        )
        for owner, opens, closes, valid_from, *valid_to in rows
        if owner == str(organization_id)
    )


@lru_cache(maxsize=64)
def _calendar(days: str, hours: tuple[Hours, ...]) -> WorkingCalendar:
    rows = [line.split("|", 3) for line in days.splitlines()]
    on_file = [Day(date.fromisoformat(day), name, kind, status) for day, kind, status, name in rows]
    listed = on_file or shipped_days()
    return WorkingCalendar(listed, hours) if hours else WorkingCalendar(listed)
