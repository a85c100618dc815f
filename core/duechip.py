"""The due chip: what one cell of a list says about time. Pure, and cheap enough for every row of a page.

Time is working time: 1 ngày = 8 giờ làm việc. From five days on only days; under one day hours and minutes in tens.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from core.calendar import (
    HOUR,
    MINUTE,
    VIETNAM,
    WORKING_DAY_SECONDS,
    WorkingCalendar,
    said_in_full,
    said_short,
)


class ChipState(TextChoices):
    NORMAL = "normal"
    SOON = "soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    DONE = "done"
    NONE = "none"


@dataclass(frozen=True)
class Chip:
    """`lead` **`strong`** `tail` are the words; `label` is what readers hear after them; `pie` counts eighths left."""

    state: ChipState
    pie: int = 0
    lead: str = ""
    strong: str = ""
    tail: str = ""
    label: str = ""
    href: str = ""
    is_late: bool = False  # overdue now, or done after the due time

    @property
    def words(self) -> str:
        return " ".join(part for part in (self.lead, self.strong, self.tail) if part)


def chip(
    *,
    due_at: datetime | None,
    now: datetime,
    started_at: datetime | None,
    calendar: WorkingCalendar,
    paused_since: datetime | None = None,
    finished_at: datetime | None = None,
    not_started: bool = False,
    public: bool = False,
    by_hour: bool = False,
) -> Chip:
    """The chip of a record at `now`. `public`: days only. `by_hour`: a result later on the due date itself is late."""
    if finished_at is not None:
        return _done(due_at, finished_at, calendar, by_hour=by_hour, public=public)
    if not_started:
        return _plain(ChipState.NONE, _("chưa tính hạn"))
    if paused_since is not None:
        since = f"{paused_since.astimezone(VIETNAM):%d/%m}" if public else said_short(paused_since)
        return _plain(ChipState.PAUSED, _("tạm dừng từ %(at)s") % {"at": since})
    if due_at is None:
        return _plain(ChipState.NONE, _("không đặt hạn"))
    if now > due_at:
        late = calendar.working_seconds_between(due_at, now)
        words = _("quá hạn %(time)s") % {"time": _public_days(late) if public else span(late)}
        return _with_due(Chip(ChipState.OVERDUE, strong=words, is_late=True), due_at)
    return _running(due_at, now, started_at, calendar, public=public)


def _running(
    due_at: datetime, now: datetime, started_at: datetime | None, calendar: WorkingCalendar, *, public: bool
) -> Chip:
    left = calendar.working_seconds_between(now, due_at)
    soon = left <= WORKING_DAY_SECONDS
    whole = calendar.working_seconds_between(started_at, due_at) if started_at else 0
    eighths = round(8 * left / whole) if whole > 0 else 8
    pie = min(8, max(0 if soon else 1, eighths))
    state = ChipState.SOON if soon else ChipState.NORMAL
    if not public or left >= WORKING_DAY_SECONDS:
        time_left = _public_days(left) if public else span(left)
        return _with_due(Chip(state, pie, _("còn"), time_left, _("làm việc")), due_at)
    due_on = due_at.astimezone(VIETNAM).date()
    today = due_on == now.astimezone(VIETNAM).date()
    when = _("hôm nay, %(day)s") if today else _("ngày %(day)s")
    return _with_due(Chip(state, pie, _("hạn"), when % {"day": f"{due_on:%d/%m}"}), due_at)


def _done(
    due_at: datetime | None, finished_at: datetime, calendar: WorkingCalendar, *, by_hour: bool, public: bool
) -> Chip:
    if due_at is None:
        return _plain(ChipState.DONE, _("xong"))
    # Early and late go by the date; by the hour only where the limit is in hours (domain/onecase.md §4).
    same_day = finished_at.astimezone(VIETNAM).date() == due_at.astimezone(VIETNAM).date()
    spare = calendar.working_seconds_between(finished_at, due_at)
    late = finished_at > due_at and (by_hour or not same_day)
    if late:
        words = _("xong, muộn %(time)s") % {"time": _public_days(-spare) if public else span(-spare)}
    elif spare >= WORKING_DAY_SECONDS and not same_day:
        words = _("xong, sớm %(count)s ngày") % {"count": spare // WORKING_DAY_SECONDS}
    else:
        words = _("xong, đúng hạn")
    return _with_due(Chip(ChipState.DONE, lead=words, is_late=late), due_at)


def _plain(state: ChipState, words: str) -> Chip:
    return Chip(state, lead=words)


def _with_due(bare: Chip, due_at: datetime) -> Chip:
    return replace(bare, label=_("hạn %(due)s") % {"due": said_in_full(due_at)})


def _public_days(seconds: int) -> str:
    """Whole days; never «0 ngày»."""
    days = seconds // WORKING_DAY_SECONDS
    return _("%(count)s ngày") % {"count": days} if days else _("dưới 1 ngày")


def span(seconds: int) -> str:
    """«6 ngày», «3 ngày 5 giờ», «2 giờ 10». Rounded down, so that nobody is promised more time than there is."""
    days, rest = divmod(seconds, WORKING_DAY_SECONDS)
    if days >= 5:
        return _("%(count)s ngày") % {"count": days}
    hours, rest = divmod(rest, HOUR)
    if days:
        whole = _("%(count)s ngày") % {"count": days}
        return f"{whole} " + _("%(count)s giờ") % {"count": hours} if hours else whole
    tens = rest // MINUTE // 10 * 10
    if hours:
        return _("%(count)s giờ") % {"count": hours} + (f" {tens}" if tens else "")
    return _("%(count)s phút") % {"count": tens} if tens else _("dưới 10 phút")
