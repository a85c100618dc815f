"""`make demo` ends here."""

import argparse
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from haiphong_egov import demo
from haiphong_egov.embedded import EmbeddedServerError


class Command(BaseCommand):
    help = "Chạy bản demo: máy chủ, chứng thư thử nghiệm, dữ liệu mẫu, web, worker, beat. Ctrl-C để dừng."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="Xóa dữ liệu demo rồi kết thúc.")
        parser.add_argument("--yes", action="store_true", help="Không hỏi lại khi xóa.")
        parser.add_argument("--logs", action="store_true", help="In nhật ký của các tiến trình ra màn hình.")
        parser.add_argument(
            "--once-ready",
            nargs=argparse.REMAINDER,
            metavar="LỆNH",
            default=[],
            help="Khi đã sẵn sàng thì chạy LỆNH (E2E_BASE_URL chứa địa chỉ), rồi dừng với mã thoát của nó.",
        )

    def handle(self, *, reset: bool, yes: bool, logs: bool, once_ready: list[str], **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Bản demo không chạy với DEBUG=0: dữ liệu và chứng thư của nó là hư cấu.")
        try:
            if reset:
                self._reset(yes=yes)
            elif status := demo.Demo(say=self._say, follow=logs).run(once_ready):
                sys.exit(status)
        except (demo.DemoError, EmbeddedServerError) as error:
            raise CommandError(str(error)) from error

    def _reset(self, *, yes: bool) -> None:
        demo.reset(say=self._say, confirm=lambda question: yes or self._ask(question))

    def _ask(self, question: str) -> bool:
        return sys.stdin.isatty() and input(f"{question} (gõ «xóa») ").strip().lower() in {
            "xóa",
            "xoá",
            "xoa",
        }

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
