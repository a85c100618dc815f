"""The six digits that the demo's authenticator app shows now. Only with DEBUG."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from haiphong_egov.seeds.people import TOTP_SECRET

PERIOD = 30


class Command(BaseCommand):
    help = "In mã 6 chữ số của ứng dụng xác thực dùng chung cho cán bộ trong bản demo."

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Mã mẫu chỉ có khi DEBUG=1.")
        now = time.time()
        self.stdout.write(format_hotp_value(hotp_value(TOTP_SECRET, int(now // PERIOD))))
        left = PERIOD - int(now % PERIOD)
        self.stderr.write(f"còn {left} giây; mỗi mã dùng một lần cho mỗi người")
