"""A document of phường A is received, directed, worked on and closed in sở B, through the doors of its people."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent
from documents.choices import DeliveryState, IncomingState, LegalValue, TaskState
from documents.models import DispatchRecipient, IncomingDocument, RecipientEvent, Task
from notices.models import Notice
from tests.documents import incoming_world as make
from tests.factories import again

pytestmark = pytest.mark.django_db


def as_(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_from_the_seal_in_a_ward_to_code_06_from_the_normal_screen(keys: SimpleNamespace, work: Any) -> None:
    b = keys.b
    document = make.signed(keys.a, [b.agency, keys.c.ubnd], work)
    one = make.arrival_at(b.agency)
    assert (one.number_printed, one.issuer_printed) == (document.number_printed, keys.a.ubnd.name)
    assert one.verdict == "valid" and one.legal_value == LegalValue.ORIGINAL
    assert Notice.objects.filter(recipient=b.clerk, kind="incoming.arrived").count() == 1
    row = one.recipient
    assert row.state == DeliveryState.ARRIVED and row.opened_at is None

    clerk = as_(b.clerk)
    assert document.title in clerk.get("/lam-viec/van-ban/den/").content.decode()
    page = clerk.get(f"/lam-viec/van-ban/den/{one.pk}/").content.decode()
    assert "Chữ ký số hợp lệ" in page and "Tiếp nhận và trình" in page
    row.refresh_from_db()
    assert row.opened_by_id == b.clerk.pk and "Hồ Văn Thư" in row.opened_printed
    answer = work(
        clerk.post,
        f"/lam-viec/van-ban/den/{one.pk}/tiep-nhan/",
        {"lam": "trinh", "leader": b.leader.pk, "pages": "1", "note": ""},
    )
    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.state, one.arrival_number, one.submitted_to_id) == (IncomingState.SUBMITTED, 1, b.leader.pk)

    leader = as_(b.leader)
    assert document.title in leader.get("/lam-viec/van-ban/").content.decode()
    assert leader.get(f"/lam-viec/van-ban/den/{one.pk}/chi-dao/").status_code == 200
    work(
        leader.post,
        f"/lam-viec/van-ban/den/{one.pk}/chi-dao/",
        {"text": "Chủ trì tham mưu.", f"role-{b.division.pk}": "lead", "due_on": "31/12/2099"},
    )
    one.refresh_from_db()
    assert one.state == IncomingState.ASSIGNED and one.lead_unit_id == b.division.pk
    task = Task.objects.get(incoming=one)

    head = as_(b.unit_head)
    assert head.get(f"/lam-viec/van-ban/viec/{task.pk}/").status_code == 200
    hat = again(b.officer).hat
    work(
        head.post,
        f"/lam-viec/van-ban/viec/{task.pk}/giao/",
        {"text": "Xử lý.", "due_on": "31/12/2099", f"role-{hat.pk}": "lead"},
    )
    below = Task.objects.get(directive__under=task)
    officer = as_(b.officer)
    assert document.title in officer.get("/lam-viec/van-ban/").content.decode()
    work(
        officer.post, f"/lam-viec/van-ban/viec/{below.pk}/lam/bao-cao/", {"text": "Đã làm", "progress": "60"}
    )
    work(officer.post, f"/lam-viec/van-ban/viec/{below.pk}/lam/hoan-thanh/", {"result": "Đã xong."})
    below.refresh_from_db()
    assert below.state == TaskState.DONE
    work(head.post, f"/lam-viec/van-ban/viec/{task.pk}/lam/hoan-thanh/", {"result": "Đã báo cáo."})
    one.refresh_from_db()
    row.refresh_from_db()
    assert one.state == IncomingState.DONE and one.outcome == "Đã báo cáo."
    assert row.state == DeliveryState.DONE
    assert list(row.events.values_list("code", flat=True)) == ["01", "03", "04", "05", "06"]
    verbs = AuditEvent.objects.filter(subject_type="documents.incomingdocument", subject_id=one.pk)
    assert {"incoming.receive", "incoming.submit_up", "incoming.direct", "incoming.finish"} <= set(
        verbs.values_list("event", flat=True)
    )
    sheet = leader.get(f"/lam-viec/van-ban/den/{one.pk}/phieu-giai-quyet/")
    assert sheet.content.startswith(b"%PDF")
    sender = as_(keys.a.clerk)
    shown = sender.get(f"/lam-viec/van-ban/gui/{row.dispatch_id}/").content.decode()
    assert "Hoàn thành" in shown and "Hồ Văn Thư" in shown
    assert DispatchRecipient.objects.get(dispatch=row.dispatch_id, unit=keys.c.ubnd).opened_at is None
    assert RecipientEvent.objects.filter(recipient__unit=keys.c.ubnd).count() == 1
    assert IncomingDocument.objects.filter(agency=keys.c.ubnd).get().verdict == "valid"


def test_an_altered_file_that_says_valid_is_shown_as_altered(keys: SimpleNamespace, work: Any) -> None:
    from core import files
    from documents.actions import incoming as acts

    document = make.signed(keys.a, [keys.b.agency], work)
    one = make.arrival_at(keys.b.agency)
    genuine = files.read(document.current_file)
    place = genuine.index(b"/Contents <") if b"/Contents <" in genuine else genuine.index(b"/Contents<")
    changed = bytearray(genuine)
    spot = genuine.index(b"obj", 20) + 12
    assert spot < place
    changed[spot] ^= 1
    altered = files.store_bytes(bytes(changed), "application/pdf", pages=1)
    one.files.filter(is_main=True).update(stored=altered)
    acts.check_signatures(one.pk, actor=keys.b.clerk)
    page = as_(keys.b.clerk).get(f"/lam-viec/van-ban/den/{one.pk}/").content.decode()
    one.refresh_from_db()
    assert one.verdict == "invalid" and one.legal_value == LegalValue.FOR_INFORMATION
    assert "Chữ ký số không hợp lệ" in page and "verdict-bad" in page
