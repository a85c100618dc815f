"""Roles are granted by somebody else, inside one's own subtree; powerful ones wait for a second person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import NotAllowed, RuleError, WrongStatus
from core.models import AuditEvent
from notices.models import Notice
from org import actions
from org.choices import POWERFUL, OrganizationKind, Role
from org.models import GrantRequest, RoleGrant
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A commune with two administrators over the whole of it, and a newcomer without a right."""
    made = make.commune()
    made.admin = make.administrator(made.ubnd, "Ngô Quang Trị")
    made.second = make.administrator(made.ubnd, "Lý Thị Duyệt")
    made.newcomer = make.hat("Bùi Văn Mới", made.office, "Chuyên viên")
    return made


def grant(world, actor=None, role=Role.CASE_OFFICER, **more):
    wanted = {"organization_id": world.office.pk, **more}
    return actions.grant_role(
        world.newcomer.hat.pk, actor=make.again(actor or world.admin), role=role, **wanted
    )


def ask(world, actor=None, role=Role.CLERK, **more):
    wanted = {"organization_id": world.ubnd.pk, "reason": "thay người nghỉ thai sản", **more}
    return actions.ask_role(
        world.newcomer.hat.pk, actor=make.again(actor or world.admin), role=role, **wanted
    )


def test_an_ordinary_role_is_granted_at_once_and_told(world):
    made = grant(world, reason="phân công nhiệm vụ")
    assert (made.granted_by, made.valid_from) == (world.admin, timezone.localdate())
    assert make.again(world.newcomer).serves_as(Role.CASE_OFFICER, world.office.pk)
    event = AuditEvent.objects.get(event="grant.grant")
    assert (event.actor, event.after) == (world.admin, "case_officer")
    assert "Bùi Văn Mới" in event.note and "phân công nhiệm vụ" in event.note
    assert Notice.objects.get(kind="grant.change").recipient == world.newcomer


def test_a_role_may_begin_later_and_ends_with_the_post(world):
    today = timezone.localdate()
    hat = world.newcomer.hat
    hat.valid_to = today + timedelta(days=30)
    hat.save(update_fields=["valid_to"])
    made = grant(world, valid_from=today + timedelta(days=3))
    assert (made.valid_from, made.valid_to) == (today + timedelta(days=3), hat.valid_to)
    assert not make.again(world.newcomer).holds(Role.CASE_OFFICER)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"valid_from": timezone.localdate() - timedelta(days=1)}, "lùi ngày"),
        ({"valid_to": timezone.localdate()}, "Thời hạn không hợp lệ"),
        ({"role": Role.LEADER}, "người thứ hai duyệt"),
    ],
)
def test_what_does_not_fit_is_refused(world, more, words):
    with pytest.raises(RuleError, match=words):
        grant(world, **more)
    assert not RoleGrant.objects.filter(assignment=world.newcomer.hat).exists()


def test_twice_is_refused(world):
    grant(world)
    with pytest.raises(RuleError, match="đã có quyền đó"):
        grant(world)


@pytest.mark.parametrize("actor", ["hr_officer", "leader", "unit_head", "newcomer", "case_officer"])
def test_others_grant_nothing(world, actor):
    with pytest.raises(NotAllowed):
        grant(world, actor=getattr(world, actor))


def test_nobody_grants_to_himself_whatever_the_door(world):
    with pytest.raises(NotAllowed, match="tự cấp quyền"):
        actions.grant_role(
            world.admin.hat.pk,
            actor=make.again(world.admin),
            role=Role.CASE_OFFICER,
            organization_id=world.office.pk,
        )
    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        RoleGrant.objects.create(
            assignment=world.admin.hat,
            role=Role.CASE_OFFICER,
            organization=world.office,
            valid_from=timezone.localdate(),
            granted_by=world.admin,
        )
    made = grant(world)
    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        RoleGrant.objects.filter(pk=made.pk).update(granted_by=world.newcomer)


def test_an_administrator_stays_in_his_subtree(world):
    other = make.commune("phường Khác")
    with pytest.raises(NotAllowed):
        grant(world, organization_id=other.office.pk)
    below = make.administrator(world.office, "Quản trị văn phòng", deep=False)
    part = make.organization("Tổ Hộ tịch", OrganizationKind.DIVISION, parent=world.office, agency=world.ubnd)
    with pytest.raises(NotAllowed):
        grant(world, actor=below, organization_id=world.ubnd.pk)
    with pytest.raises(NotAllowed):
        grant(world, actor=below, organization_id=part.pk)
    with pytest.raises(NotAllowed, match="vượt quá"):
        grant(world, actor=below, include_descendants=True)
    assert grant(world, actor=below).organization == world.office
    stranger = make.hat("Người Nơi Khác", other.office, "Chuyên viên")
    with pytest.raises(NotAllowed):
        actions.grant_role(
            stranger.hat.pk, actor=make.again(below), role=Role.CASE_OFFICER, organization_id=world.office.pk
        )


@pytest.mark.parametrize("role", sorted(POWERFUL))
def test_a_powerful_role_waits_for_a_second_person(world, role):
    request = ask(world, role=role)
    assert not make.again(world.newcomer).holds(role)
    told = set(Notice.objects.filter(kind="grant.ask").values_list("recipient", flat=True))
    assert world.second.pk in told and world.admin.pk not in told
    with pytest.raises(NotAllowed, match="chính mình"):
        actions.confirm_grant(request.pk, actor=make.again(world.admin))
    made = actions.confirm_grant(request.pk, actor=make.again(world.second), note="đồng ý")
    assert made.granted_by == world.second
    assert make.again(world.newcomer).serves_as(role, world.ubnd.pk)
    assert list(
        AuditEvent.objects.filter(event__startswith="grant.").order_by("id").values_list("event", flat=True)
    ) == [
        "grant.ask",
        "grant.grant",
        "grant.confirm",
    ]
    with pytest.raises(WrongStatus):
        actions.confirm_grant(request.pk, actor=make.again(world.second))


def test_the_grantee_never_decides_and_the_database_agrees(world):
    request = actions.ask_role(
        world.second.hat.pk,
        actor=make.again(world.admin),
        role=Role.AUDITOR,
        organization_id=world.ubnd.pk,
        reason="kiểm tra quý IV",
    )
    with pytest.raises(NotAllowed):
        actions.confirm_grant(request.pk, actor=make.again(world.second))
    with pytest.raises(IntegrityError, match="grant_needs_two_people"), transaction.atomic():
        GrantRequest.objects.filter(pk=request.pk).update(decided_by=world.admin, decided_at=timezone.now())
    assert actions.confirm_grant(request.pk, actor=make.again(world.leader)).role == Role.AUDITOR


def test_an_hr_officer_asks_and_an_administrator_grants(world):
    RoleGrant.objects.filter(assignment=world.hr_officer.hat).update(
        organization=world.ubnd, include_descendants=True
    )
    request = ask(world, actor=world.hr_officer, role=Role.CASE_OFFICER, organization_id=world.office.pk)
    with pytest.raises(RuleError, match="đang chờ duyệt"):
        ask(world, actor=world.hr_officer, role=Role.CASE_OFFICER, organization_id=world.office.pk)
    with pytest.raises(NotAllowed):
        actions.confirm_grant(request.pk, actor=make.again(world.hr_officer))
    assert actions.confirm_grant(request.pk, actor=make.again(world.admin)).role == Role.CASE_OFFICER


def test_asking_needs_a_place_and_a_reason(world):
    with pytest.raises(NotAllowed):
        ask(world, actor=world.case_officer)
    with pytest.raises(RuleError, match="lý do"):
        ask(world, reason=" ")


def test_refusing_says_why(world):
    request = ask(world)
    with pytest.raises(NotAllowed):
        actions.refuse_grant(request.pk, actor=make.again(world.case_officer), note="không")
    with pytest.raises(RuleError, match="lý do"):
        actions.refuse_grant(request.pk, actor=make.again(world.second), note="")
    actions.refuse_grant(request.pk, actor=make.again(world.second), note="đã đủ văn thư")
    assert not make.again(world.newcomer).holds(Role.CLERK)
    assert Notice.objects.get(kind="grant.decide").recipient == world.admin
    assert AuditEvent.objects.get(event="grant.refuse").actor == world.second


def test_a_role_is_taken_back_from_today_on(world):
    made = grant(world)
    with pytest.raises(RuleError, match="lùi ngày"):
        actions.end_grant(
            made.pk,
            actor=make.again(world.admin),
            reason="thôi việc",
            on=timezone.localdate() - timedelta(days=1),
        )
    with pytest.raises(NotAllowed):
        actions.end_grant(made.pk, actor=make.again(world.newcomer), reason="thôi việc")
    with pytest.raises(RuleError, match="lý do"):
        actions.end_grant(made.pk, actor=make.again(world.admin), reason="")
    actions.end_grant(made.pk, actor=make.again(world.admin), reason="thôi việc")
    assert not make.again(world.newcomer).holds(Role.CASE_OFFICER)
    assert AuditEvent.objects.get(event="grant.end").before == "case_officer"
    with pytest.raises(WrongStatus):
        actions.end_grant(made.pk, actor=make.again(world.admin), reason="thôi việc")
    assert grant(world).valid_to is None


def test_the_administrator_of_the_system_grants_nothing(world):
    root = make.user("Quản trị hệ thống", is_staff=True, is_superuser=True)
    with pytest.raises(NotAllowed):
        grant(world, actor=root)
    with pytest.raises(NotAllowed):
        ask(world, actor=root)


def test_the_first_administrator_is_named_by_command_and_only_the_first():
    from django.core.management import CommandError, call_command

    made = make.commune()
    for wrong in (["x@example.org", made.ubnd.slug], [made.clerk.email, "khong-co"]):
        with pytest.raises(CommandError):
            call_command("name_unit_admin", *wrong, "--decision", "1/QĐ")
    call_command("name_unit_admin", made.clerk.email, made.ubnd.slug, "--decision", "1/QĐ")
    assert make.again(made.clerk).serves_as(Role.UNIT_ADMIN, made.office.pk)
    assert AuditEvent.objects.get(event="grant.grant").actor is None
    with pytest.raises(CommandError, match="đã có người quản trị"):
        call_command("name_unit_admin", made.leader.email, made.ubnd.slug, "--decision", "1/QĐ")
