"""The statutory clock of a case: start, pause, resume, stop; due time with its explanation (domain/onecase.md §4)."""

from datetime import datetime
from typing import Any

from core import calendar, office_calendar
from core.duechip import Chip, chip
from onecase.choices import CLOCK_RUNS, BusinessStatus, LimitUnit
from onecase.models import Case, Pause


def limit_of(case: Case) -> tuple[str, int] | None:
    """(unit, quantity) from the case's variant or its version; None when the law sets no time."""
    variant = case.procedure_case
    if variant is not None and variant.limit_unit and variant.limit_quantity:
        return variant.limit_unit, variant.limit_quantity
    version = case.version
    if version.limit_unit == LimitUnit.WITHIN_DAY:
        return LimitUnit.WITHIN_DAY, 1
    if version.limit_unit == LimitUnit.NONE or not version.limit_quantity:
        return None
    return version.limit_unit, version.limit_quantity


def due_of(case: Case) -> calendar.Due | None:
    """The due time under today's calendar, line by line. None: no statutory time, or not accepted yet."""
    limit = limit_of(case)
    if limit is None or case.received_at is None:
        return None
    unit, quantity = limit
    pauses = [
        calendar.Pause(pause.started_at, pause.ended_at, pause.reason)
        for pause in case.pauses.order_by("started_at")
    ]
    return office_calendar.load(case.agency_id).due(case.received_at, quantity, unit, pauses=pauses)


explain = due_of


def turn(case: Case, what: str, *, at: datetime, reason: str) -> dict[str, Any]:
    """Turn the clock of a locked case. Returns the changed columns with their former values (ISO text or None)."""
    former = case.due_at.isoformat() if case.due_at else None
    if what == "start":
        case.received_at = at
        found = due_of(case)
        case.due_at = case.first_due_at = found.at if found else None
        return {"received_at": None, "due_at": former, "first_due_at": None}
    if what == "pause":
        Pause.objects.create(case=case, started_at=at, reason=reason, due_before=case.due_at)
        return {}
    open_pause = case.pauses.filter(ended_at__isnull=True).first() if case.received_at else None
    if open_pause is None:
        return {}
    open_pause.ended_at = at
    if what == "stop":
        open_pause.save(update_fields=["ended_at"])
        return {}
    open_pause.save(update_fields=["ended_at"])  # «resume», and every other way out of a pause
    found = due_of(case)
    case.due_at = open_pause.due_after = found.at if found else None
    open_pause.save(update_fields=["due_after"])
    return {"due_at": former}


def hours_from(case: Case, at: datetime, hours: float) -> datetime:
    """`hours` working hours after `at` by the agency's office hours (steps of the internal process)."""
    return office_calendar.load(case.agency_id).add_working_time(at, round(hours * 3600))


def chip_of(
    case: Case,
    *,
    now: datetime,
    public: bool = False,
    paused_since: datetime | None = None,
    working: calendar.WorkingCalendar | None = None,
) -> Chip:
    """The due chip of a case. Pass `paused_since` and `working` on lists: then no row costs a query."""
    waiting = case.business_status == BusinessStatus.SUPPLEMENT_REQUIRED
    if waiting and paused_since is None:
        pause = case.pauses.filter(ended_at__isnull=True).first()
        paused_since = pause.started_at if pause else None
    return chip(
        due_at=case.due_at,
        now=now,
        started_at=case.received_at,
        calendar=working or office_calendar.load(case.agency_id),
        paused_since=paused_since if waiting else None,
        finished_at=None if waiting or case.business_status in CLOCK_RUNS else case.finished_at,
        not_started=case.received_at is None,
        public=public,
    )
