"""Registers: every number is a row, pages are cheap, prints are whole, a closed book never changes."""

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import files, numbering
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, IssuedNumber, Job, NumberSeries
from documents import registers
from documents.actions import registers as acts
from documents.choices import BookKind
from documents.models import IncomingDocument, RegisterBook
from documents.registers import Span
from tests.documents import factories as make

HERE = "/lam-viec/van-ban/so/"


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(BytesIO(pdf)) as opened:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in opened)


def year() -> int:
    return timezone.localdate().year


def test_the_prescribed_columns() -> None:
    assert len(registers.COLUMNS[BookKind.INCOMING]) == 10
    assert len(registers.COLUMNS[BookKind.OUTGOING]) == 10
    assert len(registers.COLUMNS[BookKind.FOLLOW_UP]) == 7


def test_the_clerk_reads_the_register_of_arrivals(world: Any, client: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd, "Về việc báo cáo phòng cháy", note="gấp")
    make.task(one, a.leader, a.office, a.case_officer, seen_at=timezone.now())
    client.force_login(a.clerk)
    page = client.get(HERE).content.decode()
    for words in ("Về việc báo cáo phòng cháy", one.number_printed, "Nguyễn Thị Lan", "đã nhận", "gấp"):
        assert words in page


def test_a_stranger_sees_nothing(world: Any, client: Any) -> None:
    make.incoming(world.a.ubnd, "Chỉ của A")
    client.force_login(world.b.clerk)
    assert "Chỉ của A" not in client.get(HERE).content.decode()
    assert client.get(f"{HERE}?co-quan={world.a.ubnd.pk}").status_code == 404
    client.force_login(world.a.case_officer)
    assert client.get(HERE).status_code == 404


def test_cancelled_and_unissued_numbers_stand_in_the_register(world: Any, client: Any) -> None:
    a = world.a
    gone = make.issued(a.ubnd, a.office, a.case_officer, "Đã bỏ giữa chừng")
    numbering.cancel(gone.number, reason="ký không thành")
    type(gone).objects.filter(pk=gone.pk).update(
        status="submitted", number=None, number_printed="", dated_on=None
    )
    waiting = make.issued(a.ubnd, a.office, a.case_officer, "Chờ đóng dấu")
    type(waiting).objects.filter(pk=waiting.pk).update(status="signed", issued_at=None)
    client.force_login(a.clerk)
    page = client.get(f"{HERE}?so=di").content.decode()
    assert "đã hủy: ký không thành" in page
    assert "01/QĐ-UBND" in page
    assert "đã ký, chưa phát hành" in page


def test_follow_up_lists_what_is_worked_on(world: Any) -> None:
    a = world.a
    make.incoming(a.ubnd, "Để biết")
    asked = make.incoming(a.ubnd, "Phải trả lời", due_at=timezone.now() - timedelta(days=1))
    make.task(asked, a.leader, a.office, due_in=-1, progress=40)
    answer = make.issued(a.ubnd, a.office, a.case_officer, "Trả lời", answers=asked)
    rows = [row for batch in registers.batches(Span(a.ubnd.pk, BookKind.FOLLOW_UP, year())) for row in batch]
    assert len(rows) == 1
    assert "Phải trả lời" in rows[0].cells[1]
    assert "40" in rows[0].cells[4] and "quá hạn" in rows[0].cells[4]
    assert rows[0].cells[5] == answer.number_printed


def test_the_same_queries_for_one_row_and_thirty(world: Any, client: Any) -> None:
    a = world.a
    client.force_login(a.clerk)

    def queries(kind: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{HERE}?so={kind}").status_code == 200
        return len(seen)

    make.task(make.incoming(a.ubnd, due_at=timezone.now()), a.leader, a.office, a.case_officer)
    make.sent(make.issued(a.ubnd, a.office, a.case_officer), world.b.agency)
    queries("den")  # what a process asks once
    few = [queries(kind) for kind in ("den", "di", "theo-doi")]
    for _n in range(12):
        make.task(make.incoming(a.ubnd, due_at=timezone.now()), a.leader, a.office, a.case_officer)
        make.sent(make.issued(a.ubnd, a.office, a.case_officer), world.b.agency)
    assert [queries(kind) for kind in ("den", "di", "theo-doi")] == few


def test_pages_go_on_by_key(world: Any, client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(registers, "PAGE", 2)
    made = [make.incoming(world.a.ubnd, f"Văn bản thứ {n}") for n in range(5)]
    client.force_login(world.a.clerk)
    first = client.get(HERE).content.decode()
    assert "thứ 4" in first and "thứ 2" not in first
    second = client.get(f"{HERE}?truoc={made[3].number_id}").content.decode()
    assert "thứ 2" in second and "thứ 1" in second and "thứ 4" not in second
    assert "thứ 4" in client.get(f"{HERE}?sau={made[2].number_id}").content.decode()


def test_the_whole_register_is_printed_with_its_cover(
    world: Any, client: Any, work: Any, monkeypatch: Any
) -> None:
    a = world.a
    monkeypatch.setattr(registers, "BATCH", 3)
    for n in range(7):
        make.incoming(a.ubnd, f"Trích yếu dòng {n}")
    client.force_login(a.clerk)
    answer = work(client.post, f"{HERE}in/", {"so": "den", "nam": year(), "co-quan": a.ubnd.pk})
    job = Job.objects.get(kind=acts.PRINT)
    assert answer.url.endswith(f"/so/in/{job.pk}/")
    assert job.done == job.total == 7
    data = files.read(job.artefact)
    text = words_of(data)
    for words in ("SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", f"Năm: {year()}", "Từ số 01 đến số 07", "Quyển số: 1", "Trang 3"):
        assert words in text
    assert all(f"Trích yếu dòng {n}" in text for n in range(7))
    with pikepdf.open(BytesIO(data)) as opened:
        box = opened.pages[0].mediabox
        assert float(box[2]) > float(box[3])
    assert AuditEvent.objects.filter(event="register.print", actor=a.clerk).exists()
    assert client.get(f"{HERE}in/{job.pk}/tep/").status_code == 200
    client.force_login(a.leader)
    assert client.get(f"{HERE}in/{job.pk}/tep/").status_code == 404


def test_the_csv_is_whole_and_harmless(world: Any, client: Any) -> None:
    make.incoming(world.a.ubnd, "Về việc một", issuer_printed="=CMD()")
    client.force_login(world.a.clerk)
    text = b"".join(client.get(f"{HERE}tep/?so=den").streaming_content).decode()
    assert text.startswith("\ufeffNgày đến;Số đến;")
    assert "'=CMD()" in text


def test_a_closed_book_never_changes(world: Any, client: Any, work: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd, "Như lúc khóa")
    client.force_login(a.clerk)
    answer = work(
        client.post,
        f"{HERE}khoa/?so=den&nam={year()}",
        {"so": "den", "nam": year(), "volume": 1, "sure": "on"},
    )
    book = RegisterBook.objects.get()
    assert answer.url.endswith(f"/so/quyen/{book.pk}/")
    assert (book.rows, book.from_number, book.to_number, book.volume) == (1, 1, 1, 1)
    printed = book.printed.sha256
    IncomingDocument.objects.filter(pk=one.pk).update(title="Đã sửa sau")
    make.incoming(a.ubnd, "Sau khi khóa")
    _cover, rows = acts.frozen_rows(book)
    assert [row[5] for row in rows] == ["Công văn: Như lúc khóa"]
    RegisterBook.objects.filter(pk=book.pk).update(printed=None, done_at=None, next_try_at=timezone.now())
    acts.draw_book(book.pk)
    book.refresh_from_db()
    assert book.printed.sha256 == printed
    text = words_of(files.read(book.printed))
    assert "Như lúc khóa" in text and "Sau khi khóa" not in text and "Trần Thị Mai" in text
    event = AuditEvent.objects.get(event="register.close")
    assert event.actor == a.clerk and event.detail["spans"] == {f"arrival:{a.ubnd.pk}:{year()}": [1, 1]}

    second = acts.close_book(a.ubnd, kind=BookKind.INCOMING, year=year(), actor=a.clerk)
    assert (second.volume, second.from_number, second.to_number) == (2, 2, 2)
    with pytest.raises(RuleError, match="chưa có số nào"):
        acts.close_book(a.ubnd, kind=BookKind.INCOMING, year=year(), actor=a.clerk)


def test_only_the_clerk_closes(world: Any) -> None:
    make.incoming(world.a.ubnd)
    for stranger in (world.a.leader, world.a.case_officer, world.b.clerk):
        with pytest.raises(NotAllowed):
            acts.close_book(world.a.ubnd, kind=BookKind.INCOMING, year=year(), actor=stranger)


def test_the_years_last_book_closes_the_number_series(world: Any, monkeypatch: Any) -> None:
    a = world.a
    make.issued(a.ubnd, a.office, a.case_officer)
    with pytest.raises(RuleError, match="31/12"):
        acts.close_book(a.ubnd, kind=BookKind.OUTGOING, year=year(), final=True, actor=a.clerk)
    now = year()
    monkeypatch.setattr(timezone, "localdate", lambda *_a: date(now, 12, 31))
    book = acts.close_book(a.ubnd, kind=BookKind.OUTGOING, year=now, final=True, actor=a.clerk)
    assert book.is_final and NumberSeries.objects.get(key__startswith=f"doc:{a.ubnd.pk}:").closed_at
    with pytest.raises(RuleError, match="khóa"):
        make.issued(a.ubnd, a.office, a.case_officer)
    with pytest.raises(RuleError, match="khóa hẳn"):
        acts.close_book(a.ubnd, kind=BookKind.OUTGOING, year=year(), actor=a.clerk)
    assert IssuedNumber.objects.filter(series__key__startswith=f"doc:{a.ubnd.pk}:").count() == 1


def test_a_series_is_closed_alone_or_with_all_never_both(world: Any) -> None:
    a = world.a
    make.issued(a.ubnd, a.office, a.case_officer)
    acts.close_book(a.ubnd, kind=BookKind.OUTGOING, year=year(), series="QĐ", actor=a.clerk)
    make.issued(a.ubnd, a.office, a.case_officer)
    with pytest.raises(RuleError, match="từng dãy"):
        acts.close_book(a.ubnd, kind=BookKind.OUTGOING, year=year(), actor=a.clerk)


def test_the_agency_signs_the_closed_book(keys: Any, client: Any, work: Any) -> None:
    a = keys.a
    make.incoming(a.ubnd, "Một dòng")
    book = work(acts.close_book, a.ubnd, kind=BookKind.INCOMING, year=year(), actor=a.clerk)
    client.force_login(a.clerk)
    address = f"{HERE}quyen/{book.pk}/ky-so/"
    assert "mã PIN" in client.get(address).content.decode().replace("Mã", "mã")
    assert client.post(address, {"pin": "000000"}).status_code == 200
    work(client.post, address, {"pin": "246810"})
    book.refresh_from_db()
    assert book.sealed_at is not None and book.printed == book.signature_request.result
    assert AuditEvent.objects.filter(event="register.sealed").exists()
    assert "Đã ký số của cơ quan" in client.get(f"{HERE}quyen/{book.pk}/").content.decode()
    assert json.loads(files.read(book.frozen))["rows"]


def test_a_signature_that_failed_is_asked_for_again(keys: Any, client: Any, work: Any) -> None:
    a = keys.a
    make.incoming(a.ubnd, "Một dòng")
    book = work(acts.close_book, a.ubnd, kind=BookKind.INCOMING, year=year(), actor=a.clerk)
    client.force_login(a.clerk)
    address, page = f"{HERE}quyen/{book.pk}/ky-so/", f"{HERE}quyen/{book.pk}/"
    client.post(address, {"pin": "246810"})
    book.refresh_from_db()
    first = book.signature_request
    assert "ky-so" not in client.get(page).content.decode()
    assert "Đang ký số sổ này" in client.post(address, {"pin": "246810"}).content.decode()
    type(first).objects.filter(pk=first.pk).update(
        state="failed", given_up_at=timezone.now(), last_error="CA bận"
    )
    shown = client.get(page).content.decode()
    assert "không thành. CA bận" in shown and "Ký lại" in shown
    work(client.post, address, {"pin": "246810"})
    book.refresh_from_db()
    assert book.signature_request == first and book.sealed_at is not None
