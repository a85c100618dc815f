"""Auditors and timelines read documents by their numbers; a title, which may name a citizen, never."""

from typing import Any

from core import audit, audit_subjects
from core.models import AuditEvent
from tests import factories as people
from tests.documents import factories as make
from tests.factories import again

SECRET = "Về đơn của bà Nguyễn Thị Kín"


def event_of(record: Any) -> AuditEvent:
    audit.record("document.read", actor=None, subject=record)
    return AuditEvent.objects.filter(subject_type=audit.subject_type(record), subject_id=record.pk).latest(
        "id"
    )


def test_records_are_named_by_number_and_lead_to_their_page(world: Any) -> None:
    a, b = world.a, world.b
    came = make.incoming(a.ubnd, SECRET)
    sent = make.issued(a.ubnd, a.office, a.case_officer, title=SECRET)
    task = make.task(came, a.leader, a.office, a.case_officer)
    file = make.work_file(a.ubnd, a.office, a.case_officer, title=SECRET)
    events = [event_of(record) for record in (came, sent, task, file)]
    number = f"số đến {came.arrival_number}/{came.arrival_year}"

    told = audit_subjects.plain_names(events)
    names = [
        audit_subjects.name_of(event, None, told[event.subject_type, event.subject_id]) for event in events
    ]
    assert names == [
        f"văn bản đến {number}",
        f"văn bản số {sent.number_printed}",
        f"việc được giao theo văn bản {number}",
        f"hồ sơ công việc {file.notation} ({file.year})",
    ]
    assert SECRET not in " ".join(names)

    seen = audit_subjects.seen(again(a.clerk), events)
    assert [seen[event.subject_type, event.subject_id].url for event in events] == [
        f"/lam-viec/van-ban/den/{came.pk}/",
        f"/lam-viec/van-ban/di/{sent.pk}/",
        f"/lam-viec/van-ban/viec/{task.pk}/",
        f"/lam-viec/van-ban/ho-so/{file.pk}/",
    ]
    assert all(SECRET not in one.name for one in seen.values())
    assert audit_subjects.seen(again(b.officer), events) == {}


def test_a_draft_is_called_a_draft_and_a_result_stays_with_its_case(world: Any) -> None:
    a = world.a
    draft = make.draft(a.ubnd, a.office, a.case_officer, SECRET)
    told = audit_subjects.plain_names([event_of(draft)])
    assert told["documents.document", draft.pk] == f"dự thảo mã {draft.pk}"
    type(draft).objects.filter(pk=draft.pk).update(kind="result")
    assert audit_subjects.plain_names([event_of(draft)]) == {}


def test_a_citizen_learns_nothing(world: Any) -> None:
    came = make.incoming(world.a.ubnd, SECRET)
    assert audit_subjects.seen(people.user("Nguyễn Thị Kín"), [event_of(came)]) == {}
