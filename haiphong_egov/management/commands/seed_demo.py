"""Invented people and cases. Only with DEBUG, once: what stands is left alone."""

import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from haiphong_egov.seeds import cases, papers, people, reorganisation, rights, signed
from haiphong_egov.seeds.invention import Invention
from onecase.models import Procedure
from org.models import User

SEED = 2026


class Command(BaseCommand):
    help = (
        "Tạo người và hồ sơ mẫu (hư cấu) cho bản demo. Chạy lại không làm gì thêm. "
        "Lịch sử hồ sơ dừng ở ngày làm việc trước ngày --today."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, default=None, help="Ngày neo (yyyy-mm-dd).")
        parser.add_argument(
            "--seed", type=int, default=SEED, help="Số gieo: cùng số thì cùng người, cùng hồ sơ."
        )
        parser.add_argument(
            "--no-signing", action="store_true", help="Không ký số hồ sơ nào, không cấp khóa."
        )

    def handle(self, *, today: date | None, seed: int, no_signing: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Dữ liệu mẫu chỉ dùng khi DEBUG=1: người và mật khẩu đều hư cấu.")
        people_list = Path(settings.DATA_DIR) / "demo_people.json"
        identities = Path(settings.DATA_DIR) / "demo_identities.json"
        if User.objects.filter(email=people.ADMIN).exists():
            people.give_second_factors()
            people.write_list(people_list)
            people.write_identities(identities)
            self.stdout.write("Dữ liệu mẫu đã có, không làm gì thêm.")
            return
        if not Procedure.objects.exists():
            raise CommandError("Chưa có danh mục. Chạy ./manage.py load_reference trước.")
        began = time.monotonic()
        real_today = timezone.localdate()
        with transaction.atomic():
            signing = not no_signing and today in (None, real_today)
            rng = Random(seed)  # noqa: S311
            made = self._seed(rng, today or real_today, seed=seed, signing=signing, keys=not no_signing)
        people.write_list(people_list)
        people.write_identities(identities)
        self.stdout.write(f"{made} {time.monotonic() - began:.1f} giây.")

    def _seed(self, rng: Random, today: date, *, seed: int, signing: bool, keys: bool) -> str:
        invention = Invention(rng)
        cast = people.seed(invention)
        issued = people.issue_keys(cast) if keys else 0
        chronicle = cases.Chronicle(cast, invention, today=today)
        told = chronicle.invent()
        chronicle.write(told)
        written = papers.seed(cast, today=today, seed=seed, keys=keys)
        count = signed.go_on(told, signing=signing)
        rights.seed(cast, invention, keys=keys)
        reorganisation.seed(cast, invention)
        letters = papers.go_on(written, signing_now=signing)
        people.give_second_factors()
        staff, citizens = len(cast.staff), len(cast.citizens)
        return (
            f"Đã tạo {staff} cán bộ, {citizens} công dân, {len(told)} hồ sơ, {letters} văn bản, {issued} khóa, "
            f"{count} hồ sơ ký số;"
        )
