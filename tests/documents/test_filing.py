"""Work files: catalogue, collecting, closing, transfer, destruction by two persons, export."""

import zipfile
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as xml

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core import files
from core.errors import NotAllowed, RuleError
from core.models import AuditEvent, Job, StoredFile
from documents import filing, tasks_office
from documents.actions import catalogues, lists
from documents.actions import filing as acts
from documents.choices import FileState, IncomingState, ListState
from documents.models import CatalogueEntry, DestructionList, RetentionPeriod, TransferList, WorkFile
from documents.secrecy import SecretRefused
from notices.models import Notice
from org.choices import Role
from tests import factories as people
from tests.documents import factories as make

HERE = "/lam-viec/van-ban/ho-so/"


@pytest.fixture
def file(world: Any) -> WorkFile:
    a = world.a
    return acts.open_file(
        unit=a.office, title="Cải cách hành chính năm 2026", retention=make.period(), actor=a.case_officer
    )


def upload(words: str = "", name: str = "bien-ban.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.read(make.stored_pdf(words)), "application/pdf")


def closed(file: WorkFile, day: date | None = None, **fields: Any) -> WorkFile:
    WorkFile.objects.filter(pk=file.pk).update(
        state=FileState.CLOSED, closed_on=day or timezone.localdate(), **fields
    )
    file.refresh_from_db()
    return file


def test_retention_periods_are_loaded(world: Any) -> None:
    assert RetentionPeriod.objects.filter(years__isnull=True, source="cần xác minh").count() == 1
    assert set(RetentionPeriod.objects.values_list("years", flat=True)) == {None, 70, 50, 20, 10, 5, 2}


def test_a_file_from_opening_to_the_archive_in_the_browser(world: Any, client: Any, work: Any) -> None:
    a = world.a
    done = make.incoming(a.ubnd, "Đã xong việc", state=IncomingState.DONE)
    make.task(done, a.leader, a.office, a.case_officer)
    out = make.issued(a.ubnd, a.office, a.case_officer, "Trả lời")
    client.force_login(a.case_officer)
    answer = client.post(f"{HERE}moi/", {"title": "Hồ sơ một vụ việc", "retention": make.period().pk})
    file = WorkFile.objects.get()
    assert answer.url == f"{HERE}{file.pk}/"
    assert file.notation == "01.VP" and file.keeper == a.case_officer
    for key in (f"den:{done.pk}", f"di:{out.pk}"):
        client.post(f"{HERE}dua-vao/", {"record": key, "file": file.pk, "next": "/lam-viec/"})
    done.refresh_from_db()
    assert done.state == IncomingState.FILED
    work(
        client.post,
        f"{HERE}{file.pk}/tai-len/",
        {"file": upload(), "title": "Biên bản họp", "dated_on": "01/02/2026"},
    )
    assert [item.ordinal for item in file.items.all()] == [1, 2, 3]
    page = client.get(f"{HERE}{file.pk}/").content.decode()
    assert "Biên bản họp" in page and "Đã xong việc" in page
    last = file.items.last()
    client.post(f"{HERE}{file.pk}/len/", {"item": last.pk})
    assert [item.title for item in file.items.all()][1] == "Biên bản họp"
    client.post(f"{HERE}{file.pk}/xep/")
    assert file.items.first().title == "Biên bản họp"
    assert client.get(f"{HERE}{file.pk}/tai-lieu/{last.pk}/").status_code == 200
    client.post(f"{HERE}{file.pk}/ket-thuc/")
    file.refresh_from_db()
    assert file.state == FileState.CLOSED and file.closed_on == timezone.localdate()
    client.post(f"{HERE}{file.pk}/nop/")
    file.refresh_from_db()
    assert file.state == FileState.SUBMITTED
    transfer = TransferList.objects.get()
    assert not transfer.is_permanent
    assert Notice.objects.filter(recipient=a.clerk, kind="transfer.submit").exists()
    client.force_login(a.clerk)
    client.post(f"{HERE}nop-luu/{transfer.pk}/", {"act": "tra"})
    transfer.refresh_from_db()
    assert transfer.state == ListState.PROPOSED, "không có lý do thì không trả lại"
    client.post(f"{HERE}nop-luu/{transfer.pk}/", {"act": "nhan"})
    file.refresh_from_db()
    assert file.state == FileState.TRANSFERRED
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {
        "work_file.open",
        "work_file.add",
        "incoming.file",
        "work_file.close",
        "transfer.submit",
        "transfer.receive",
    } <= events


def test_a_file_is_opened_for_a_document_that_goes_in_at_once(world: Any, client: Any) -> None:
    a = world.a
    out = make.issued(a.ubnd, a.office, a.case_officer, "Trả lời kiến nghị")
    client.force_login(a.case_officer)
    address = f"{HERE}moi/?van-ban=di:{out.pk}"
    assert address in client.get(f"/lam-viec/van-ban/di/{out.pk}/").content.decode()
    assert "Trả lời kiến nghị" in client.get(address).content.decode()
    answer = client.post(address, {"title": "Trả lời kiến nghị", "retention": make.period().pk})
    assert answer.url == f"/lam-viec/van-ban/di/{out.pk}/"
    assert WorkFile.objects.get().items.get().document == out
    client.force_login(world.b.officer)
    assert client.get(address).status_code == 404
    assert client.get(f"{HERE}moi/?van-ban=di:{'9' * 30}").status_code == 404


def test_one_document_in_many_files_without_a_copy(world: Any, file: WorkFile) -> None:
    a = world.a
    other = acts.open_file(unit=a.office, title="Hồ sơ khác", retention=make.period(), actor=a.case_officer)
    out = make.issued(a.ubnd, a.office, a.case_officer)
    stored = StoredFile.objects.count()
    acts.add_record(file.pk, out, actor=a.case_officer)
    acts.add_record(other.pk, out, actor=a.case_officer)
    assert StoredFile.objects.count() == stored
    with pytest.raises(RuleError, match="đã có"):
        acts.add_record(file.pk, out, actor=a.case_officer)


def test_strangers_add_nothing_and_see_nothing(world: Any, file: WorkFile, client: Any) -> None:
    out = make.issued(world.a.ubnd, world.a.office, world.a.case_officer)
    foreign = make.issued(world.b.agency, world.b.division, world.b.officer)
    with pytest.raises(NotAllowed):
        acts.add_record(file.pk, out, actor=world.b.officer)
    with pytest.raises(NotAllowed):
        acts.add_record(file.pk, foreign, actor=world.a.case_officer)
    client.force_login(world.b.clerk)
    assert client.get(f"{HERE}{file.pk}/").status_code == 404
    assert client.post(f"{HERE}{file.pk}/ket-thuc/").status_code == 404
    assert client.get(HERE).content.decode().count("Cải cách") == 0


def test_doubts_are_named_before_a_file_is_closed(world: Any, file: WorkFile) -> None:
    a = world.a
    draft = make.draft(a.ubnd, a.office, a.case_officer, "Còn là dự thảo")
    acts.add_record(file.pk, draft, actor=a.case_officer)
    for title in ("Lần một", "Lần hai"):
        acts.add_upload(file.pk, upload("giống nhau"), title=title, dated_on=None, actor=a.case_officer)
    with pytest.raises(RuleError, match="dự thảo"):
        acts.close_file(file.pk, actor=a.case_officer)
    with pytest.raises(RuleError, match="nhiều lần"):
        acts.close_file(file.pk, actor=a.case_officer)
    assert acts.close_file(file.pk, sure=True, actor=a.case_officer).state == FileState.CLOSED
    with pytest.raises(RuleError, match="không sửa được"):
        acts.add_upload(file.pk, upload(), title="Muộn", dated_on=None, actor=a.case_officer)


def test_a_loose_secret_is_refused_and_its_bytes_are_gone(world: Any, file: WorkFile) -> None:
    from core import paper

    made = paper.render(
        "papers/file_catalogue.html",
        {"head": {"superior": [], "lines": ["MẬT"], "place": ""}, "year": 2026, "rows": []},
    )
    with pytest.raises(SecretRefused, match="độ mật"):
        acts.add_upload(
            file.pk,
            SimpleUploadedFile("a.pdf", made.data, "application/pdf"),
            title="Bình thường",
            dated_on=None,
            actor=world.a.case_officer,
        )
    import hashlib

    assert not StoredFile.objects.filter(sha256=hashlib.sha256(made.data).hexdigest()).exists()
    assert not files._place(hashlib.sha256(made.data).hexdigest()).exists()
    with pytest.raises(SecretRefused):
        acts.open_file(
            unit=world.a.office, title="Độ mật: Tối mật", retention=make.period(), actor=world.a.case_officer
        )


def test_the_catalogue_of_the_year(world: Any, client: Any) -> None:
    a, year = world.a, timezone.localdate().year
    keep = {"unit": a.office, "retention": make.period(), "title": "Tập văn bản đi"}
    catalogues.add_entry(a.ubnd, year - 1, notation="09.VP", actor=a.clerk, **keep)
    client.force_login(a.clerk)
    client.post(f"{HERE}danh-muc/", {"act": "lay", "nam": year})
    client.post(
        f"{HERE}danh-muc/",
        {
            "act": "them",
            "nam": year,
            "unit": a.office.pk,
            "notation": "01.VP",
            "title": "Hồ sơ họp giao ban",
            "retention": make.period().pk,
        },
    )
    assert CatalogueEntry.objects.filter(catalogue__year=year, is_proposed=False).count() == 2
    proposed = catalogues.add_entry(a.ubnd, year, notation="02.VP", actor=a.unit_head, **keep)
    assert proposed.is_proposed
    with pytest.raises(NotAllowed):
        catalogues.add_entry(a.ubnd, year, notation="03.VP", actor=a.case_officer, **keep)
    with pytest.raises(RuleError, match="đề xuất"):
        catalogues.issue_catalogue(a.ubnd, year, document_no="", actor=a.leader)
    client.post(f"{HERE}danh-muc/", {"act": "nhan", "nam": year, "entry": proposed.pk})
    with pytest.raises(NotAllowed):
        catalogues.issue_catalogue(a.ubnd, year, document_no="", actor=a.clerk)
    client.force_login(a.leader)
    client.post(f"{HERE}danh-muc/", {"act": "ban-hanh", "nam": year, "document_no": "12/QĐ-UBND"})
    with pytest.raises(RuleError, match="đã ban hành"):
        catalogues.add_entry(a.ubnd, year, notation="04.VP", actor=a.clerk, **keep)
    assert client.get(f"{HERE}danh-muc/tep/?nam={year}").content.startswith(b"%PDF")
    client.force_login(a.case_officer)
    entry = CatalogueEntry.objects.get(notation="01.VP")
    assert "Hồ sơ họp giao ban" in client.get(f"{HERE}moi/").content.decode()
    client.post(f"{HERE}moi/?dong={entry.pk}", {"title": entry.title, "retention": entry.retention_id})
    client.post(f"{HERE}moi/?dong={entry.pk}", {"title": entry.title, "retention": entry.retention_id})
    assert set(WorkFile.objects.values_list("notation", flat=True)) == {"01.VP", "01.VP/2"}


def test_permanent_and_timed_files_stand_on_separate_lists(world: Any, file: WorkFile) -> None:
    a = world.a
    lasting = make.work_file(a.ubnd, a.office, a.case_officer, retention=make.period("VV", None))
    short = make.work_file(a.ubnd, a.office, a.case_officer, retention=make.period("2", 2))
    for one in (file, lasting, short):
        closed(one)
    with pytest.raises(RuleError, match="dưới 5 năm"):
        lists.submit_files([file.pk, short.pk], actor=a.case_officer)
    made = lists.submit_files([file.pk, lasting.pk], actor=a.case_officer)
    assert [one.is_permanent for one in made] == [True, False]
    with pytest.raises(NotAllowed):
        lists.receive_files(made[0].pk, accept=True, actor=a.case_officer)


def test_when_a_file_must_be_transferred(world: Any, file: WorkFile) -> None:
    practice = filing.practice_of(world.a.ubnd.pk)
    closed(file, date(2026, 3, 31))
    assert filing.transfer_due(file, practice) == date(2027, 3, 31)
    file.is_construction = True
    assert filing.transfer_due(file, practice) == date(2026, 6, 30)
    with pytest.raises(RuleError, match="31/03/2029"):
        acts.keep_back(file.pk, until=date(2029, 4, 1), basis="12/CV", actor=world.a.case_officer)
    with pytest.raises(RuleError, match="văn bản đồng ý"):
        acts.keep_back(file.pk, until=date(2028, 1, 1), basis=" ", actor=world.a.case_officer)
    kept = acts.keep_back(file.pk, until=date(2028, 1, 1), basis="12/CV", actor=world.a.case_officer)
    assert filing.transfer_due(kept, practice) == date(2028, 1, 1)


def test_the_keeper_is_warned_once(world: Any, file: WorkFile) -> None:
    other = make.work_file(world.a.ubnd, world.a.office, world.a.case_officer)
    closed(file, filing.months_after(timezone.localdate() + timedelta(days=20), -12))
    closed(other, filing.months_after(timezone.localdate() + timedelta(days=60), -12))
    for _again in range(2):
        tasks_office.warn_transfers()
    told = Notice.objects.filter(kind="work_file.due", recipient=world.a.case_officer)
    assert [notice.subject_id for notice in told] == [file.pk]


def test_destruction_takes_two_persons_and_the_list_stays(world: Any, client: Any, work: Any) -> None:
    a = world.a
    old = make.work_file(a.ubnd, a.office, a.case_officer, "Hết giá trị", retention=make.period("2", 2))
    acts.add_upload(old.pk, upload("chỉ ở đây"), title="Rời", dated_on=None, actor=a.case_officer)
    shared = acts.add_upload(
        old.pk, upload("ở hai nơi"), title="Chung", dated_on=None, actor=a.case_officer
    ).stored
    newer = make.work_file(a.ubnd, a.office, a.case_officer, "Còn hạn")
    acts.add_upload(newer.pk, upload("ở hai nơi"), title="Chung", dated_on=None, actor=a.case_officer)
    gone = old.items.first().stored
    export = work(acts.request_export, old, actor=a.case_officer)
    closed(old, date(2020, 1, 1))
    closed(newer, date(2020, 1, 1))
    with pytest.raises(RuleError, match="chưa hết"):
        lists.propose_destruction(a.ubnd, [newer.pk], actor=a.clerk)
    client.force_login(a.clerk)
    client.post(f"{HERE}huy/", {"chon": [old.pk]})
    made = DestructionList.objects.get()
    both = people.hat("Hai Vai", a.ubnd, "Chủ tịch kiêm", Role.LEADER, Role.CLERK)
    DestructionList.objects.filter(pk=made.pk).update(proposed_by=both)
    with pytest.raises(NotAllowed):
        lists.decide_destruction(made.pk, agree=True, note="5/QĐ", actor=both)
    with pytest.raises(RuleError, match="đã duyệt"):
        lists.destroy(made.pk, actor=a.clerk)
    client.force_login(a.leader)
    client.post(f"{HERE}huy/{made.pk}/", {"act": "duyet", "note": "5/QĐ-UBND"})
    client.force_login(a.clerk)
    work(client.post, f"{HERE}huy/{made.pk}/", {"act": "huy"})
    made.refresh_from_db()
    old.refresh_from_db()
    assert old.state == FileState.DESTROYED and not old.items.exists()
    assert made.kept_rows[0]["title"] == "Hết giá trị" and made.kept_rows[0]["items"] == 2
    assert not StoredFile.objects.filter(pk=gone.pk).exists() and not files.path_of(gone).exists()
    assert files.path_of(shared).exists()
    export.refresh_from_db()
    assert export.finished_at and export.artefact is None
    assert "Hết giá trị" in client.get(f"{HERE}huy/{made.pk}/").content.decode()


def test_export_in_time_order_with_the_decrees_field_names(
    world: Any, file: WorkFile, client: Any, work: Any
) -> None:
    a = world.a
    one = make.incoming(a.ubnd, "Văn bản đến", dated_on=date(2026, 5, 1), signer_printed="Nguyễn Văn Ký")
    make.task(one, a.leader, a.office, a.case_officer)
    make.with_file(one)
    acts.add_record(file.pk, one, actor=a.case_officer)
    long = make.issued(a.ubnd, a.office, a.case_officer, "Trả lời", notation="{n}/QĐ-UBND-" + "X" * 40)
    type(long).objects.filter(pk=long.pk).update(dated_on=date(2026, 4, 1))
    long.refresh_from_db()
    acts.add_record(file.pk, long, actor=a.case_officer)
    client.force_login(a.case_officer)
    answer = work(client.post, f"{HERE}{file.pk}/xuat/")
    job = Job.objects.get(kind=acts.EXPORT)
    assert client.get(answer.url).status_code == 200
    with zipfile.ZipFile(BytesIO(files.read(job.artefact))) as archive:
        assert set(archive.namelist()) == {
            "001.pdf",
            "002.pdf",
            "muc-luc.pdf",
            "ho-so.xml",
            "kiem-tra-do-dai.txt",
        }
        root = xml.fromstring(archive.read("ho-so.xml"))
        assert "CodeNotation" in archive.read("kiem-tra-do-dai.txt").decode()
    assert root.findtext("FileCode/FileNotation") == file.notation
    papers = root.findall("Document")
    assert [paper.findtext("Subject") for paper in papers] == ["Trả lời", "Văn bản đến"]
    assert [paper.findtext("DocOrdinal") for paper in papers] == ["001", "002"]
    assert papers[1].findtext("SignerInfo/FullName") == "Nguyễn Văn Ký"
    assert papers[1].findtext("ArrivalNumber") == "1"
    assert client.get(f"{HERE}xuat/{job.pk}/tep/").status_code == 200
    assert client.get(f"{HERE}{file.pk}/muc-luc/").content.startswith(b"%PDF")
    client.force_login(world.b.clerk)
    assert client.get(f"{HERE}xuat/{job.pk}/tep/").status_code == 404


def test_the_list_costs_the_same_for_one_and_thirty(world: Any, client: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    a = world.a
    client.force_login(a.clerk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(HERE)
        return len(seen)

    make.work_file(a.ubnd, a.office, a.case_officer)
    queries()
    few = queries()
    for _n in range(15):
        make.work_file(a.ubnd, a.office, a.case_officer)
    assert queries() == few
