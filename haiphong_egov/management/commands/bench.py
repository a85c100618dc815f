"""`manage.py bench`: a table of ratios, each against its floor, and the same as JSON."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from haiphong_egov.bench import measures, world


class Command(BaseCommand):
    help = "Đo hiệu năng trong một cơ sở dữ liệu tạm; in bảng tỷ lệ và ghi bench.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", default="10000", help="số hồ sơ, có thể nhiều mức: 10000,1000000")
        parser.add_argument("--out", default="bench.json")
        parser.add_argument("--seconds", type=float, default=3.0, help="thời gian cho mỗi phép đo")

    def handle(self, *, cases: str, out: str, seconds: float, **options: Any) -> None:
        sizes = sorted(int(size) for size in cases.split(","))
        rows: list[measures.Row] = []
        with world.scratch_database():
            built = world.build()
            for size in sizes:
                self.stderr.write(f"{size:,} hồ sơ: nạp dữ liệu …")
                world.fill(size)
                rows += measures.lists(built, size, seconds)
            rows += measures.growth(rows, sizes)
            rows += measures.creation(built, seconds)
            rows += measures.pure(built, seconds)
        self.stdout.write(f"{'phép đo':<52}{'kết quả':>14}{'tỷ lệ':>9}  ngưỡng")
        for row in rows:
            self.stdout.write(row.line())
        Path(out).write_text(
            json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=1), encoding="utf-8"
        )
        missed = [row.name for row in rows if row.met is False]
        self.stdout.write(f"Không đạt: {', '.join(missed)}" if missed else "Mọi ngưỡng đều đạt.")
