"""Rights by name, the log of readings, and prints that say who printed them."""

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core.cache import cache
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from core import files
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent
from documents import actions, reading, watermark
from documents.actions import access as acts
from documents.actions import registers as books
from documents.models import Document, DocumentGrant, IncomingDocument
from notices.models import Notice
from tests.documents import factories as make

HERE = "/lam-viec/van-ban/quyen/"


def test_a_colleague_elsewhere_is_given_and_loses_the_right(world: Any, client: Any) -> None:
    a, b = world.a, world.b
    one = make.incoming(a.ubnd, "Chỉ của A")
    assert not IncomingDocument.objects.visible_to(b.officer).filter(pk=one.pk).exists()
    client.force_login(a.clerk)
    page = client.get(f"{HERE}den/{one.pk}/?q=Lý Thị Soạn").content.decode()
    assert b.officer.full_name in page and "mở rộng phạm vi" in page
    client.post(f"{HERE}den/{one.pk}/cho/", {"person": b.officer.pk, "reason": ""})
    assert not DocumentGrant.objects.exists()
    client.post(f"{HERE}den/{one.pk}/cho/", {"person": b.officer.pk, "reason": "phối hợp"})
    grant = DocumentGrant.objects.get()
    assert IncomingDocument.objects.visible_to(b.officer).filter(pk=one.pk).exists()
    assert Notice.objects.filter(recipient=b.officer, kind="reading.give").exists()
    assert AuditEvent.objects.filter(event="reading.give", actor=a.clerk).exists()
    with pytest.raises(RuleError, match="đã được"):
        acts.give_grant(one, b.officer, reason="nữa", actor=a.clerk)
    client.post(f"{HERE}den/{one.pk}/thoi/", {"grant": grant.pk})
    assert not IncomingDocument.objects.visible_to(b.officer).filter(pk=one.pk).exists()
    assert AuditEvent.objects.filter(event="reading.end").exists()


def test_a_right_is_never_passed_on(world: Any, client: Any) -> None:
    a, b = world.a, world.b
    one = make.issued(a.ubnd, a.office, a.case_officer)
    acts.give_grant(one, b.officer, reason="phối hợp", actor=a.case_officer)
    with pytest.raises(NotAllowed):
        acts.give_grant(one, b.clerk, reason="cho thêm", actor=b.officer)
    client.force_login(b.officer)
    assert "Chọn người" not in client.get(f"{HERE}di/{one.pk}/?q=Hồ").content.decode()
    assert client.get(f"{HERE}di/{one.pk}/da-mo/").status_code == 404
    client.force_login(b.clerk)
    assert client.get(f"{HERE}di/{one.pk}/").status_code == 404


def test_who_handles_it_may_let_others_read(world: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd)
    with pytest.raises(NotAllowed):
        acts.give_grant(one, a.hr_officer, reason="x", actor=a.case_officer)
    make.task(one, a.leader, a.office, a.case_officer)
    assert acts.give_grant(one, a.hr_officer, reason="x", actor=a.case_officer).pk
    assert acts.end_grants_of(a.hr_officer, actor=a.leader, reason="nghỉ") == 1


def test_readings_are_noted_once_in_ten_minutes(world: Any, client: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd)
    for reader in (a.clerk, a.clerk, a.leader):
        request = RequestFactory().get("/")
        request.user = reader
        reading.note(request, one)
    assert reading.counts(one) == {"times": 2, "people": 2}
    cache.clear()
    request.user = a.clerk
    reading.note(request, one)
    assert reading.counts(one) == {"times": 3, "people": 2}
    client.force_login(a.leader)
    page = client.get(f"{HERE}den/{one.pk}/da-mo/").content.decode()
    assert "3 lượt mở của 2 người" in page and a.clerk.full_name in page
    client.force_login(world.b.leader)
    assert client.get(f"{HERE}den/{one.pk}/da-mo/").status_code == 404


def test_a_print_says_who_and_the_original_stays(world: Any) -> None:
    a = world.a
    one = make.issued(a.ubnd, a.office, a.case_officer)
    stored, before = one.current_file, files.read(one.current_file)
    made = watermark.marked(stored, a.clerk)
    with pypdfium2.PdfDocument(made) as opened:
        text = opened[0].get_textpage().get_text_range()
    assert a.clerk.full_name in text and a.office.name in text and "không mang chữ ký số" in text
    assert files.read(stored) == before
    with pytest.raises(watermark.NotPrintable):
        watermark.marked(files.store_bytes(b"khong phai pdf", "application/pdf"), a.clerk)


def test_a_marked_copy_of_a_signed_paper_claims_no_signature(keys: Any, work: Any) -> None:
    a = keys.a
    make.incoming(a.ubnd)
    book = work(books.close_book, a.ubnd, kind="incoming", year=timezone.localdate().year, actor=a.clerk)
    authorisation = actions.authorise(actions.agency_key(a.ubnd), "246810", actor=a.clerk)
    work(books.seal_book, book.pk, actor=a.clerk, authorisation=authorisation)
    book.refresh_from_db()
    with pikepdf.open(BytesIO(files.read(book.printed))) as signed:
        assert "/AcroForm" in signed.Root
    with pikepdf.open(BytesIO(watermark.marked(book.printed, a.leader))) as copy:
        assert "/AcroForm" not in copy.Root


def test_the_part_for_document_pages(world: Any, rf: Any) -> None:
    a = world.a
    one = make.issued(a.ubnd, a.office, a.case_officer)
    make.work_file(a.ubnd, a.office, a.case_officer, "Hồ sơ để đưa vào")
    acts.give_grant(one, a.hr_officer, reason="x", actor=a.clerk)
    request = rf.get("/lam-viec/")
    request.user = a.case_officer
    words = '{% include "documents/_grants.html" %}{% include "documents/_file_into.html" %}'
    drawn = Template(words).render(Context({"record": Document.objects.get(pk=one.pk), "request": request}))
    assert a.hr_officer.full_name in drawn and "Hồ sơ để đưa vào" in drawn and f"di:{one.pk}" in drawn
