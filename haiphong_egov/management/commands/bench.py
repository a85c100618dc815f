"""`manage.py bench`: a table of ratios, each against its floor, and the same as JSON."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from haiphong_egov.bench import measures, papers, reorganisation, trail, world


class Command(BaseCommand):
    help = "Đo hiệu năng trong một cơ sở dữ liệu tạm; in bảng tỷ lệ và ghi bench.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cases", default="10000", help="số hồ sơ, có thể nhiều mức: 10000,1000000; 0: bỏ qua"
        )
        parser.add_argument(
            "--events", default="5000,50000", help="số sự kiện nhật ký; 5000,1000000 để đo đủ; 0: bỏ qua"
        )
        parser.add_argument("--out", default="bench.json")
        parser.add_argument("--seconds", type=float, default=3.0, help="thời gian cho mỗi phép đo")

        parser.add_argument(
            "--reform", default="20000,50000", help="đợt sắp xếp 01/7/2025: số người,số hồ sơ; 0: bỏ qua"
        )

        parser.add_argument(
            "--documents", default="20000", help="số văn bản; 100000,1000000 để đo đủ; 0: bỏ qua"
        )

    def handle(
        self,
        *,
        cases: str,
        events: str,
        out: str,
        seconds: float,
        reform: str,
        documents: str,
        **options: Any,
    ) -> None:
        rows: list[measures.Row] = []
        if cases != "0":
            rows += self._cases(sorted(int(size) for size in cases.split(",")), seconds)
        if events != "0":
            self.stderr.write(f"nhật ký: {events} sự kiện …")
            with world.scratch_database():
                rows += trail.measure(world.build(), sorted(int(size) for size in events.split(",")), seconds)
        if reform != "0":
            people, open_cases = (int(number) for number in reform.split(","))
            self.stderr.write(f"sắp xếp 01/7/2025: {people:,} người, {open_cases:,} hồ sơ …")
            with world.scratch_database():
                rows += [
                    measures.Row(
                        name, value, "s" if "≤" in bar or not bar else "", None, bar, met if bar else None
                    )
                    for name, value, bar, met in reorganisation.measured(people=people, cases=open_cases)
                ]
        if documents != "0":
            with world.scratch_database():
                sizes = sorted(int(size) for size in documents.split(","))
                rows += papers.measure(world.build(), sizes, seconds, self.stderr.write)
        self.stdout.write(f"{'phép đo':<52}{'kết quả':>14}{'tỷ lệ':>9}  ngưỡng")
        for row in rows:
            self.stdout.write(row.line())
        Path(out).write_text(
            json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=1), encoding="utf-8"
        )
        missed = [row.name for row in rows if row.met is False]
        self.stdout.write(f"Không đạt: {', '.join(missed)}" if missed else "Mọi ngưỡng đều đạt.")

    def _cases(self, sizes: list[int], seconds: float) -> list[measures.Row]:
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
        return rows
