"""An emergency opens one record, for reading, for an hour; its head is told and judges it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import NotAllowed, RuleError, WrongStatus
from core.models import AuditEvent
from notices.models import Notice
from onecase import rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from onecase.workflow import MOVES
from org import actions
from org.choices import Role
from org.models import BreakGlass, RoleGrant
from tests import factories as make

pytestmark = pytest.mark.django_db
REASON = "Cổng báo lỗi tệp, người dân đang chờ tại quầy"


@pytest.fixture
def world():
    made = make.commune()
    made.case = make.case(made, S.APPRAISING)
    made.other = make.case(made, S.APPRAISING)
    made.root = make.user("Quản trị hệ thống", is_staff=True, is_superuser=True)
    return made


def open_case(world, actor=None, **more):
    wanted = {"reason": REASON, **more}
    return actions.break_glass(
        "onecase.case", wanted.pop("code", world.case.code), actor=make.again(actor or world.root), **wanted
    )


def address(case):
    return f"/lam-viec/ho-so/{case.code}/"


def test_a_system_administrator_sees_no_case_without_it(world, client):
    client.force_login(world.root)
    for path in ("/lam-viec/ho-so/", address(world.case), f"{address(world.case)}ket-qua/"):
        assert client.get(path).status_code in {403, 404}
    assert not Case.objects.at_work(world.root).exists()
    for name in ("onecase_case", "org_breakglass"):
        assert f"/quan-tri/{name.replace('_', '/')}/" not in client.get("/quan-tri/").content.decode()


def test_it_opens_one_record_for_reading_and_every_look_is_logged(world, client):
    opened = open_case(world)
    assert opened.closes_at - opened.opened_at == timedelta(minutes=60)
    assert opened.unit == world.office
    assert set(Notice.objects.filter(kind="break_glass.open").values_list("recipient", flat=True)) == {
        world.unit_head.pk
    }
    client.force_login(world.root)
    answer = client.get(address(world.case))
    assert answer.status_code == 200
    assert REASON in answer.content.decode()
    client.get(address(world.case))
    events = AuditEvent.objects.filter(subject_type="onecase.case", subject_id=world.case.pk)
    reads = [event for event in events if event.event == "break_glass.read"]
    assert [(event.actor, event.note, event.kind) for event in reads] == [
        (world.root, REASON, "emergency")
    ] * 2
    assert client.get(address(world.other)).status_code == 404
    assert client.get("/lam-viec/ho-so/").status_code == 403
    assert not Case.objects.at_work(make.again(world.root)).exists()


def test_it_is_no_right_to_act(world, client):
    open_case(world)
    root = make.again(world.root)
    assert MOVES.open_to(root, world.case) == []
    assert not rules.may_see(root, world.case)
    client.force_login(world.root)
    assert client.post(f"{address(world.case)}hien-so/").status_code == 404


def test_after_an_hour_it_is_closed(world, client):
    opened = open_case(world)
    BreakGlass.objects.filter(pk=opened.pk).update(
        opened_at=timezone.now() - timedelta(hours=2), closes_at=timezone.now() - timedelta(hours=1)
    )
    client.force_login(world.root)
    assert client.get(address(world.case)).status_code == 404


def test_it_is_not_for_others(world, client):
    open_case(world)
    other = make.commune("phường Khác")
    client.force_login(other.leader)
    assert client.get(address(world.case)).status_code == 404
    open_case(world, actor=other.leader)
    assert client.get(address(world.case)).status_code == 200


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": "xem thử"}, "ít nhất 20"),
        ({"code": "31.99-000000-0000"}, "Không có bản ghi"),
    ],
)
def test_what_does_not_fit_is_refused(world, more, words):
    with pytest.raises(RuleError, match=words):
        open_case(world, **more)
    assert not BreakGlass.objects.exists()


def test_who_sees_it_anyway_or_is_neither_head_nor_administrator_is_refused(world):
    with pytest.raises(RuleError, match="đã xem được"):
        open_case(world, actor=world.unit_head)
    with pytest.raises(NotAllowed):
        open_case(world, actor=world.hr_officer)
    with pytest.raises(NotAllowed):
        open_case(world, actor=make.citizen())
    open_case(world)
    with pytest.raises(RuleError, match="đang mở"):
        open_case(world)


def test_drafts_of_citizens_are_never_opened(world):
    draft = make.case(world, S.DRAFT)
    Case.objects.filter(pk=draft.pk).update(code="31.99-x")
    with pytest.raises(RuleError):
        open_case(world, code="31.99-x")


def test_the_head_or_an_auditor_judges_it_once(world):
    opened = open_case(world)
    with pytest.raises(NotAllowed):
        actions.review(opened.pk, actor=make.again(world.root), is_justified=True, note="đúng")
    with pytest.raises(NotAllowed):
        actions.review(opened.pk, actor=make.again(world.clerk), is_justified=True, note="đúng")
    with pytest.raises(RuleError):
        actions.review(opened.pk, actor=make.again(world.unit_head), is_justified=True, note="")
    actions.review(opened.pk, actor=make.again(world.unit_head), is_justified=False, note="không báo trước")
    opened.refresh_from_db()
    assert (opened.reviewed_by, opened.is_justified) == (world.unit_head, False)
    assert AuditEvent.objects.get(event="break_glass.review").note == "không báo trước"
    assert Notice.objects.get(kind="break_glass.review").recipient == world.root
    with pytest.raises(WrongStatus):
        actions.review(opened.pk, actor=make.again(world.unit_head), is_justified=True, note="lại")
    RoleGrant.objects.create(
        assignment=world.clerk.hat, role=Role.AUDITOR, organization=world.office, valid_from=make.EARLY
    )
    again = open_case(world, code=world.other.code)
    assert actions.review(again.pk, actor=make.again(world.clerk), is_justified=True, note="đúng").reviewed_at


def test_the_database_wants_a_reason_and_another_reviewer(world):
    opened = open_case(world)
    for change in (
        {"reason": "ngắn"},
        {"reviewed_at": timezone.now(), "reviewed_by": world.root, "is_justified": True},
        {"reviewed_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            BreakGlass.objects.filter(pk=opened.pk).update(**change)


def test_an_unreviewed_one_is_late_after_three_days(world):
    opened = open_case(world)
    assert not opened.is_late
    opened.opened_at = timezone.now() - timedelta(days=3, minutes=1)
    assert opened.is_late
    opened.reviewed_at = timezone.now()
    assert not opened.is_late
