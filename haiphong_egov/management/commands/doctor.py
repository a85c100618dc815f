"""Checks an installation from within: what /readyz asks, and what only a person at the machine can mend."""

import ctypes
import json
import platform
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandParser

from haiphong_egov import health
from haiphong_egov.health import NotReady, Part
from org.actions.units import contradictions


def python_version() -> str:
    return platform.python_version()


def paper_libraries() -> str:
    missing = []
    for library, package in (
        ("libpango-1.0.so.0", "libpango-1.0-0"),
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    ):
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if missing:
        raise NotReady(f"Thiếu thư viện để in giấy tờ: sudo apt-get install -y {' '.join(missing)}")
    return ""


def configuration() -> str:
    """What Django says about these settings; with DEBUG off, the deployment checks as well."""
    found = [message for message in checks.run_checks(include_deployment_checks=not settings.DEBUG)
             if message.level >= checks.WARNING and not message.is_silenced()]  # fmt: skip
    if found:
        raise NotReady("; ".join(f"{message.id}: {message.msg}" for message in found))
    return "bản thử (DEBUG=1)" if settings.DEBUG else ""


def virus_scanner() -> str:
    return settings.CLAMD or "không dùng (CLAMD chưa đặt)"


def sms() -> str:
    if settings.SMS_URL:
        return str(settings.SMS_URL)
    return (
        "ghi ra tệp (bản thử)"
        if settings.DEBUG
        else "không có (SMS_URL chưa đặt): không xác nhận được số điện thoại"
    )


def units() -> str:
    """Each unit's own columns mirror its version of today."""
    if wrong := contradictions():
        raise NotReady(
            f"{len(wrong)} đơn vị không khớp phiên bản của hôm nay: {', '.join(wrong[:5])}. "
            "Chạy việc org.begin_versions, hoặc xem /quan-tri/."
        )
    return ""


LOCAL: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("python", "Python", python_version),
    ("paper_libraries", "Thư viện in giấy tờ", paper_libraries),
    ("configuration", "Cấu hình", configuration),
    ("virus_scanner", "Quét vi-rút", virus_scanner),
    ("sms", "Tin nhắn SMS", sms),
    ("units", "Đơn vị theo thời gian", units),
)


class Command(BaseCommand):
    help = "Kiểm tra bản cài đặt này: từng phần có hoạt động không, thiếu gì, sửa thế nào. Mã thoát 1 nếu có phần hỏng."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON.")

    def handle(self, *, json: bool, **options: Any) -> None:
        parts = [*(health.look(*row) for row in LOCAL), *health.parts()]
        self._print_json(parts) if json else self._print(parts)
        if not all(part.ready for part in parts):
            sys.exit(1)

    def _print(self, parts: Iterable[Part]) -> None:
        for part in parts:
            self.stdout.write(
                f"{'✓' if part.ready else '✗'} {part.label}" + (f": {part.note}" if part.note else "")
            )

    def _print_json(self, parts: Iterable[Part]) -> None:
        self.stdout.write(json.dumps([part.as_json() for part in parts], ensure_ascii=False, indent=1))
