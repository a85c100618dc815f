"""Reference data of all apps, in the order in which they stand on each other."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import documents.loading
import onecase.loading
import org.loading
from core.loading import NotFit, load_calendar


class Command(BaseCommand):
    help = (
        "Nạp danh mục: đơn vị hành chính, cơ quan, lịch nghỉ, thủ tục, loại văn bản. Chạy lại không tạo thêm, "
        "không ghi đè những gì quản trị đã sửa (trừ khi có --update)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--update", action="store_true", help="Ghi lại cả những dòng đã có theo tệp.")
        parser.add_argument(
            "--as-of",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="Nạp đơn vị như vào ngày đó: chưa có gì bắt đầu sau, những gì kết thúc sau thì còn để mở.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Chỉ kiểm tra và đếm, không lưu.")

    def handle(
        self, *, update: bool, as_of: date | None, dry_run: bool, verbosity: int, **options: Any
    ) -> None:
        began = time.monotonic()
        try:
            with transaction.atomic():
                planted = [
                    *org.loading.load(update=update, as_of=as_of),
                    *load_calendar(update=update),
                    *documents.loading.load(update=update),
                    *onecase.loading.load(update=update),
                ]
                transaction.set_rollback(dry_run)
        except NotFit as error:
            raise CommandError(str(error)) from error
        if verbosity:
            for row in planted:
                self.stdout.write(f"  {row}")
            created, changed = sum(row.created for row in planted), sum(row.changed for row in planted)
            words = "Chưa lưu (thử):" if dry_run else "Đã nạp danh mục:"
            self.stdout.write(
                f"{words} thêm {created}, sửa {changed} dòng, {time.monotonic() - began:.1f} giây."
            )
