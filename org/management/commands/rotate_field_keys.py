"""Seal every encrypted column again under the newest of FIELD_KEYS (docs/identity.md)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from org import rotation, sealed
from org.rotation import Count


class Command(BaseCommand):
    help = (
        "Mã hóa lại mọi cột bằng khóa mới nhất (đứng đầu FIELD_KEYS). Dừng giữa chừng thì chạy lại là đi tiếp; "
        "chạy lần nữa không đổi gì. --check chỉ đếm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="chỉ đếm; mã thoát 1 khi còn dòng dưới khóa cũ"
        )
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="số dòng mỗi lần ghi")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, check: bool, batch: int, json: bool, **options: Any) -> None:
        counts = {}
        for column in sealed.columns():

            def tell(count: Count, name: str = str(column)) -> None:
                if not json:
                    self.stdout.write(
                        f"{name}: {count.rows} dòng, {count.old} dưới khóa cũ, {count.resealed} đã đổi"
                    )

            counts[str(column)] = rotation.rotate(column, apply=not check, batch=max(batch, 1), after=tell)
        self._sum_up(counts, as_json=json)
        left = sum(count.old - count.resealed for count in counts.values())
        if left:
            raise CommandError(
                f"Còn {left} dòng chưa dưới khóa mới nhất. Giữ khóa cũ trong FIELD_KEYS.", returncode=1
            )

    def _sum_up(self, counts: dict[str, Count], *, as_json: bool) -> None:
        if as_json:
            facts = {
                name: {"rows": c.rows, "old": c.old, "resealed": c.resealed, "unreadable": c.unreadable}
                for name, c in counts.items()
            }
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name, count in counts.items():
            trouble = f", {count.unreadable} không khóa nào mở được" if count.unreadable else ""
            self.stdout.write(
                f"Xong {name}: {count.rows} dòng, {count.old} dưới khóa cũ, {count.resealed} đã đổi{trouble}"
            )
