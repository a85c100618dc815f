"""Which units hold the territory of an older one: both hops, partial splits told as such."""

import json as json_format
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.loading import SINCE
from org import succession
from org.models import AdminUnit
from org.succession import Hop, TerritoryHeir

EXTENTS = {"whole": "toàn bộ", "part": "một phần"}


class Command(BaseCommand):
    help = (
        "Đơn vị hành chính nào giữ địa bàn của một đơn vị cũ. Mã thống kê đổi chủ theo thời gian, nên phải nói mã của "
        "ngày nào (--as-of). Địa bàn bị chia không bao giờ được coi là chuyển trọn."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--code", required=True, help="Mã thống kê: 5 số (xã), 3 số (huyện), 2 số (tỉnh)."
        )
        parser.add_argument("--as-of", required=True, metavar="YYYY-MM-DD", help="Mã của ngày này.")
        parser.add_argument("--on", metavar="YYYY-MM-DD", default="", help="Ngày hỏi; mặc định hôm nay.")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON.")

    def handle(self, *, code: str, as_of: str, on: str, json: bool, **options: Any) -> None:
        then, asked = _day(as_of), _day(on) if on else timezone.localdate()
        if asked < then:
            raise CommandError(f"Ngày hỏi {asked:%d/%m/%Y} trước ngày của mã {then:%d/%m/%Y}.")
        unit = _unit(code.strip(), then)
        walk = succession.territory_walk(unit, asked, as_of=then)
        if json:
            told = {
                "code": unit.code,
                "name": unit.full_name,
                "as_of": then.isoformat(),
                "on": asked.isoformat(),
                "complete": walk.is_complete,
                "successors": [_heir(heir) for heir in walk.heirs],
                "hops": [_hop(hop) for hop in walk.hops],
            }
            self.stdout.write(json_format.dumps(told, ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{unit.code} {_with_path(unit)}, ngày {then:%d/%m/%Y}. Ngày {asked:%d/%m/%Y}:")
        for heir in walk.heirs:
            people = " (nhận toàn bộ dân cư)" if heir.extent == "part" and heir.has_all_residents else ""
            basis = f", {heir.basis}" if heir.basis else ""
            self.stdout.write(
                f"  {heir.unit.code} {_with_path(heir.unit)}: {EXTENTS[heir.extent]}{people}, "
                f"từ {heir.effective_on:%d/%m/%Y}{basis}"
            )
        if not walk.is_complete:
            self.stdout.write("  Có phần địa bàn mà dữ liệu không ghi về đâu.")
        for hop in walk.hops:
            self.stdout.write(
                f"    {hop.effective_on:%d/%m/%Y}  {hop.old.code} {hop.old.full_name} → {hop.new.code} "
                f"{hop.new.full_name} ({EXTENTS[_extent(hop)]})"
            )


def _day(text: str) -> date:
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise CommandError(f"Không đọc được ngày «{text}». Viết như 2025-06-30 hoặc 30/06/2025.")


def _unit(code: str, day: date) -> AdminUnit:
    if day < SINCE:
        raise CommandError(f"Dữ liệu bắt đầu từ {SINCE:%d/%m/%Y}; không biết mã của ngày {day:%d/%m/%Y}.")
    unit = AdminUnit.objects.valid_on(day).filter(code=code).select_related("parent").first()
    if unit is not None:
        return unit
    lives = AdminUnit.objects.filter(code=code).order_by("valid_from")
    if not lives:
        raise CommandError(f"Không có đơn vị hành chính nào mang mã «{code}».")
    told = "; ".join(
        f"{life.full_name} từ {life.valid_from:%d/%m/%Y}"
        + (f" đến trước {life.valid_to:%d/%m/%Y}" if life.valid_to else "")
        for life in lives
    )
    raise CommandError(f"Ngày {day:%d/%m/%Y} không có đơn vị nào mang mã {code}. Mã này thuộc: {told}.")


def _with_path(unit: AdminUnit) -> str:
    return f"{unit.full_name}, {unit.parent.full_name}" if unit.parent else unit.full_name


def _heir(heir: TerritoryHeir) -> dict[str, Any]:
    return {
        "code": heir.unit.code,
        "name": heir.unit.full_name,
        "extent": heir.extent,
        "valid_from": heir.unit.valid_from.isoformat(),
        "effective_on": heir.effective_on.isoformat(),
        "all_residents": heir.has_all_residents,
        "legal_basis": heir.basis,
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "date": hop.effective_on.isoformat(),
        "from": {"code": hop.old.code, "name": hop.old.full_name},
        "to": {"code": hop.new.code, "name": hop.new.full_name},
        "relation": hop.relation,
        "extent": _extent(hop),
        "detail": hop.extent,
        "legal_basis": hop.basis,
        "note": hop.note,
    }


def _extent(hop: Hop) -> str:
    return "whole" if hop.extent == "whole" else "part"
