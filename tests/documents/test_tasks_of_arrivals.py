"""Directives and tasks: one lead, deadlines each, progress, hand-back, extension with history, reply, reminders, reopening."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.errors import NotAllowed, RuleError
from core.models import AuditEvent
from documents import reminding
from documents.actions import directives
from documents.actions import incoming as acts
from documents.actions import tasks as work_acts
from documents.actions.directives import Assignee
from documents.choices import DeliveryState, ExtensionState, IncomingState, ReminderKind, TaskRole, TaskState
from documents.models import AgencyPractice, IncomingDocument, Reminder, Task
from documents.receivers import on_document_issued
from notices.models import Notice
from org.choices import OrganizationKind, Role
from tests import factories
from tests.documents import incoming_world as make
from tests.factories import again

pytestmark = pytest.mark.django_db
FAR = timezone.make_aware(datetime(2099, 12, 31, 17, 0))
NEARER = timezone.make_aware(datetime(2099, 12, 1, 17, 0))


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def arrived(world: SimpleNamespace, work: Any) -> SimpleNamespace:
    """A registered arrival at sở B, with a second division and its head."""
    make.sent(world.a, [world.b.agency], work)
    b = world.b
    b.other = factories.organization(
        "Phòng Tổng hợp", OrganizationKind.DIVISION, symbol="TH", parent=b.agency, agency=b.agency
    )
    b.other_head = factories.hat("Cao Thị Phụ", b.other, "Trưởng phòng", Role.UNIT_HEAD)
    b.one = acts.receive(make.arrival_at(b.agency).pk, actor=again(b.clerk))
    b.sender = world.a
    return b


def given(b: SimpleNamespace, *, due: datetime = FAR, officer: bool = False) -> Task:
    lead = Assignee(b.division, TaskRole.LEAD, person=b.officer if officer else None, due_at=due)
    helper = Assignee(b.other, TaskRole.COOPERATE, due_at=NEARER)
    directives.direct(b.one.pk, actor=again(b.leader), text="Chủ trì tham mưu", assignees=[lead, helper])
    return Task.objects.get(incoming=b.one, role=TaskRole.LEAD)


def test_lead_and_helper_have_deadlines_of_their_own(arrived: SimpleNamespace) -> None:
    b = arrived
    task = given(b)
    b.one.refresh_from_db()
    assert b.one.handled_by_printed == "Phòng Nghiệp vụ chủ trì, 1 phối hợp"
    assert b.one.due_at == FAR and Task.objects.get(role=TaskRole.COOPERATE).due_at == NEARER
    assert Notice.objects.filter(recipient=b.unit_head, kind="task.new").count() == 1
    assert task.incoming.recipient.state == DeliveryState.ASSIGNED
    two = [Assignee(b.division, TaskRole.LEAD), Assignee(b.other, TaskRole.LEAD)]
    with pytest.raises(RuleError, match="Chỉ một nơi chủ trì"):
        directives.direct(b.one.pk, actor=again(b.leader), text="x", assignees=two)
    with pytest.raises(NotAllowed):
        directives.direct(b.one.pk, actor=again(b.clerk), text="x", assignees=two[:1])
    foreign = [Assignee(b.sender.office, TaskRole.LEAD)]
    with pytest.raises(RuleError, match="không thuộc"):
        directives.direct(b.one.pk, actor=again(b.leader), text="x", assignees=foreign)


def test_a_new_lead_takes_the_place_of_the_former(arrived: SimpleNamespace) -> None:
    b = arrived
    first = given(b)
    again_given = [Assignee(b.other, TaskRole.LEAD, due_at=FAR)]
    directives.direct(b.one.pk, actor=again(b.leader), text="Giao lại", assignees=again_given)
    first.refresh_from_db()
    b.one.refresh_from_db()
    assert first.state == TaskState.WITHDRAWN and b.one.lead_unit_id == b.other.pk


def test_only_to_know_ends_at_once(arrived: SimpleNamespace) -> None:
    b = arrived
    directives.direct(
        b.one.pk, actor=again(b.leader), text="Để biết", assignees=[Assignee(b.division, TaskRole.INFORM)]
    )
    b.one.refresh_from_db()
    assert b.one.state == IncomingState.DONE
    task = Task.objects.get()
    as_(b.unit_head).get(f"/lam-viec/van-ban/viec/{task.pk}/")
    task.refresh_from_db()
    assert task.state == TaskState.DONE


def test_handed_back_comes_to_the_leaders_table_again(arrived: SimpleNamespace) -> None:
    b = arrived
    task = given(b)
    head = as_(b.unit_head)
    address = f"/lam-viec/van-ban/viec/{task.pk}/lam/tra-lai/"
    assert head.get(address).status_code == 200
    head.post(address, {"note": "Không đúng chức năng"})
    task.refresh_from_db()
    assert task.state == TaskState.RETURNED
    assert "Giao lại" in as_(b.leader).get("/lam-viec/van-ban/").content.decode()
    assert Notice.objects.filter(recipient=b.leader, kind="task.handed_back").exists()


def test_strangers_and_other_units_do_not_find_the_task(
    arrived: SimpleNamespace, world: SimpleNamespace
) -> None:
    task = given(arrived)
    for who in (world.c.leader, arrived.other_head, arrived.officer):
        assert as_(who).get(f"/lam-viec/van-ban/viec/{task.pk}/").status_code == 404
        assert (
            as_(who).post(f"/lam-viec/van-ban/viec/{task.pk}/lam/hoan-thanh/", {"result": "x"}).status_code
            == 404
        )
    assert as_(arrived.clerk).get(f"/lam-viec/van-ban/viec/{task.pk}/").status_code == 200
    with pytest.raises(NotAllowed):
        work_acts.finish(task.pk, actor=again(arrived.clerk), result="x")


def test_more_time_is_asked_granted_and_refused_with_history(arrived: SimpleNamespace) -> None:
    b = arrived
    task = given(b, due=NEARER)
    head, leader = as_(b.unit_head), as_(b.leader)
    head.post(
        f"/lam-viec/van-ban/viec/{task.pk}/lam/xin-gia-han/", {"until": "15/12/2099", "reason": "Chờ số liệu"}
    )
    asked = task.extensions.get()
    with pytest.raises(NotAllowed):
        work_acts.decide_extension(asked.pk, actor=again(b.unit_head), granted=True)
    assert "Duyệt gia hạn" in leader.get("/lam-viec/van-ban/").content.decode()
    leader.post(f"/lam-viec/van-ban/viec/{task.pk}/gia-han/{asked.pk}/", {"lam": "dong-y"})
    task.refresh_from_db()
    b.one.refresh_from_db()
    assert timezone.localdate(task.due_at) == datetime(2099, 12, 15).date()
    assert task.first_due_at == NEARER and b.one.due_at == task.due_at
    second = work_acts.ask_extension(task.pk, actor=again(b.unit_head), reason="Thêm", until=FAR)
    with pytest.raises(RuleError, match="đang chờ duyệt"):
        work_acts.ask_extension(task.pk, actor=again(b.unit_head), reason="Thêm", until=FAR)
    with pytest.raises(RuleError, match="lý do"):
        work_acts.decide_extension(second.pk, actor=again(b.leader), granted=False)
    work_acts.decide_extension(second.pk, actor=again(b.leader), granted=False, note="Không được")
    assert [e.state for e in task.extensions.all()] == [ExtensionState.GRANTED, ExtensionState.REFUSED]
    assert AuditEvent.objects.filter(event="task.decide_extension", subject_id=task.pk).count() == 2


def test_the_reply_that_was_issued_finishes_the_matter(arrived: SimpleNamespace, work: Any) -> None:
    b = arrived
    task = given(b, officer=True)
    reply = make.drafted(b, agency=b.agency, unit=b.division, answers=b.one)
    with pytest.raises(RuleError, match="chưa phát hành"):
        work_acts.finish(task.pk, actor=again(b.officer), reply=reply)
    sent = make.issued(b.sender, to=[])
    _issue(reply, sent)
    on_document_issued(document_id=reply.pk)
    assert Notice.objects.filter(recipient=b.officer, kind="task.reply_issued").count() == 1
    page = as_(b.officer).get(f"/lam-viec/van-ban/viec/{task.pk}/").content.decode()
    assert "07/STN-NV" in page
    work(
        as_(b.officer).post,
        f"/lam-viec/van-ban/viec/{task.pk}/lam/hoan-thanh/",
        {"result": "", "reply": reply.pk},
    )
    b.one.refresh_from_db()
    row = b.one.recipient
    assert b.one.state == IncomingState.DONE and b.one.outcome == "07/STN-NV"
    assert row.events.latest("pk").code == "06" and "07/STN-NV" in row.events.latest("pk").note
    leader = as_(b.leader)
    leader.post(f"/lam-viec/van-ban/den/{b.one.pk}/ly-do/xu-ly-tiep/", {"note": "Bổ sung số liệu"})
    b.one.refresh_from_db()
    row.refresh_from_db()
    task.refresh_from_db()
    assert (b.one.state, row.state, task.state) == (
        IncomingState.IN_PROGRESS,
        DeliveryState.IN_PROGRESS,
        TaskState.IN_PROGRESS,
    )
    leader.post(f"/lam-viec/van-ban/den/{b.one.pk}/ly-do/ket-thuc/", {"note": "Không cần nữa"})
    row.refresh_from_db()
    task.refresh_from_db()
    assert row.state == DeliveryState.DONE and task.state == TaskState.WITHDRAWN


def _issue(reply: Any, like: Any) -> None:
    from core import numbering

    reply.number = numbering.take("test:reply", subject=reply)
    reply.status, reply.current_file, reply.number_printed = "issued", like.current_file, "07/STN-NV"
    reply.save()


def test_reminders_go_by_working_time_once_each(arrived: SimpleNamespace) -> None:
    b = arrived
    AgencyPractice.objects.create(agency=b.agency, remind_hours=4, escalate_hours=8)
    monday = timezone.make_aware(datetime(2026, 11, 23, 9, 0))
    task = given(b)
    Task.objects.filter(role=TaskRole.COOPERATE).delete()
    Task.objects.filter(pk=task.pk).update(due_at=timezone.make_aware(datetime(2026, 11, 23, 15, 0)))
    assert reminding.remind(monday.replace(hour=5)) == 0  # before the office opens
    assert reminding.remind(timezone.make_aware(datetime(2026, 11, 22, 10, 0))) == 0  # a Sunday
    assert reminding.remind(timezone.make_aware(datetime(2026, 11, 23, 11, 0))) == 1
    assert reminding.remind(timezone.make_aware(datetime(2026, 11, 23, 11, 20))) == 0
    assert reminding.remind(timezone.make_aware(datetime(2026, 11, 25, 9, 0))) == 1  # the 24th is a day off
    assert (
        reminding.remind(timezone.make_aware(datetime(2026, 11, 25, 16, 30))) == 1
    )  # over eight hours: the leader
    kinds = list(Reminder.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [ReminderKind.SOON, ReminderKind.LATE, ReminderKind.ESCALATED]
    assert Notice.objects.filter(kind="task.escalated", recipient=b.leader).count() == 1
    assert Notice.objects.filter(kind="task.late", recipient=b.unit_head).count() == 1


def test_the_offered_deadline_counts_working_days(arrived: SimpleNamespace) -> None:
    friday = timezone.make_aware(datetime(2026, 10, 2, 9, 0))
    AgencyPractice.objects.create(agency=arrived.agency, task_days=2)
    assert timezone.localdate(directives.usual_due(arrived.one, now=friday)) == datetime(2026, 10, 6).date()
    one = IncomingDocument.objects.get(pk=arrived.one.pk)
    one.reply_by = friday.date() + timedelta(days=20)
    assert timezone.localdate(directives.usual_due(one, now=friday)) == one.reply_by


def test_who_leaves_hands_his_tasks_over(arrived: SimpleNamespace) -> None:
    from documents import keeping_tasks
    from org.models import Assignment

    b = arrived
    task = given(b, officer=True)
    heir = factories.hat("Mạc Văn Kế", b.division, "Chuyên viên", Role.CASE_OFFICER)
    assert keeping_tasks.open_of(b.officer) == 1
    assert keeping_tasks.pass_on(b.officer, heir, None, "nghỉ") == []  # he still serves there
    Assignment.objects.filter(person__user=b.officer).update(valid_to=timezone.localdate())
    assert [one.to for one in keeping_tasks.pass_on(b.officer, heir, None, "nghỉ")] == ["Mạc Văn Kế"]
    task.refresh_from_db()
    assert task.person == heir
    Assignment.objects.filter(person__user=heir).update(valid_to=timezone.localdate())
    keeping_tasks.pass_on(heir, None, None, "nghỉ")
    task.refresh_from_db()
    assert task.person is None and task.unit == b.division
    assert "Giao, xử lý" in as_(b.unit_head).get("/lam-viec/van-ban/").content.decode()
