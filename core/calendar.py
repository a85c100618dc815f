"""The deadline clock: dates in, dates out. No database, no now(). Rules: domain/onecase.md §4.

All counting is in whole minutes of Vietnamese time, as printed on the papers. Working time before each day is summed
once per calendar, so that one question costs a look-up and not a walk through the days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core.models.calendar import DayKind

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2199, 12, 31)
MINUTE, HOUR, DAY = 60, 3600, 86400
WORKING_DAY_SECONDS = 8 * HOUR  # «1 ngày = 8 giờ làm việc»
SAME_DAY_UNTIL = 15 * HOUR  # received later: «trong ngày» means the next working day
OFFICIAL = "official"
Span = tuple[int, int]  # seconds of one day


class Unit(TextChoices):
    WORKING_DAY = "working_day", gettext_lazy("ngày làm việc")
    WORKING_HOUR = "working_hour", gettext_lazy("giờ làm việc")
    CALENDAR_DAY = "calendar_day", gettext_lazy("ngày")
    MONTH = "month", gettext_lazy("tháng")
    WITHIN_DAY = "within_day", gettext_lazy("trong ngày làm việc")


class OutsideCalendar(ValueError):
    """The moment lies outside the years that the calendar counts."""


@dataclass(frozen=True)
class Day:
    """A day that departs from Monday–Friday. `status` other than `official` makes what rests on it «dự kiến»."""

    date: date
    name: str
    kind: str
    status: str = OFFICIAL

    @property
    def works(self) -> bool:
        return self.kind == DayKind.SWAP_WORKDAY


@dataclass(frozen=True)
class Hours:
    """One opening interval of every working day from `valid_from` until before `valid_to`."""

    opens: time
    closes: time
    valid_from: date = FIRST_DAY
    valid_to: date | None = None


DEFAULT_HOURS = (Hours(time(7, 0), time(11, 30)), Hours(time(13, 30), time(17, 0)))


@dataclass(frozen=True)
class Pause:
    """The clock stands in [started_at, ended_at); still standing when `ended_at` is None.

    `reason` is as recorded and is not repeated in the explanation: it may name people.
    """

    started_at: datetime
    ended_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One line of «vì sao ngày này?»: words left, date or duration right."""

    text: str
    value: str
    strong: bool = False
    provisional: bool = False

    def __str__(self) -> str:
        mark = _(" (dự kiến)") if self.provisional else ""
        return f"{self.text}{mark} → {self.value}"


@dataclass(frozen=True)
class Due:
    """A due time with its computation. With `paused_since`, the clock still stands and `at` will move."""

    at: datetime
    started_at: datetime
    lines: list[Line] = field(default_factory=list)
    paused_since: datetime | None = None

    @property
    def provisional(self) -> bool:
        """It rests on a day off or make-up day that no document has fixed yet."""
        return any(line.provisional for line in self.lines)


class WorkingCalendar:
    """Working time of one office: Monday–Friday but for the days on file, in the opening hours of that date."""

    def __init__(self, days: Iterable[Day] = (), hours: Sequence[Hours] = DEFAULT_HOURS) -> None:
        self.days = {day.date: day for day in days}
        self.covered_until = date(max((day.year for day in self.days), default=LAST_DAY.year), 12, 31)
        self._changes, self._spans_from = _by_validity(hours)
        # _before[i]: working seconds from FIRST_DAY to the start of day i. Grows on demand.
        self._before = [0]

    # --- working time -------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        """Make-up Saturdays are; a test of the weekday alone would be wrong on them."""
        special = self.days.get(day)
        return special.works if special else day.weekday() < 5

    def spans(self, day: date) -> Sequence[Span]:
        """The opening intervals of a day in seconds after midnight; none on a day off."""
        if not self.is_working_day(day):
            return ()
        return self._spans_from[bisect_right(self._changes, day) - 1]

    def working_seconds_between(self, start: datetime, end: datetime) -> int:
        """Office time in [start, end); negative when `end` comes first."""
        return self._worked(_split(end)) - self._worked(_split(start))

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself while the office is open (the closing minute included), else the next opening."""
        day, second = _split(moment)
        for opens, closes in self.spans(day):
            if second <= closes:
                return _join(day, max(second, opens))
        day = self.next_working_day(day)
        return _join(day, self.spans(day)[0][0])

    def add_working_time(self, start: datetime, seconds: int) -> datetime:
        """The earliest moment by which `seconds` of office time have passed since `start` opened."""
        if seconds < 0:
            raise ValueError("working time to add must not be negative")
        opened = self.next_opening(start)
        if seconds == 0:
            return opened
        goal = self._worked(_split(opened)) + seconds
        while self._before[-1] < goal:
            self._grow(len(self._before) + 400)
        index = bisect_left(self._before, goal) - 1  # the day in which the sum reaches the goal
        day, left = FIRST_DAY + timedelta(days=index), goal - self._before[index]
        for opens, closes in self.spans(day):
            if left <= closes - opens:
                return _join(day, opens + left)
            left -= closes - opens
        raise AssertionError("the sum of a day's spans is its working time")

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return next(self._working_days_after(day))

    # --- due times ----------------------------------------------------------------------------------------

    def due(
        self,
        received_at: datetime,
        amount: int | Fraction,
        unit: str = Unit.WORKING_DAY,
        *,
        pauses: Iterable[Pause] = (),
    ) -> Due:
        """When the answer is due for what was received complete at `received_at`, and why then.

        The day of receipt is not counted; receipt outside office hours counts from the next opening. `amount` may
        be a fraction only for hours and is ignored by `within_day`.
        """
        if amount < 0:
            raise ValueError("the time allowed must not be negative")
        received = _to_minute(received_at)
        start = self.next_opening(received)
        closed, open_since = _merged(pauses, start)
        at, counting = self._counted(start, amount, Unit(unit))
        pause_lines = []
        for pause in closed:
            at, line = self._moved(at, pause, Unit(unit))
            pause_lines.append(line)
        if unit in (Unit.CALENDAR_DAY, Unit.MONTH):
            landed, roll_lines = self._rolled(at)
        else:
            landed, roll_lines = at, []
        lines = [
            *_receipt_lines(received, start),
            *(self._special_day_lines(start, landed) if not roll_lines and _counts_work(unit) else []),
            *counting,
            *pause_lines,
            *roll_lines,
            *self._uncovered_lines(landed),
        ]
        if open_since:
            lines.append(Line(_("Đang tạm dừng từ %(at)s") % {"at": said_short(open_since)}, _("hạn sẽ dời")))
        lines.append(Line(_("Hạn trả kết quả"), said(landed), strong=True))
        return Due(landed, start, lines, open_since)

    def _counted(self, start: datetime, amount: int | Fraction, unit: Unit) -> tuple[datetime, list[Line]]:
        if unit == Unit.WORKING_HOUR:
            at = self.add_working_time(start, int(amount * HOUR))
            return at, [Line(_("Cộng %(time)s làm việc") % {"time": duration(int(amount * HOUR))}, said(at))]
        if unit == Unit.WITHIN_DAY:
            return self._within_day(start)
        if amount != int(amount):
            raise ValueError("only working hours may be a fraction")
        count = int(amount)
        if unit == Unit.WORKING_DAY:
            walk = self._working_days_after(start.date())
            counted = [next(walk) for _number in range(count)]
            at = self._same_hour(start, counted[-1]) if counted else start
            words = _("Cộng %(count)s ngày làm việc") % {"count": count}
            return at, [Line(f"{words}: {listed(counted)}" if counted else words, said(at))]
        if unit == Unit.CALENDAR_DAY:
            at = start + timedelta(days=count)
            return at, [Line(_("Cộng %(count)s ngày") % {"count": count}, said(at))]
        at = _months_later(start, count)
        return at, [Line(_("Cộng %(count)s tháng") % {"count": count}, said(at))]

    def _within_day(self, start: datetime) -> tuple[datetime, list[Line]]:
        day, second = _split(start)
        late = second > SAME_DAY_UNTIL
        if late:
            day = self.next_working_day(day)
        at = _join(day, self.spans(day)[-1][1])
        words = (
            _("Nhận sau 15:00, giải quyết trong ngày làm việc kế tiếp")
            if late
            else _("Nhận trước 15:00, giải quyết trong ngày")
        )
        return at, [Line(words, said(at))]

    def _same_hour(self, start: datetime, day: date) -> datetime:
        """The hour of receipt on another day; where offices are shut then, the next opening or the closing that day."""
        second = _split(start)[1]
        spans = self.spans(day)
        for opens, closes in spans:
            if second <= closes:
                return _join(day, max(second, opens))
        return _join(day, spans[-1][1])

    def _moved(self, at: datetime, pause: Pause, unit: Unit) -> tuple[datetime, Line]:
        """Give back the time that a closed pause took: office time, or plain time where plain days are counted."""
        began, ended = pause.started_at, pause.ended_at or pause.started_at
        if _counts_work(unit):
            lost = self.working_seconds_between(began, ended)
            moved = self.add_working_time(at, lost) if lost else at
            value = _("+ %(time)s làm việc") % {"time": duration(lost)}
        else:
            moved = at + (ended - began)
            value = "+ " + _plain_duration(int((ended - began).total_seconds()))
        words = _("Tạm dừng chờ bổ sung, %(start)s đến %(end)s")
        return moved, Line(words % {"start": said_short(began), "end": said_short(ended)}, value)

    def _rolled(self, at: datetime) -> tuple[datetime, list[Line]]:
        """A limit in plain days that ends on a day off moves to the next working day; at night, to the opening."""
        if self.is_working_day(at.date()):
            return self._same_hour(at, at.date()), []
        landed = self._same_hour(at, self.next_working_day(at.date()))
        passed = [at.date() + timedelta(days=number) for number in range((landed.date() - at.date()).days)]
        names = [self.days[day].name for day in passed if day in self.days]
        words = _("%(day)s là ngày nghỉ, chuyển sang ngày làm việc kế tiếp") % {
            "day": _weekday_date(at.date())
        }
        provisional = any(not self._is_fixed(day) for day in [*passed, landed.date()])
        return landed, [
            Line(f"{words} ({names[0]})" if names else words, said(landed), provisional=provisional)
        ]

    # --- explanation --------------------------------------------------------------------------------------

    def _special_day_lines(self, start: datetime, end: datetime) -> list[Line]:
        """Days off that would have been working days, in runs, and make-up days that were counted."""
        lines: list[Line] = []
        run: list[Day] = []
        found = (self.days[day] for day in sorted(self.days) if start.date() <= day <= end.date())
        for day in [*found, None]:
            if run and (day is None or day.works or not self._follows(run[-1], day)):
                lines.append(_days_off_line(run))
                run = []
            if day is None:
                break
            if day.works:
                words = _("%(day)s là ngày làm việc: %(name)s") % {
                    "day": _weekday_date(day.date),
                    "name": day.name,
                }
                lines.append(Line(words, _("làm bù"), provisional=day.status != OFFICIAL))
            elif day.date.weekday() < 5:
                run.append(day)
        return lines

    def _follows(self, before: Day, day: Day) -> bool:
        """Is `day` the next working weekday after `before`, on the same footing?"""
        gap = (day.date - before.date).days
        adjacent = all((before.date + timedelta(days=step)).weekday() >= 5 for step in range(1, gap))
        return adjacent and (before.status == OFFICIAL) == (day.status == OFFICIAL)

    def _uncovered_lines(self, end: datetime) -> list[Line]:
        if end.date() <= self.covered_until:
            return []
        words = _("Lịch nghỉ năm %(year)s chưa có trong hệ thống") % {"year": end.year}
        return [Line(words, _("hạn có thể dời"), provisional=True)]

    def _is_fixed(self, day: date) -> bool:
        special = self.days.get(day)
        return special is None or special.status == OFFICIAL

    # --- sums ---------------------------------------------------------------------------------------------

    def _working_days_after(self, day: date) -> Iterator[date]:
        while day < LAST_DAY:
            day += timedelta(days=1)
            if self.is_working_day(day) and self.spans(day):
                yield day
        raise OutsideCalendar(f"no working day before {LAST_DAY}")

    def _worked(self, moment: tuple[date, int]) -> int:
        """Working seconds from FIRST_DAY to the moment."""
        day, second = moment
        index = (day - FIRST_DAY).days
        if index >= len(self._before):
            self._grow(index + 400)
        today = sum(max(0, min(second, closes) - opens) for opens, closes in self.spans(day))
        return self._before[index] + today

    def _grow(self, size: int) -> None:
        size = min(size, (LAST_DAY - FIRST_DAY).days + 2)
        if len(self._before) >= size:
            raise OutsideCalendar(f"the calendar ends on {LAST_DAY}")
        # Built aside and swapped in, so that a second thread never sees half a list.
        before = list(self._before)
        for index in range(len(before) - 1, size - 1):
            day = FIRST_DAY + timedelta(days=index)
            before.append(before[-1] + sum(closes - opens for opens, closes in self.spans(day)))
        self._before = before


# --- pieces -----------------------------------------------------------------------------------------------


def _counts_work(unit: str) -> bool:
    return unit not in (Unit.CALENDAR_DAY, Unit.MONTH)


def _by_validity(hours: Sequence[Hours]) -> tuple[list[date], list[tuple[Span, ...]]]:
    """Opening intervals for each stretch of dates; overlapping rows are joined, a stretch without any takes the default."""
    ends = {row.valid_to for row in hours if row.valid_to}
    changes = sorted({FIRST_DAY} | {row.valid_from for row in hours} | ends)
    stretches = []
    for change in changes:
        valid = [
            row
            for row in hours
            if row.valid_from <= change and (row.valid_to is None or change < row.valid_to)
        ]
        stretches.append(_joined(valid or DEFAULT_HOURS))
    return changes, stretches


def _joined(rows: Iterable[Hours]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for opens, closes in sorted((_seconds(row.opens), _seconds(row.closes)) for row in rows):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
        else:
            spans.append((opens, closes))
    return tuple(spans)


def _seconds(clock: time) -> int:
    return clock.hour * HOUR + clock.minute * MINUTE + clock.second


def _merged(pauses: Iterable[Pause], start: datetime) -> tuple[list[Pause], datetime | None]:
    """Closed pauses cut at `start` and joined where they overlap, and since when the clock stands now."""
    closed: list[Pause] = []
    open_since: datetime | None = None
    minutes = [
        Pause(_to_minute(pause.started_at), pause.ended_at and _to_minute(pause.ended_at), pause.reason)
        for pause in pauses
    ]
    for pause in sorted(minutes, key=lambda pause: pause.started_at):
        began = max(pause.started_at, start)
        if pause.ended_at is None:
            open_since = min(began, open_since or began)
            continue
        if pause.ended_at < pause.started_at:
            raise ValueError("a pause ends before it begins")
        if pause.ended_at <= began:
            continue
        if closed and began <= (closed[-1].ended_at or began):
            last = closed.pop()
            ended = max(last.ended_at or began, pause.ended_at)
            closed.append(Pause(last.started_at, ended, last.reason))
        else:
            closed.append(Pause(began, pause.ended_at, pause.reason))
    if open_since is None:
        return closed, None
    # What lies inside the open pause is not counted twice.
    cut = [Pause(one.started_at, min(one.ended_at or open_since, open_since), one.reason) for one in closed]
    return [one for one in cut if one.ended_at and one.started_at < one.ended_at], open_since


def _months_later(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def _split(moment: datetime) -> tuple[date, int]:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    local = moment.astimezone(VIETNAM)
    if not FIRST_DAY <= local.date() <= LAST_DAY:
        raise OutsideCalendar(f"the calendar counts from {FIRST_DAY} to {LAST_DAY}")
    return local.date(), local.hour * HOUR + local.minute * MINUTE + local.second


def _join(day: date, second: int) -> datetime:
    # No summer time in Vietnam since 1975: midnight plus seconds is the hour on the wall.
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM) + timedelta(seconds=second)


def _to_minute(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(VIETNAM).replace(second=0, microsecond=0)


# --- words ------------------------------------------------------------------------------------------------


WEEKDAYS = (
    gettext_noop("thứ Hai"),
    gettext_noop("thứ Ba"),
    gettext_noop("thứ Tư"),
    gettext_noop("thứ Năm"),
    gettext_noop("thứ Sáu"),
    gettext_noop("thứ Bảy"),
    gettext_noop("Chủ nhật"),
)


def weekday(day: date) -> str:
    return _(WEEKDAYS[day.weekday()])


def said(moment: datetime) -> str:
    """«10:20 thứ Năm 19/11»"""
    local = moment.astimezone(VIETNAM)
    return f"{local:%H:%M} {weekday(local)} {local:%d/%m}"


def said_in_full(moment: datetime) -> str:
    """«16:50 thứ Sáu 27/11/2026»"""
    local = moment.astimezone(VIETNAM)
    return f"{local:%H:%M} {weekday(local)} {local:%d/%m/%Y}"


def said_short(moment: datetime) -> str:
    """«14:00 20/11»"""
    return f"{moment.astimezone(VIETNAM):%H:%M %d/%m}"


def duration(seconds: int) -> str:
    """Working time to the minute: «4 giờ 30», «2 ngày 1 giờ», «40 phút» (1 ngày = 8 giờ)."""
    days, rest = divmod(seconds // MINUTE, WORKING_DAY_SECONDS // MINUTE)
    hours, minutes = divmod(rest, 60)
    parts = [_("%(count)s ngày") % {"count": days}] if days else []
    if hours:
        parts.append(_("%(count)s giờ") % {"count": hours} + (f" {minutes:02d}" if minutes else ""))
    elif minutes or not days:
        parts.append(_("%(count)s phút") % {"count": minutes})
    return " ".join(parts)


def listed(days: Sequence[date]) -> str:
    """«20, 23, 25, 26, 27/11»; a new month starts after a semicolon; long lists show their ends."""
    if len(days) > 12:
        return _("%(first)s … %(last)s") % {"first": listed(days[:3]), "last": listed(days[-1:])}
    words = f"{days[0]:%d}"
    for before, day in pairwise(days):
        words += f", {day:%d}" if before.month == day.month else f"/{before:%m}; {day:%d}"
    return f"{words}/{days[-1]:%m}"


def _plain_duration(seconds: int) -> str:
    days, rest = divmod(seconds // MINUTE, DAY // MINUTE)
    hours, minutes = divmod(rest, 60)
    named = [(days, _("%(count)s ngày")), (hours, _("%(count)s giờ")), (minutes, _("%(count)s phút"))]
    return " ".join(words % {"count": count} for count, words in named if count) or _("0 phút")


def _weekday_date(day: date) -> str:
    name = weekday(day)
    return f"{name[0].upper()}{name[1:]} {day:%d/%m}"


def _receipt_lines(received: datetime, start: datetime) -> list[Line]:
    lines = [Line(_("Tiếp nhận đủ hồ sơ"), said(received))]
    if start != received:
        lines.append(Line(_("Ngoài giờ làm việc, tính từ giờ mở cửa kế tiếp"), said(start)))
    return lines


def _days_off_line(run: Sequence[Day]) -> Line:
    first, last = run[0], run[-1]
    provisional = first.status != OFFICIAL
    if first is last:
        words = _("%(day)s không tính: %(name)s") % {"day": _weekday_date(first.date), "name": first.name}
        return Line(words, _("nghỉ"), provisional=provisional)
    words = _("%(first)s đến %(last)s không tính: %(name)s – %(last_name)s") % {
        "first": f"{first.date:%d/%m}",
        "last": f"{last.date:%d/%m}",
        "name": first.name,
        "last_name": last.name,
    }
    return Line(words, _("nghỉ %(count)s ngày") % {"count": len(run)}, provisional=provisional)
