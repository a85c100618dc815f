"""The deadline clock on the command line, for the default office hours."""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from core import office_calendar
from core.calendar import VIETNAM, Due, OutsideCalendar, Pause, Unit, WorkingCalendar, said_in_full

# More than any limit in law: a typing error, not a deadline.
AMOUNT_MAX = {Unit.WORKING_DAY: 2_000, Unit.WORKING_HOUR: 16_000, Unit.CALENDAR_DAY: 3_000, Unit.MONTH: 120}


class Command(BaseCommand):
    help = "Tính hạn trả kết quả theo lịch làm việc và giờ hành chính mặc định, kèm cách tính từng dòng."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="received", required=True, metavar="YYYY-MM-DD HH:MM")
        limit = parser.add_mutually_exclusive_group(required=True)
        limit.add_argument("--working-days", metavar="N")
        limit.add_argument("--working-hours", metavar="N")
        limit.add_argument("--calendar-days", metavar="N")
        limit.add_argument("--months", metavar="N")
        limit.add_argument("--within-day", action="store_true")
        parser.add_argument("--pause", action="append", default=[], metavar="FROM/TO")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, received: str, pause: list[str], json: bool, **options: Any) -> None:
        start = _moment(received)
        unit, amount = _limit(options)
        pauses = [_pause(text) for text in pause]
        try:
            due = _calendar().due(start, amount, unit, pauses=pauses)
        except (OutsideCalendar, OverflowError) as error:
            raise CommandError(_("Ngày nằm ngoài những năm mà lịch tính được (1990 đến 2199).")) from error
        if json:
            self.stdout.write(_as_json(due))
            return
        for line in due.lines[:-1]:
            self.stdout.write(str(line))
        self.stdout.write(_("Hạn trả kết quả → %(due)s") % {"due": said_in_full(due.at)})


def _calendar() -> WorkingCalendar:
    """What is on file; without a database, or before it is migrated, what ships with the product."""
    try:
        return office_calendar.load()
    except DatabaseError:
        return office_calendar.shipped()


def _as_json(due: Due) -> str:
    answer = {"due": due.at.isoformat(), "explanation": [str(line) for line in due.lines]}
    if due.paused_since:
        answer["paused_since"] = due.paused_since.isoformat()
    return json.dumps(answer, ensure_ascii=False)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        wrong = _("Không đọc được thời điểm «%(text)s». Ghi năm-tháng-ngày giờ:phút, ví dụ 2026-02-13 09:00.")
        raise CommandError(wrong % {"text": text}) from error
    if len(text.strip()) <= 10:
        raise CommandError(_("Thiếu giờ ở «%(text)s». Ghi cả giờ, ví dụ 2026-02-13 09:00.") % {"text": text})
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment


def _limit(options: dict[str, Any]) -> tuple[Unit, int | Fraction]:
    if options["within_day"]:
        return Unit.WITHIN_DAY, 0
    given = {
        Unit.WORKING_DAY: options["working_days"],
        Unit.WORKING_HOUR: options["working_hours"],
        Unit.CALENDAR_DAY: options["calendar_days"],
        Unit.MONTH: options["months"],
    }
    unit, text = next((unit, text) for unit, text in given.items() if text is not None)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise CommandError(_("«%(text)s» không phải là số.") % {"text": text}) from error
    whole = unit != Unit.WORKING_HOUR
    if not amount.is_finite() or amount <= 0 or (whole and amount != int(amount)):
        kind = _("số nguyên lớn hơn 0") if whole else _("số lớn hơn 0")
        raise CommandError(
            _("Thời hạn phải là %(kind)s, không phải «%(text)s».") % {"kind": kind, "text": text}
        )
    if amount > AMOUNT_MAX[unit]:
        wrong = _("Thời hạn «%(text)s» lớn hơn mức %(cap)s %(unit)s.")
        raise CommandError(wrong % {"text": text, "cap": AMOUNT_MAX[unit], "unit": unit.label})
    return unit, Fraction(amount)


def _pause(text: str) -> Pause:
    began, slash, ended = text.partition("/")
    if not slash:
        wrong = _(
            "Không đọc được khoảng tạm dừng «%(text)s». Ghi TỪ/ĐẾN, ví dụ 2026-11-20 14:00/2026-11-23 08:30."
        )
        raise CommandError(wrong % {"text": text})
    pause = Pause(_moment(began), _moment(ended) if ended.strip() else None)
    if pause.ended_at is not None and pause.ended_at < pause.started_at:
        raise CommandError(_("Khoảng tạm dừng «%(text)s» kết thúc trước khi bắt đầu.") % {"text": text})
    return pause
