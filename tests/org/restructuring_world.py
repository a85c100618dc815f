"""A small city for restructurings: its committee with planner and approver, and communes that may be merged."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from org.actions import restructuring
from org.choices import OrganizationKind, Role, StepKind
from org.models import AdminUnit, LegalBasis, Restructuring
from tests import factories as make

SINCE = date(2025, 7, 1)


def city() -> SimpleNamespace:
    territory = AdminUnit.objects.create(
        code="31",
        level=1,
        kind="thanh_pho",
        name="Hải Phòng",
        full_name="Thành phố Hải Phòng",
        valid_from=SINCE,
        folded="thanh pho hai phong",
    )
    ubnd = make.organization(
        "Ủy ban nhân dân thành phố Hải Phòng", OrganizationKind.COMMITTEE, symbol="UBND", territory=territory
    )
    ubnd.agency = ubnd
    ubnd.save(update_fields=["agency"])
    centre = make.organization(
        "Trung tâm Phục vụ hành chính công thành phố",
        OrganizationKind.ADMIN_UNIT,
        slug="ttpvhcc-tp",
        symbol="TTPVHCC",
        parent=ubnd,
        agency=ubnd,
    )
    return SimpleNamespace(
        territory=territory,
        ubnd=ubnd,
        centre=centre,
        planner=make.hat("Lê Thu Hằng", ubnd, "Chuyên viên tổ chức", Role.REORGANISER),
        approver=make.hat("Trần Quang Huy", ubnd, "Phó Chủ tịch thành phố", Role.LEADER),
        basis=LegalBasis.objects.create(number="NQ thử nghiệm 01", issuer="Cơ quan thử nghiệm"),
    )


def commune(town: SimpleNamespace, name: str) -> SimpleNamespace:
    place = make.commune(name)
    AdminUnit.objects.filter(pk=place.territory.pk).update(parent=town.territory)
    return place


def new_commune(code: str, name: str, town: SimpleNamespace) -> dict[str, Any]:
    """The description of a new ward with all its parts."""
    lower = f"phường {name}"
    return {
        "unit": f"ubnd-{code}",
        "name": f"Ủy ban nhân dân {lower}",
        "short_name": f"UBND {lower}",
        "symbol": "UBND",
        "kind": OrganizationKind.COMMITTEE,
        "parent": "",
        "agency": "",
        "territory": {
            "code": code,
            "level": 3,
            "kind": "phuong",
            "name": name,
            "full_name": f"Phường {name}",
            "parent": town.territory.code,
        },
        "parts": "commune",
    }


def merge(
    town: SimpleNamespace,
    places: list[SimpleNamespace],
    *,
    code: str = "11999",
    name: str = "Hợp Nhất",
    on: date | None = None,
    rules: dict[str, Any] | None = None,
) -> Restructuring:
    batch = restructuring.create(
        actor=town.planner, title=f"Nhập {len(places)} phường", effective_on=on or date(2026, 1, 1)
    )
    restructuring.put_step(
        batch.pk,
        actor=town.planner,
        kind=StepKind.MERGE,
        old=[{"unit": place.ubnd.slug, "share": "whole"} for place in places],
        new=[new_commune(code, name, town)],
        rules=rules,
    )
    return batch


def approved(town: SimpleNamespace, batch: Restructuring) -> Restructuring:
    restructuring.check(batch.pk, actor=town.planner)
    batch.refresh_from_db()
    assert batch.report["problems"] == []
    return restructuring.approve(batch.pk, actor=town.approver, legal_basis=town.basis, note="Đồng ý")


def applied(town: SimpleNamespace, batch: Restructuring) -> Restructuring:
    approved(town, batch)
    assert restructuring.apply_due(batch.pk), Restructuring.objects.get(pk=batch.pk).last_error
    batch.refresh_from_db()
    return batch
