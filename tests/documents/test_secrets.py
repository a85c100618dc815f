"""A state secret that slipped in is erased everywhere at once; two persons close the incident."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from core import audit, files
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, StoredFile
from documents.actions import filing, incidents
from documents.actions import registers as books
from documents.choices import BookKind, IncidentState, TextSource
from documents.models import (
    Attachment,
    DraftVersion,
    FileText,
    IncomingDocument,
    IncomingFile,
    SecretIncident,
    SecretReceipt,
    TaskNote,
)
from notices import services as notices
from org import crypto
from tests.documents import factories as make

HERE = "/lam-viec/van-ban/mat/"
MARK = "Zkvq7secret"


def left_in_database() -> list[str]:
    """Every column of text, JSON or search in every table that still holds the mark."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            for column in model._meta.concrete_fields:
                if (column.db_type(connection) or "").split("(")[0] not in {
                    "varchar",
                    "text",
                    "jsonb",
                    "tsvector",
                }:
                    continue
                cursor.execute(
                    f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{column.column}"::text ILIKE %s',
                    [f"%{MARK}%"],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{model._meta.label}.{column.name}")
    return found


def left_on_disk(folder: Path, shas: list[str]) -> list[Path]:
    return [
        place for place in folder.rglob("*") if place.is_file() and any(sha in place.name for sha in shas)
    ]


def spread(world: Any) -> Any:
    """A sends a document with the mark everywhere to B; B works on it, files it and closes its register."""
    a, b = world.a, world.b
    title = f"Về việc {MARK}"
    out = make.issued(a.ubnd, a.office, a.case_officer, title, body_sealed=crypto.seal(f"<p>{MARK}</p>"))
    appendix = make.stored_pdf(f"phụ lục {MARK}")
    Attachment.objects.create(document=out, stored=appendix, name=f"{MARK}.pdf", added_by=a.case_officer)
    DraftVersion.objects.create(
        document=out,
        number=1,
        title=title,
        author=a.case_officer,
        files=[{"name": MARK, "sha256": appendix.sha256}],
    )
    FileText.objects.create(stored=appendix, text=f"chữ {MARK}", source=TextSource.PDF)
    dispatch = make.sent(out, b.agency)
    came = make.incoming(
        b.agency,
        title,
        recipient=dispatch.recipients.get(),
        source="system",
        note=MARK,
        outcome=MARK,
        report={"t": MARK},
    )
    for stored in (out.current_file, appendix):
        IncomingFile.objects.create(incoming=came, stored=stored, name=f"{MARK}.pdf")
    task = make.task(came, b.leader, b.division, b.officer, text=MARK, result=MARK)
    task.directive.text = MARK
    task.directive.save(update_fields=["text"])
    TaskNote.objects.create(task=task, by=b.officer, by_printed="x", text=MARK)
    audit.record("task.report", actor=b.officer, subject=task, note=MARK)
    audit.record("document.send_back", actor=a.unit_head, subject=out, note=MARK)
    notices.tell_inbox(recipient=b.officer, kind="task", title=MARK, text=MARK, url="/", subject=task)
    file = make.work_file(b.agency, b.division, b.officer)
    filing.add_record(file.pk, came, actor=b.officer)
    pictures = Path(files.path_of(appendix)).parents[2] / "pages" / appendix.sha256[:2]
    pictures.mkdir(parents=True)
    (pictures / f"{appendix.sha256}-1-900.png").write_bytes(b"anh")
    return out, came, [out.current_file.sha256, appendix.sha256]


def test_nothing_of_it_remains_in_any_table_or_file(world: Any, work: Any, settings: Any) -> None:
    a, b = world.a, world.b
    out, came, shas = spread(world)
    book = work(
        books.close_book, b.agency, kind=BookKind.INCOMING, year=timezone.localdate().year, actor=b.clerk
    )
    printed = book.printed if book.printed_id else type(book).objects.get(pk=book.pk).printed
    job = work(
        books.request_print,
        books.Span(a.ubnd.pk, BookKind.OUTGOING, timezone.localdate().year),
        actor=a.clerk,
    )
    job.refresh_from_db()
    shas += [book.frozen.sha256, printed.sha256, job.artefact.sha256]
    kept = make.incoming(b.agency, "Văn bản khác")
    assert left_in_database()

    incident = work(incidents.report, came, actor=b.officer)
    assert incident.state == IncidentState.OPEN
    work(incidents.purge, incident.pk, actor=b.clerk)

    assert left_in_database() == []
    assert left_on_disk(Path(settings.FILE_STORE), shas) == []
    assert not StoredFile.objects.filter(sha256__in=shas).exists()
    for one in (out, came):
        one.refresh_from_db()
        assert one.title == "(đã xóa)" and one.number_printed
    assert out.body_sealed == ""
    incident.refresh_from_db()
    assert set(shas[:2]) <= set(incident.hashes)
    book.refresh_from_db()
    _cover, rows = books.frozen_rows(book)
    assert len(rows) == 1 and "(đã xóa)" in rows[0][5] and book.printed is not None
    assert IncomingDocument.objects.get(pk=kept.pk).title == "Văn bản khác"
    event = AuditEvent.objects.get(event="secret.purge")
    assert event.actor == b.clerk and event.note == "" and set(event.detail) == {"records", "files"}


def test_another_row_of_the_same_title_stays_in_a_closed_book(world: Any, work: Any) -> None:
    a = world.a
    first, second = (make.incoming(a.ubnd, "Báo cáo tháng") for _n in range(2))
    book = work(
        books.close_book, a.ubnd, kind=BookKind.INCOMING, year=timezone.localdate().year, actor=a.clerk
    )
    incident = incidents.report(first, actor=a.clerk)
    work(incidents.purge, incident.pk, actor=a.leader)
    book.refresh_from_db()
    _cover, rows = books.frozen_rows(book)
    assert [row[5] for row in rows] == ["Công văn: (đã xóa)", "Công văn: Báo cáo tháng"]
    second.refresh_from_db()
    assert second.title == "Báo cáo tháng"


def test_the_procedure_in_the_browser_takes_two_persons(world: Any, client: Any) -> None:
    a = world.a
    one = make.incoming(a.ubnd, MARK)
    make.task(one, a.leader, a.office, a.case_officer)
    make.with_file(one)
    client.force_login(a.case_officer)
    assert MARK not in client.get(f"{HERE}bao/den/{one.pk}/").content.decode()
    client.post(f"{HERE}bao/den/{one.pk}/")
    incident = SecretIncident.objects.get()
    assert client.get(f"{HERE}su-co/{incident.pk}/").status_code == 404
    client.force_login(a.clerk)
    place = f"{HERE}su-co/{incident.pk}/"
    client.post(f"{place}xoa/")
    incident.refresh_from_db()
    assert incident.state == IncidentState.OPEN, "không đánh dấu thì không xóa"
    client.post(f"{place}xoa/", {"sure": "1"})
    incident.refresh_from_db()
    assert incident.state == IncidentState.PURGED
    with pytest.raises(RuleError, match="người khác"):
        incidents.close_incident(incident.pk, actor=a.clerk)
    with pytest.raises(RuleError, match="chưa xác nhận"):
        incidents.close_incident(incident.pk, actor=a.leader)
    for key, _words in incidents.STEPS:
        client.post(f"{place}buoc/", {"key": key, "note": "đã kiểm tra"})
    client.force_login(a.leader)
    client.post(f"{place}ket-thuc/")
    incident.refresh_from_db()
    assert incident.state == IncidentState.CLOSED and incident.closed_by == a.leader
    assert client.get(place).status_code == 200
    client.force_login(world.b.clerk)
    assert client.get(place).status_code == 404
    with pytest.raises(NotAllowed):
        incidents.purge(incident.pk, actor=world.b.clerk)


def test_the_counter_holds_a_number_only(world: Any, client: Any) -> None:
    a = world.a
    day = f"{timezone.localdate():%d/%m/%Y}"
    client.force_login(a.clerk)
    client.post(HERE, {"day": day, "count": 2})
    client.post(HERE, {"day": day, "count": 3})
    assert SecretReceipt.objects.get().count == 3
    assert "Không soạn" in client.get(HERE).content.decode()
    client.force_login(a.case_officer)
    assert client.post(HERE, {"day": day, "count": 9}).status_code == 404
    assert "Đếm theo ngày" not in client.get(HERE).content.decode()
