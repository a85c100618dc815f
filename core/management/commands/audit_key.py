"""A new key for the transparency log, and the public keys that are published now."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.transparency import keys


class Command(BaseCommand):
    help = "Liệt kê khóa công khai của nhật ký; --new FILE tạo khóa ký mới, ghi vào tệp (không ghi đè)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", metavar="FILE")

    def handle(self, *, new: str | None, **options: Any) -> None:
        for key in keys.published().values():
            self.stdout.write(f"{key.id}  {key.text}  {'đang dùng' if key.is_current else 'đã thôi dùng'}")
        if new:
            self._make(Path(new))

    def _make(self, path: Path) -> None:
        secret, public = keys.new_secret()
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(f"Không tạo được {path}: {error.strerror}") from error
        path.write_text(secret + "\n")
        self.stdout.write(f"{public.id}  {public.text}  mới, trong {path}")
        self.stdout.write(
            "Đặt AUDIT_KEY_FILE tới tệp này, thêm khóa công khai cũ vào AUDIT_KEYS_PUBLISHED, khởi động lại."
        )
