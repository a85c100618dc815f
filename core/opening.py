"""Office hours of a counter in words, and whether somebody is there now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from core import office_calendar
from core.calendar import WorkingCalendar, said_in_full


@dataclass(frozen=True)
class Opening:
    """Office hours in words and whether somebody is there now."""

    days: str
    hours: str
    is_open: bool
    words: str


def opening(organization_id: int | None, now: datetime) -> Opening:
    """Hours of the next working day stand for the rule."""
    calendar = office_calendar.load(organization_id)
    today = timezone.localdate(now)
    day = today if calendar.is_working_day(today) else calendar.next_working_day(today)
    hours = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in calendar.spans(day))
    is_open = _is_open(calendar, now)
    if is_open:
        words = _("Đang mở cửa")
    else:
        words = _("Đang đóng, mở lại lúc %(when)s") % {
            "when": said_in_full(calendar.next_opening(now + timedelta(minutes=1)))
        }
    return Opening(_("Thứ Hai – thứ Sáu"), hours, is_open, words)


def _is_open(calendar: WorkingCalendar, now: datetime) -> bool:
    local = timezone.localtime(now)
    second = local.hour * 3600 + local.minute * 60
    return any(start <= second < end for start, end in calendar.spans(local.date()))


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"
