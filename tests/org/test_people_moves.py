"""Somebody is appointed, moves, leaves: in the past, today or to come."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import NotAllowed, RuleError, WrongStatus
from core.models import AuditEvent
from notices.models import Notice
from onecase import actions as cases
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from org import actions, tasks
from org.choices import AssignmentKind, DelegationKind, Role
from org.models import Assignment, Delegation, Departure, Person, Position, RoleGrant
from tests import factories as make

pytestmark = pytest.mark.django_db


def day(step=0):
    return timezone.localdate() + timedelta(days=step)


@pytest.fixture
def world():
    made = make.commune()
    made.admin = make.administrator(made.ubnd, "Ngô Quang Trị")
    made.second_officer = make.hat("Đỗ Thị Hai", made.office, "Công chức hộ tịch", Role.CASE_OFFICER)
    made.post = Position.objects.get_or_create(code="thu-chuyen-vien", defaults={"title": "Chuyên viên"})[0]
    return made


def appoint(world, person=None, **more):
    wanted = {
        "organization_id": world.office.pk,
        "position": world.post,
        "valid_from": day(),
        "decision_no": "35/QĐ-UBND",
        **more,
    }
    actor = wanted.pop("actor", world.admin)
    person = person or Person.objects.create(full_name="Lâm Văn Tân")
    return actions.appoint(person.pk, actor=make.again(actor), **wanted)


# --- appointing -------------------------------------------------------------------------------------------


def test_a_person_may_hold_several_posts_with_one_for_pay(world):
    officer = world.case_officer
    second = appoint(world, officer.person, kind=AssignmentKind.CONCURRENT, term="2026-2031")
    assert [hat.kind for hat in make.again(officer).hats] == ["primary", "concurrent"]
    assert (second.term, second.decision_no) == ("2026-2031", "35/QĐ-UBND")
    event = AuditEvent.objects.get(event="post.appoint")
    assert (event.actor, event.after) == (world.admin, "concurrent")
    assert Notice.objects.get(kind="post.change").recipient == officer
    with pytest.raises(RuleError, match="chức vụ chính"):
        appoint(world, officer.person, position=Position.objects.create(code="p3", title="Thủ quỹ"))
    with pytest.raises(RuleError, match="đã giữ chức vụ đó"):
        appoint(world, officer.person, kind=AssignmentKind.ACTING)
    with pytest.raises(IntegrityError, match="one_primary_post"), transaction.atomic():
        Assignment.objects.filter(pk=second.pk).update(kind=AssignmentKind.PRIMARY)


def test_a_new_person_gets_no_role_by_the_post_alone(world):
    account = make.user("Lâm Văn Tân")
    person = actions.register_person(
        actor=make.again(world.admin),
        full_name=" Lâm  Văn Tân ",
        organization_id=world.office.pk,
        user=account,
    )
    assert person.full_name == "Lâm Văn Tân"
    appoint(world, person)
    assert make.again(account).hat.organization == world.office
    assert not make.again(account).powers
    with pytest.raises(RuleError, match="đã thuộc về"):
        actions.register_person(
            actor=make.again(world.admin), full_name="x", organization_id=world.office.pk, user=account
        )
    with pytest.raises(NotAllowed):
        actions.register_person(
            actor=make.again(world.leader), full_name="x", organization_id=world.office.pk
        )


def test_appointments_to_come_and_of_the_past(world):
    person = Person.objects.create(full_name="Lâm Văn Tân", user=make.user("Lâm Văn Tân"))
    old = appoint(world, person, valid_from=day(-40), valid_to=day(-10))
    new = appoint(world, person, valid_from=day(5))
    assert not make.again(person.user).hats
    assert list(Assignment.objects.valid_on(day(-20)).filter(person=person)) == [old]
    assert list(Assignment.objects.valid_on(day(5)).filter(person=person)) == [new]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"decision_no": ""}, "số quyết định"),
        ({"valid_to": timezone.localdate()}, "sau ngày bắt đầu"),
        ({"valid_from": make.EARLY - timedelta(days=1)}, "hoạt động từ"),
    ],
)
def test_what_does_not_fit_is_refused(world, more, words):
    with pytest.raises(RuleError, match=words):
        appoint(world, **more)


def test_no_post_outlives_its_unit(world):
    world.office.valid_to = day(30)
    world.office.save(update_fields=["valid_to"])
    with pytest.raises(RuleError, match="đến trước"):
        appoint(world)
    assert appoint(world, valid_to=day(30)).valid_to == day(30)


@pytest.mark.parametrize("actor", ["leader", "unit_head", "case_officer"])
def test_others_appoint_nobody(world, actor):
    with pytest.raises(NotAllowed):
        appoint(world, actor=getattr(world, actor))


def test_nobody_appoints_or_ends_himself(world):
    with pytest.raises(NotAllowed, match="tự bổ nhiệm"):
        appoint(world, world.admin.person, kind=AssignmentKind.CONCURRENT)
    with pytest.raises(NotAllowed, match="người quản trị khác"):
        actions.end_post(world.admin.hat.pk, actor=make.again(world.admin), on=day(), reason="nghỉ")


def test_an_administrator_stays_in_his_subtree(world):
    other = make.commune("phường Khác")
    with pytest.raises(NotAllowed):
        appoint(world, organization_id=other.office.pk)
    with pytest.raises(NotAllowed, match="ngoài phạm vi"):
        actions.end_post(other.clerk.hat.pk, actor=make.again(world.admin), on=day(), reason="nghỉ")


# --- leaving ----------------------------------------------------------------------------------------------


def leave(world, **more):
    wanted = {"on": day(), "reason": "nghỉ hưu theo chế độ", "successor": world.second_officer, **more}
    return actions.end_service(world.case_officer.person_id_of, actor=make.again(world.admin), **wanted)


def test_nobody_leaves_before_his_post_began(world):
    """Also when he had another post then, in a unit that the administrator does not manage."""
    elsewhere = make.commune("phường Khác").office
    hat = world.case_officer.hat
    Assignment.objects.filter(pk=hat.pk).update(valid_from=day(-10))
    Assignment.objects.create(
        person=hat.person,
        organization=elsewhere,
        position=hat.position,
        valid_from=day(-100),
        valid_to=day(-10),
    )
    for act in (
        lambda on: actions.end_service(hat.person_id, actor=make.again(world.admin), on=on, reason="nghỉ"),
        lambda on: actions.end_post(hat.pk, actor=make.again(world.admin), on=on, reason="nghỉ"),
    ):
        with pytest.raises(RuleError, match=f"bắt đầu từ {day(-10):%d/%m/%Y}; ngày thôi giữ không thể trước"):
            act(day(-11))
    gone = actions.end_service(hat.person_id, actor=make.again(world.admin), on=day(-10), reason="nghỉ hưu")
    assert gone.done_at


@pytest.fixture
def leaver(world):
    """An officer with a case in hand and a draft, a delegation given and one taken, a role, and a session."""
    from documents.models import DocumentType

    DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định"})
    officer = world.case_officer
    officer.person_id_of = officer.person.pk
    world.case = make.case(world, S.APPRAISING)
    cases.draft_result(world.case.pk, actor=make.again(officer), title="Xác nhận", body_html="<p>a</p>")
    make.delegation(officer, world.second_officer, Role.CASE_OFFICER, kind=DelegationKind.DUTY_COVER)
    make.delegation(world.leader, officer, Role.LEADER)
    return officer


def test_one_act_ends_everything_and_hands_the_work_on(world, leaver, client):
    client.force_login(leaver)
    assert client.get("/lam-viec/").status_code == 200
    departure = leave(world)
    gone = make.again(leaver)
    assert (gone.hats, gone.delegations, gone.is_active) == ([], [], True)
    assert not RoleGrant.objects.valid_on().filter(assignment__person__user=leaver).exists()
    assert not Delegation.objects.in_force().exists()
    assert not Session.objects.exists()
    assert client.get("/lam-viec/").status_code == 302
    world.case.refresh_from_db()
    assert world.case.handler == world.second_officer
    assert world.case.result_document.drafter == world.second_officer
    assert sorted(departure.report) == [
        ["dự thảo văn bản", 1, "Đỗ Thị Hai"],
        ["hồ sơ đang thụ lý", 1, "Đỗ Thị Hai"],
    ]
    names = set(AuditEvent.objects.values_list("event", flat=True))
    assert {
        "post.end",
        "grant.end",
        "delegation.revoke",
        "case.pass_on",
        "document.pass_on",
        "person.leave",
    } <= names
    assert Notice.objects.get(kind="post.work").recipient == world.second_officer
    assert not actions.settle(departure.pk)  # twice does no harm
    new = make.again(world.second_officer)
    assert cases.draft_result(world.case.pk, actor=new, title="Xác nhận", body_html="<p>b</p>").revision == 2


def test_without_a_fit_successor_the_head_gets_the_work_and_gives_it_on(world, leaver):
    leave(world, successor=world.clerk)
    world.case.refresh_from_db()
    assert world.case.handler == world.unit_head
    from onecase import desk

    head = make.again(world.unit_head)
    assert world.case in desk.waiting_for(head)
    assert desk.verb_of(world.case, head) == "Phân công"
    cases.assign(world.case.pk, actor=head, officer=world.second_officer)
    world.case.refresh_from_db()
    assert world.case.result_document.drafter == world.second_officer


def test_the_account_is_closed_when_asked(world, leaver):
    leave(world, closes_account=True)
    leaver.refresh_from_db()
    assert not leaver.is_active


def test_a_day_to_come_is_settled_on_that_day(world, leaver, monkeypatch, client):
    client.force_login(leaver)
    departure = leave(world, on=day(3))
    assert make.again(leaver).hats
    assert Delegation.objects.in_force().count() == 2
    assert {made.valid_to for made in Delegation.objects.all()} == {day(3)}
    assert tasks.settle_departures() == 0
    later = day(3)
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: later)
    assert not make.again(leaver).hats
    assert not Delegation.objects.in_force(later).exists()
    assert tasks.settle_departures() == 1
    world.case.refresh_from_db()
    departure.refresh_from_db()
    assert world.case.handler == world.second_officer
    assert departure.done_at is not None
    assert not Session.objects.exists()
    assert tasks.settle_departures() == 0


def test_a_day_that_is_past_says_what_was_done_since(world, leaver):
    leave(world, on=day(-5))
    assert make.again(leaver).hats == []
    assert Assignment.objects.get(person=leaver.person).valid_to == day(-5)
    assert actions.acts_since(leaver.person, day(-5)) >= 1
    world.case.refresh_from_db()
    assert world.case.handler == world.second_officer


def test_posts_to_come_are_called_off(world, leaver):
    to_come = appoint(world, leaver.person, kind=AssignmentKind.CONCURRENT, valid_from=day(20))
    leave(world)
    to_come.refresh_from_db()
    assert to_come.valid_to == to_come.valid_from


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": " "}, "lý do"),
        ({"on": make.EARLY - timedelta(days=9)}, "không thể trước"),
        ({"successor": "himself"}, "người khác"),
    ],
)
def test_leaving_is_refused(world, leaver, more, words):
    if more.get("successor") == "himself":
        more = {"successor": leaver}
    if "on" in more:
        with pytest.raises(RuleError, match=words):
            actions.end_post(leaver.hat.pk, actor=make.again(world.admin), on=more["on"], reason="x")
        return
    with pytest.raises(RuleError, match=words):
        leave(world, **more)
    assert make.again(leaver).hats
    assert not Departure.objects.exists()


def test_leaving_twice_is_refused(world, leaver):
    leave(world)
    with pytest.raises(WrongStatus):
        leave(world)


# --- one post of several, and moving ----------------------------------------------------------------------


def test_ending_one_post_keeps_the_work_of_the_other(world, leaver):
    second = appoint(world, leaver.person, kind=AssignmentKind.CONCURRENT)
    RoleGrant.objects.create(
        assignment=second, role=Role.CASE_OFFICER, organization=world.office, valid_from=day()
    )
    actions.end_post(leaver.hat.pk, actor=make.again(world.admin), on=day(), reason="thôi kiêm nhiệm")
    assert make.again(leaver).hats == [second]
    world.case.refresh_from_db()
    assert world.case.handler == leaver


def test_a_mover_leaves_roles_and_work_behind(world, leaver):
    new = actions.change_post(
        leaver.hat.pk,
        actor=make.again(world.admin),
        on=day(),
        organization_id=world.counter.pk,
        position=world.post,
        decision_no="36/QĐ-UBND",
        successor=world.second_officer,
    )
    moved = make.again(leaver)
    assert moved.hats == [new]
    assert not moved.powers
    assert (new.kind, new.valid_from) == ("primary", day())
    assert Case.objects.get(pk=world.case.pk).handler == world.second_officer
    assert AuditEvent.objects.filter(event="post.leave").exists()


def test_moving_out_of_reach_is_refused_whole(world, leaver):
    other = make.commune("phường Khác")
    with pytest.raises(NotAllowed):
        actions.change_post(
            leaver.hat.pk,
            actor=make.again(world.admin),
            on=day(),
            organization_id=other.office.pk,
            position=world.post,
            decision_no="36/QĐ-UBND",
        )
    assert make.again(leaver).hats == [leaver.hat]
