"""Demo restructurings, invented and marked as examples: one batch as a draft, one applied to two invented divisions."""

from datetime import date, timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from haiphong_egov.seeds import people
from haiphong_egov.seeds.invention import Invention
from haiphong_egov.seeds.people import Cast, Seat
from org.actions import restructuring, units
from org.choices import OrganizationKind, Role, StepKind
from org.models import LegalBasis, Organization

CITY, OFFICE, DEPARTMENT = "ubnd-tp", "vpubnd-tp", "skhcn"
# Invented parts of a department that the demo's walk does not touch.
DIVISIONS: Final = [
    ("vi-du-phong-ke-hoach", "Phòng Kế hoạch (ví dụ)", "KH"),
    ("vi-du-phong-tong-hop", "Phòng Tổng hợp (ví dụ)", "TH"),
]
PLANNERS: Final = [
    Seat("sapxep.tp", "to-chuc-can-bo", OFFICE, ((Role.REORGANISER, CITY),)),
    Seat("lanhdao.tp", "pho-chu-tich", CITY, ((Role.LEADER, CITY),)),
]
MEMBERS: Final = [
    Seat("kehoach.vd", "truong-phong", DIVISIONS[0][0], ((Role.UNIT_HEAD, DIVISIONS[0][0]),)),
    Seat("tonghop.vd", "chuyen-vien", DIVISIONS[1][0], ((Role.CASE_OFFICER, DIVISIONS[1][0]),)),
]


def seed(cast: Cast, invention: Invention) -> None:
    """Call inside `atomic`, after everybody else."""
    department = Organization.objects.get(slug=DEPARTMENT)
    for slug, name, symbol in DIVISIONS:
        units.found(
            slug=slug,
            name=name,
            short_name=name,
            symbol=symbol,
            kind=OrganizationKind.DIVISION,
            on=date(2025, 7, 1),
            basis=None,
            parent=department,
            agency=department,
            note="Đơn vị tự đặt cho bản dùng thử",
        )
    seats = [*PLANNERS, *MEMBERS]
    made = people.more_staff(seats, make_password(people.PASSWORD), invention, cast.admin)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=made[seat.email], email=made[seat.email].email, verified=True, primary=True)
        for seat in seats
    )
    planner, approver = made["sapxep.tp"], made["lanhdao.tp"]
    _applied(planner, approver)
    _draft(planner)


def _applied(planner: Any, approver: Any) -> None:
    basis, _created = LegalBasis.objects.get_or_create(number="Ví dụ 01/QĐ-UBND", issuer="Văn bản tự đặt")
    batch = restructuring.create(
        actor=planner,
        title="Ví dụ: nhập Phòng Kế hoạch và Phòng Tổng hợp",
        effective_on=timezone.localdate() - timedelta(days=10),
        legal_basis=basis,
    )
    restructuring.put_step(
        batch.pk,
        actor=planner,
        kind=StepKind.MERGE,
        old=[{"unit": slug, "share": "whole"} for slug, _name, _symbol in DIVISIONS],
        new=[
            {
                "unit": "vi-du-phong-ke-hoach-tong-hop",
                "name": "Phòng Kế hoạch - Tổng hợp (ví dụ)",
                "short_name": "Phòng Kế hoạch - Tổng hợp (ví dụ)",
                "symbol": "KHTH",
                "kind": OrganizationKind.DIVISION,
                "parent": DEPARTMENT,
                "agency": DEPARTMENT,
                "territory": None,
            }
        ],
    )
    restructuring.check(batch.pk, actor=planner)
    restructuring.approve(batch.pk, actor=approver, note="Ví dụ")
    restructuring.apply(batch.pk)


def _draft(planner: Any) -> None:
    day = date(timezone.localdate().year + 1, 7, 1)
    batch = restructuring.create(
        actor=planner, title="Ví dụ: nhập phường An Biên và phường Lê Chân", effective_on=day
    )
    slugs = ["ubnd-phuong-an-bien", "ubnd-phuong-le-chan"]
    city = Organization.objects.select_related("territory").get(slug=CITY)
    assert city.territory is not None
    restructuring.put_step(
        batch.pk,
        actor=planner,
        kind=StepKind.MERGE,
        old=[{"unit": slug, "share": "whole"} for slug in slugs],
        new=[
            {
                "unit": "ubnd-phuong-vi-du",
                "name": "Ủy ban nhân dân phường Ví Dụ",
                "short_name": "UBND phường Ví Dụ",
                "symbol": "UBND",
                "kind": OrganizationKind.COMMITTEE,
                "parent": "",
                "agency": "",
                "territory": {
                    "code": "99999",
                    "level": 3,
                    "kind": "phuong",
                    "name": "Ví Dụ",
                    "full_name": "Phường Ví Dụ",
                    "parent": city.territory.code,
                },
                "parts": "commune",
            }
        ],
        note="Phương án tự đặt, không có thật",
    )
