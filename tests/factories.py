"""Small worlds for tests: one commune with its counter, office, leader and clerk, and the people of a case."""

import itertools
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from onecase.choices import BusinessStatus, Channel, LimitUnit
from onecase.models import (
    Case,
    Component,
    ElectronicForm,
    LegalReason,
    Party,
    Procedure,
    ProcedureVersion,
    ResultTemplate,
    Step,
)
from org import tree
from org.actions import units
from org.choices import DelegationKind, OrganizationKind, Role
from org.models import (
    AdminUnit,
    Assignment,
    CitizenIdentity,
    Delegation,
    Organization,
    OrgVersion,
    Person,
    Position,
    RoleGrant,
    User,
)

_numbers = itertools.count(1)
EARLY = date(2025, 7, 1)
PASSWORD = "mat-khau-thu-nghiem"


def user(name: str = "Nguyễn Văn An", **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create(
        **{"email": f"nguoi{number}@example.org", "full_name": name, "phone": f"09120{number:05d}", **fields}
    )


def citizen(name: str = "Phạm Thị Thu Hà", number: str = "", **fields: Any) -> User:
    made = user(name, **fields)
    identity = CitizenIdentity(user=made, birth_on=date(1990, 5, 4), address="số 1 Máy Tơ, phường Thử Nghiệm")
    identity.number = number or f"031190{next(_numbers):06d}"
    identity.save()
    return made


def hat(
    person_name: str, organization: Organization, title: str, *roles: Role, on: Organization | None = None
) -> User:
    """A new account wearing one hat with `roles` on the unit (or on `on`)."""
    account = user(person_name)
    person = Person.objects.create(user=account, full_name=person_name)
    signs_as = "direct" if Role.LEADER in roles else ""
    position, _ = Position.objects.get_or_create(
        code=f"thu-{title}", defaults={"title": title, "is_head": Role.LEADER in roles, "signs_as": signs_as}
    )
    assignment = Assignment.objects.create(
        person=person, organization=organization, position=position, valid_from=EARLY
    )
    for role in roles:
        RoleGrant.objects.create(
            assignment=assignment, role=role, organization=on or organization, valid_from=EARLY
        )
    return account


def organization(name: str, kind: OrganizationKind, **fields: Any) -> Organization:
    number = next(_numbers)
    made = Organization.objects.create(
        **{"slug": f"don-vi-{number}", "name": name, "kind": kind, "valid_from": EARLY, **fields}
    )
    mirror_back(made)
    return made


def mirror_back(unit: Organization) -> None:
    """The version that says what the unit's own columns say."""
    OrgVersion.objects.update_or_create(
        organization=unit,
        valid_from=unit.valid_from,
        defaults={name: getattr(unit, name) for name in [*units.MIRRORED, "valid_to"]},
    )
    tree.forget()


def commune(name: str = "phường Thử Nghiệm") -> SimpleNamespace:
    """UBND, counter, office and one person per role."""
    code = f"{10000 + next(_numbers) % 90000}"
    territory = AdminUnit.objects.create(
        code=code,
        level=3,
        kind="phuong",
        name=name,
        full_name=name.capitalize(),
        valid_from=EARLY,
        folded=name,
    )
    ubnd = organization(
        f"Ủy ban nhân dân {name}", OrganizationKind.COMMITTEE, symbol="UBND", territory=territory
    )
    ubnd.agency = ubnd
    ubnd.save(update_fields=["agency"])
    mirror_back(ubnd)
    part = {"parent": ubnd, "agency": ubnd, "territory": territory}
    office = organization(f"Văn phòng HĐND và UBND {name}", OrganizationKind.DIVISION, symbol="VP", **part)
    counter = organization(
        f"Trung tâm Phục vụ hành chính công {name}", OrganizationKind.ADMIN_UNIT, symbol="TTPVHCC", **part
    )
    return SimpleNamespace(
        territory=territory,
        ubnd=ubnd,
        office=office,
        counter=counter,
        counter_officer=hat("Vũ Hồng Nhung", counter, "Công chức tiếp nhận", Role.COUNTER_OFFICER),
        case_officer=hat("Nguyễn Thị Lan", office, "Công chức tư pháp - hộ tịch", Role.CASE_OFFICER),
        unit_head=hat("Phạm Quốc Việt", office, "Chánh Văn phòng", Role.UNIT_HEAD),
        leader=hat("Đặng Thu Phương", ubnd, "Phó Chủ tịch", Role.LEADER),
        clerk=hat("Trần Thị Mai", office, "Văn thư", Role.CLERK, on=ubnd),
        hr_officer=hat("Lê Văn Sơn", office, "Công chức tổ chức", Role.HR_OFFICER),
    )


FORM = {
    "sections": [
        {
            "title": "Người yêu cầu",
            "fields": [
                {
                    "name": "applicant_full_name",
                    "label": "Họ, chữ đệm, tên người yêu cầu",
                    "type": "text",
                    "required": True,
                    "choices": [],
                    "help": "",
                    "prefill_from": "account",
                    "rule": "",
                }
            ],
        }
    ]
}


def procedure(
    code: str = "", *, days: int = 5, unit: LimitUnit = LimitUnit.WORKING_DAY, online: bool = True
) -> Procedure:
    """A procedure of the commune with two papers, steps, an e-form and a result template."""
    code = code or f"9.{next(_numbers):06d}"
    made = Procedure.objects.create(
        code=code,
        name=f"Thủ tục thử nghiệm {code}",
        slug=f"thu-tuc-{code.replace('.', '-')}",
        field="Hộ tịch",
        decided_by="ubnd_xa",
        handled_by_symbol="VP",
    )
    version = ProcedureVersion.objects.create(
        procedure=made,
        valid_from=EARLY,
        limit_unit=unit,
        limit_quantity=days,
        limit_text=f"{days} ngày làm việc",
    )
    Component.objects.create(
        version=version, seq=1, name="Tờ khai", kind="to_khai", originals=1, required="yes"
    )
    Component.objects.create(
        version=version, seq=2, name="Giấy chứng sinh", kind="ban_chinh", originals=1, required="yes"
    )
    for seq, (step, hours) in enumerate([("tiep_nhan", 1), ("tham_dinh", 3), ("trinh_ky", 2)], start=1):
        Step.objects.create(version=version, seq=seq, code=step, name=step, hours=hours)
    if online:
        ElectronicForm.objects.create(
            procedure=made,
            title="Tờ khai thử nghiệm",
            schema={"procedure_code": code, "title": "Tờ khai thử nghiệm", **FORM},
        )
    ResultTemplate.objects.create(
        procedure=made,
        name="Giấy xác nhận",
        document_type="QĐ",
        paper="papers/decision.html",
        body_template="<p>Xác nhận cho {{ owner.full_name }}.</p>",
        series="XN",
        notation="{n}/QĐ-UBND",
    )
    return made


def case(
    where: SimpleNamespace,
    status: BusinessStatus = BusinessStatus.SUBMITTED,
    *,
    of: Procedure | None = None,
    **fields: Any,
) -> Case:
    """A case that stands in `status`, without the history that led there (walks test the history)."""
    made_of = of or procedure()
    number = next(_numbers)
    now = timezone.now()
    applicant = fields.pop("applicant", None) or citizen()
    late = status not in {BusinessStatus.DRAFT, BusinessStatus.SUBMITTED, BusinessStatus.INTAKE_RETURNED}
    made = Case.objects.create(
        **{
            "code": None if status == BusinessStatus.DRAFT else f"31.99-261120-{number:04d}",
            "procedure": made_of,
            "version": made_of.versions.get(),
            "channel": Channel.ONLINE,
            "applicant": applicant,
            "owner_name": applicant.full_name,
            "business_status": status,
            "receiving_unit": where.counter,
            "agency": where.ubnd,
            "handling_unit": where.office if late else None,
            "handler": where.case_officer if late else None,
            "submitted_at": now,
            "received_at": now if late else None,
            **fields,
        }
    )
    party = Party(
        case=made, role="owner", full_name=applicant.full_name, phone=applicant.phone, email=applicant.email
    )
    party.number = applicant.identity.number if hasattr(applicant, "identity") else ""
    party.save()
    return made


def looked_at(case: Case, by: User) -> Case:
    """The counter has found every paper right, without which nobody accepts."""
    from onecase import actions

    papers = case.version.components.filter(is_note=False)
    return actions.check_components(case.pk, actor=by, checks={paper.pk: {"state": "ok"} for paper in papers})


def reject_reason() -> LegalReason:
    return LegalReason.objects.create(
        kind="reject", text="Không thuộc thẩm quyền giải quyết", guidance="Nộp tại Sở Tư pháp."
    )


def delegation(giver: User, taker: User, *roles: Role, **fields: Any) -> Delegation:
    """In force from yesterday for ten days, by the givers' present hats."""
    today = timezone.localdate()
    return Delegation.objects.create(
        **{
            "giver": giver.hat,
            "taker": taker.hat,
            "kind": DelegationKind.MANDATE,
            "roles": list(roles),
            "document_no": "12/GUQ-UBND",
            "valid_from": today - timedelta(days=1),
            "valid_to": today + timedelta(days=9),
            "created_by": giver,
            **fields,
        }
    )


def again(account: User) -> User:
    """As the next request sees him: nothing remembered."""
    return User.objects.get(pk=account.pk)


def administrator(unit: Organization, name: str = "Ngô Quang Trị", *, deep: bool = True) -> User:
    """A unit administrator, with the subtree unless told otherwise."""
    account = hat(name, unit, "Quản trị đơn vị", Role.UNIT_ADMIN)
    RoleGrant.objects.filter(assignment=account.hat).update(include_descendants=deep)
    return again(account)
