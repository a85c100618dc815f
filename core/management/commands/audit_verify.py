"""Is the audit trail what it was? See core/transparency/verify.py."""

import json as json_module
import os
import sys
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import AuditBatch
from core.transparency import verify

PARALLEL_FROM = 20_000  # events: below that a second process costs more than it brings


class Command(BaseCommand):
    help = (
        "Kiểm tra toàn bộ nhật ký: sự kiện, số thứ tự, cây Merkle, chuỗi, chữ ký, dấu thời gian, bản ở nơi giữ. "
        "Mã thoát 1 nếu có chỗ bị sửa, xóa, đổi chỗ, cắt."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        wanted = "số lô, hoặc ngày YYYY-MM-DD hay dd/mm/yyyy"
        parser.add_argument("--from", dest="first", metavar="LÔ|NGÀY", help=f"Từ: {wanted}.")
        parser.add_argument("--to", dest="last", metavar="LÔ|NGÀY", help=f"Đến hết: {wanted}.")
        parser.add_argument(
            "--processes", type=int, default=0, help="Số tiến trình; mặc định: hai nếu có hai lõi."
        )
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON.")

    def handle(
        self, *, first: str | None, last: str | None, processes: int, json: bool, **options: Any
    ) -> None:
        newest = AuditBatch.objects.order_by("-number").first()
        alone = newest is None or newest.last_seq < PARALLEL_FROM
        report = verify.verify(
            _begin(first) if first else None,
            _end(last) if last else None,
            processes=processes or (1 if alone else min(2, os.cpu_count() or 1)),
        )
        self._print_json(report) if json else self._print(report)
        if not report.intact:
            sys.exit(1)

    def _print_json(self, report: verify.Report) -> None:
        self.stdout.write(json_module.dumps(asdict(report), ensure_ascii=False, indent=1))

    def _print(self, report: verify.Report) -> None:
        checked = f"{report.events} sự kiện trong {report.batches} lô"
        if report.intact:
            self.stdout.write(f"Nguyên vẹn: {checked}; {report.waiting} sự kiện chờ đánh số.")
        elif fault := report.first_fault:
            place = [
                f"sự kiện {fault.event}" if fault.event else "",
                f"số thứ tự {fault.seq}" if fault.seq else "",
                f"lô {fault.batch}" if fault.batch else "",
            ]
            self.stdout.write(f"KHÔNG NGUYÊN VẸN. {fault.what} ({', '.join(filter(None, place))})")
            self.stdout.write(f"Đã kiểm tra {checked} trước chỗ đó.")
        for name, count in report.holders.items():
            self.stdout.write(f"Đã đối chiếu {count} lô với nơi giữ «{name}».")
        if report.timestamps:
            self.stdout.write(f"Đã kiểm tra {report.timestamps} dấu thời gian.")
        for warning in report.warnings:
            self.stdout.write(f"Lưu ý: {warning}")


def _begin(text: str) -> int:
    """The batch itself, or the first one closed on that day or later."""
    if text.isdigit():
        return int(text)
    found = AuditBatch.objects.filter(closed_at__gte=_midnight(text)).order_by("number").first()
    if found is None:
        raise CommandError(f"Không có lô nào từ ngày {text}.")
    return found.number


def _end(text: str) -> int:
    if text.isdigit():
        return int(text)
    found = AuditBatch.objects.filter(closed_at__lt=_midnight(text, days=1)).order_by("-number").first()
    if found is None:
        raise CommandError(f"Không có lô nào đến ngày {text}.")
    return found.number


def _midnight(text: str, *, days: int = 0) -> datetime:
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day: date = datetime.strptime(text, shape).date()  # noqa: DTZ007  (a day of the city)
        except ValueError:
            continue
        return timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))
    raise CommandError(f"«{text}» không phải số lô hay ngày.")
