"""The sequencer by hand: what beat does each second."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.models import AuditWaiting
from core.transparency import holders, sequencer, stamping


class Command(BaseCommand):
    help = "Đánh số, ký các sự kiện nhật ký đang chờ; thêm --export để gửi gốc tới nơi giữ, --stamp để xin dấu thời gian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", action="store_true", help="Gửi các lô mới tới mọi nơi giữ.")
        parser.add_argument("--stamp", action="store_true", help="Xin dấu thời gian cho lô mới nhất.")

    def handle(self, *, export: bool, stamp: bool, **options: Any) -> None:
        closed = 0
        while new := sequencer.run():
            closed += new
        self.stdout.write(f"Đã chốt {closed} lô, còn {AuditWaiting.objects.count()} sự kiện chờ.")
        if stamp:
            self.stdout.write(
                "Đã có dấu thời gian mới." if stamping.stamp_latest() else "Không cần dấu thời gian mới."
            )
        if export:
            self.stdout.write(f"Đã gửi {holders.export()} lô tới nơi giữ.")
