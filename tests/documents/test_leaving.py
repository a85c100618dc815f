"""A leaver's files and tasks go to the successor or the head; rights by name end."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.models import AuditEvent
from documents import keeping_office, keeping_tasks
from documents.actions import access
from documents.models import DocumentGrant, TaskExtension
from notices.models import Notice
from org.choices import Role
from org.models import Assignment, RoleGrant
from tests import factories as people
from tests.documents import factories as make


def leaves(user: Any) -> Any:
    yesterday = timezone.localdate() - timedelta(days=1)
    RoleGrant.objects.filter(assignment__person__user=user).update(valid_to=yesterday)
    Assignment.objects.filter(person__user=user).update(valid_to=yesterday)
    return people.again(user)


def test_open_work_goes_to_the_successor(world: Any) -> None:
    a = world.a
    second = people.hat("Đỗ Thị Hai", a.office, "Công chức", Role.CASE_OFFICER)
    officer = a.case_officer
    file = make.work_file(a.ubnd, a.office, officer)
    task = make.task(make.incoming(a.ubnd), a.leader, a.office, officer)
    elsewhere = make.issued(world.b.agency, world.b.division, world.b.officer)
    access.give_grant(elsewhere, officer, reason="x", actor=world.b.clerk)
    assert keeping_office.open_of(officer) == 2
    assert keeping_office.pass_on(officer, second, a.leader, "nghỉ") == [
        ("quyền xem riêng (đã kết thúc)", 1, officer.full_name)
    ], "còn giữ vị trí thì việc ở lại"
    gone = leaves(officer)
    passed = keeping_office.pass_on(gone, second, a.leader, "nghỉ hưu")
    assert [(one.what, one.number, one.to) for one in passed] == [("hồ sơ công việc", 1, second.full_name)]
    passed = keeping_tasks.pass_on(gone, second, a.leader, "nghỉ hưu")
    assert [(one.number, one.to) for one in passed] == [(1, second.full_name)]
    file.refresh_from_db()
    task.refresh_from_db()
    assert (file.keeper, task.person) == (second, second)
    assert not DocumentGrant.objects.filter(user=gone, ended_at__isnull=True).exists()
    assert {"work_file.pass_on", "task.pass_on", "reading.end"} <= set(
        AuditEvent.objects.values_list("event", flat=True)
    )
    assert keeping_office.pass_on(gone, second, a.leader, "nghỉ hưu") == []


def test_without_a_fit_successor_the_head_takes_it_and_leaders_decide(world: Any) -> None:
    a = world.a
    file = make.work_file(a.ubnd, a.office, a.case_officer)
    keeping_office.pass_on(leaves(a.case_officer), world.b.officer, a.leader, "nghỉ")
    file.refresh_from_db()
    assert file.keeper == a.unit_head

    other = people.hat("Lê Văn Phó", a.ubnd, "Phó Chủ tịch kia", Role.LEADER)
    task = make.task(make.incoming(a.ubnd), a.leader, a.office, a.unit_head)
    TaskExtension.objects.create(
        task=task,
        asked_by=a.unit_head,
        asked_printed="x",
        reason="x",
        until=timezone.now() + timedelta(days=3),
    )
    passed = keeping_office.pass_on(leaves(a.leader), None, other, "chuyển công tác")
    assert [one.to for one in passed] == [other.full_name]
    assert Notice.objects.filter(recipient=other, kind="directive.pass_on").exists()
