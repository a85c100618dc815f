"""Demo rights: a unit administrator, an auditor, more hats, power handed over, leave covered, an emergency to judge."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from core import audit
from haiphong_egov.seeds import people
from haiphong_egov.seeds.invention import Invention
from haiphong_egov.seeds.people import Cast, Seat
from onecase.models import Case
from org.choices import AssignmentKind, DelegationKind, Role
from org.models import Assignment, BreakGlass, Delegation, GrantRequest, Organization, Position, RoleGrant
from signing import demo_pki
from signing.choices import KeyKind

UBND, OFFICE = "ubnd-phuong-ngo-quyen", "vp-phuong-ngo-quyen"
SEATS = [
    Seat("quantri.nq", "chuyen-vien", OFFICE, ((Role.UNIT_ADMIN, UBND),)),
    Seat("kiemtra.nq", "chuyen-vien", OFFICE, ((Role.AUDITOR, UBND),)),
]
DEEP = (Role.UNIT_ADMIN, Role.AUDITOR, Role.HR_OFFICER)
REASON = "Người dân báo không tải được kết quả; kiểm tra tệp theo phiếu hỗ trợ số 117 của tổng đài."


def seed(cast: Cast, invention: Invention, *, keys: bool) -> None:
    """Call inside `atomic`, after the cases."""
    people_of = cast.staff | people.more_staff(SEATS, make_password(people.PASSWORD), invention, cast.admin)
    EmailAddress.objects.bulk_create(
        EmailAddress(
            user=people_of[seat.email], email=people_of[seat.email].email, verified=True, primary=True
        )
        for seat in SEATS
    )
    RoleGrant.objects.filter(role__in=DEEP).update(include_descendants=True)
    _second_hat(people_of["vanphong.vb"], cast.admin)
    _handed_over(people_of)
    _asked(people_of)
    _emergency(cast)
    if keys:
        demo_pki.issue_demo_key(owner_user=people_of["vanphong.nq"], kind=KeyKind.PERSONAL, pin=people.PIN)


def _second_hat(user: Any, admin: Any) -> None:
    centre = Organization.objects.get(slug="ttpvhcc-xa-vinh-bao")
    hat = Assignment.objects.create(
        person=user.person,
        organization=centre,
        position=Position.objects.get(code="giam-doc-ttpvhcc"),
        kind=AssignmentKind.ACTING,
        rank=1,
        decision_no="(dữ liệu mẫu)",
        valid_from=people.SINCE,
    )
    RoleGrant.objects.create(
        assignment=hat,
        role=Role.COUNTER_OFFICER,
        organization=centre,
        valid_from=people.SINCE,
        granted_by=admin,
    )


def _handed_over(people_of: dict[str, Any]) -> None:
    today = timezone.localdate()
    rows: tuple[tuple[str, str, DelegationKind, Role, dict[str, list[str]], str, int], ...] = (
        (
            "chutich.nq",
            "vanphong.nq",
            DelegationKind.MANDATE,
            Role.LEADER,
            {"fields": ["Hộ tịch"]},
            "15/GUQ-UBND",
            12,
        ),
        ("hotich2.nq", "hotich.nq", DelegationKind.DUTY_COVER, Role.CASE_OFFICER, {}, "04/PC-VP", 5),
    )
    for giver, taker, kind, role, scope, document_no, days in rows:
        made = Delegation.objects.create(
            giver=_hat(people_of[giver]),
            taker=_hat(people_of[taker]),
            kind=kind,
            roles=[role],
            scope=scope,
            document_no=document_no,
            valid_from=today - timedelta(days=2),
            valid_to=today + timedelta(days=days),
            created_by=people_of[giver],
        )
        audit.record("delegation.give", actor=people_of[giver], subject=made, after=kind, note=document_no)


def _asked(people_of: dict[str, Any]) -> None:
    request = GrantRequest.objects.create(
        assignment=_hat(people_of["hotich2.nq"]),
        role=Role.CLERK,
        organization=Organization.objects.get(slug=UBND),
        valid_from=timezone.localdate(),
        reason="Văn thư nghỉ thai sản từ tháng sau",
        asked_by=people_of["quantri.nq"],
        asked_at=timezone.now(),
    )
    audit.record(
        "grant.ask", actor=people_of["quantri.nq"], subject=request, after=Role.CLERK, note=request.reason
    )


def _emergency(cast: Cast) -> None:
    """Two days ago, closed since, not judged yet."""
    case = (
        Case.objects.filter(agency__slug=UBND, handling_unit__slug=OFFICE, code__isnull=False)
        .select_related("procedure")
        .order_by("pk")
        .first()
    )
    if case is None or case.handling_unit_id is None:
        return
    opened_at = timezone.now() - timedelta(days=2)
    opened = BreakGlass.objects.create(
        user=cast.admin,
        subject_type=audit.subject_type(case),
        subject_id=case.pk,
        subject_label=f"{case.code} · {case.procedure.name}"[:200],
        unit_id=case.handling_unit_id,
        reason=REASON,
        opened_at=opened_at,
        closes_at=opened_at + timedelta(hours=1),
    )
    for event in ("break_glass.open", "break_glass.read"):
        audit.record(
            event, actor=cast.admin, subject=case, note=REASON, detail={"emergency": opened.pk}, at=opened_at
        )


def _hat(user: Any) -> Assignment:
    return Assignment.objects.get(person__user=user, kind=AssignmentKind.PRIMARY)
