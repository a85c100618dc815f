"""Search: what is found, by whom, in which order, and that it never shows what the rules forbid."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import searching
from documents.actions import indexing
from documents.choices import IncomingState, TaskRole, Urgency
from documents.models import (
    Directive,
    Document,
    DocumentGrant,
    DocumentType,
    IncomingDocument,
    Opinion,
    SavedView,
    SearchEntry,
    Star,
    Task,
)
from documents.searching import Filters
from documents.tasks import sweep_texts
from org.choices import Role
from org.models import OrgSuccession
from signing import services as signing
from tests import factories as make

PAGE = "/lam-viec/van-ban/tim/"


def arrival(agency: Any, title: str, number: str = "", **fields: Any) -> IncomingDocument:
    """An incoming document that waits to be registered, known to search."""
    made = IncomingDocument.objects.create(
        **{
            "agency": agency,
            "source": "paper",
            "title": title,
            "number_printed": number,
            "issuer_printed": "Sở Tài chính thành phố",
            "arrived_at": timezone.now(),
            **fields,
        }
    )
    searching.index(made)
    return made


def draft(place: Any, title: str, *, agency: Any, unit: Any, drafter: Any, **fields: Any) -> Document:
    made = Document.objects.create(
        kind="official",
        type=DocumentType.objects.get(code=fields.pop("type", "CV")),
        agency=agency,
        unit=unit,
        drafter=drafter,
        title=title,
        check_code=signing.new_code(),
        **fields,
    )
    searching.index(made)
    return made


def task(incoming: IncomingDocument, unit: Any, person: Any = None, *, by: Any) -> Task:
    directive = Directive.objects.create(incoming=incoming, by=by, name_printed=by.full_name, text="Xử lý")
    made = Task.objects.create(
        directive=directive, incoming=incoming, unit=unit, person=person, role=TaskRole.LEAD
    )
    indexing.access_changed(incoming)
    return made


def titles(user: Any, text: str = "", **filters: Any) -> list[str]:
    found = searching.find(make.again(user), text, Filters(**filters))
    return [(entry.incoming or entry.document).title for entry in found.entries]  # type: ignore[union-attr]


def rights_of_all_kinds(world: SimpleNamespace) -> SimpleNamespace:
    """Papers of three agencies, and every way in which somebody comes to see one."""
    for place, agency, unit in (
        (world.a, world.a.ubnd, world.a.office),
        (world.b, world.b.agency, world.b.division),
        (world.c, world.c.ubnd, world.c.office),
    ):
        officer = getattr(place, "case_officer", None) or place.officer
        records = [arrival(agency, f"Thử đến {number} {agency.pk}") for number in range(4)]
        papers = [
            draft(place, f"Thử đi {number} {agency.pk}", agency=agency, unit=unit, drafter=officer)
            for number in range(4)
        ]
        task(records[0], unit, officer, by=place.leader)
        task(records[1], unit, by=place.leader)
        task(records[2], world.b.division, by=place.leader)
        task(records[3], world.c.ubnd, by=place.leader)
        Opinion.objects.create(
            document=papers[1], unit=world.b.division, revision=1, asked_by=officer, due_at=timezone.now()
        )
        DocumentGrant.objects.create(incoming=records[3], user=world.c.hr_officer, given_by=place.clerk)
        ended = DocumentGrant.objects.create(
            document=papers[3], user=world.a.hr_officer, given_by=place.clerk
        )
        DocumentGrant.objects.create(document=papers[2], user=world.a.hr_officer, given_by=place.clerk)
        ended.ended_at = timezone.now()
        ended.save()
        for record in (*records, *papers):
            indexing.access_changed(record)
    make.delegation(world.a.leader, world.b.officer, Role.LEADER, scope={"document_types": ["CV"]})
    make.delegation(world.a.case_officer, world.a.hr_officer, Role.CASE_OFFICER)
    make.delegation(world.c.leader, world.a.hr_officer, Role.LEADER, scope={"fields": ["Hộ tịch"]})
    return world


@pytest.fixture
def everything(world: SimpleNamespace) -> SimpleNamespace:
    return rights_of_all_kinds(world)


class TestWords:
    @pytest.fixture
    def three(self, world: SimpleNamespace) -> Any:
        a = world.a.ubnd
        arrival(a, "Về việc tăng cường công tác phòng cháy, chữa cháy mùa hanh khô", "15/QĐ-UBND")
        arrival(a, "Cháy rừng tại phòng hộ ven biển", "215/UBND-NN", signer_printed="Hoàng Văn Thuỷ")
        arrival(a, "Giao đất tại khu dân cư", "05/TB-VP", urgency=Urgency.EXPRESS)
        return world.a.clerk

    @pytest.mark.parametrize("typed", ["phòng cháy", "phong chay", "PHÒNG CHÁY", "phòng cha", '"phòng cháy"'])
    def test_with_and_without_marks_phrase_first(self, three: Any, typed: str) -> None:
        found = titles(three, typed)
        assert found[0].startswith("Về việc tăng cường")
        assert len(found) == (1 if typed[0] == '"' else 2)

    def test_marks_mean_what_they_say(self, three: Any) -> None:
        assert titles(three, "đất") == ["Giao đất tại khu dân cư"]
        assert titles(three, "dat") == ["Giao đất tại khu dân cư"]
        found = searching.find(three, "đạt", Filters())
        assert found.without_marks and len(found.entries) == 1

    @pytest.mark.parametrize("typed", ["15/QĐ-UBND", "15/qd-ubnd", "15/QĐ", "015/qđ-ubnd"])
    def test_a_number_in_any_spelling(self, three: Any, typed: str) -> None:
        assert titles(three, typed)[0].startswith("Về việc tăng cường")

    def test_a_bare_number_and_a_notation(self, three: Any) -> None:
        assert titles(three, "15") == ["Về việc tăng cường công tác phòng cháy, chữa cháy mùa hanh khô"]
        assert titles(three, "5") == titles(three, "05") == ["Giao đất tại khu dân cư"]
        assert titles(three, "UBND-NN") == ["Cháy rừng tại phòng hộ ven biển"]

    def test_one_spelling_of_tones(self, three: Any) -> None:
        assert titles(three, "Thủy") == titles(three, "Thuỷ") == ["Cháy rừng tại phòng hộ ven biển"]

    def test_filters(self, three: Any) -> None:
        assert titles(three, urgency=1) == ["Giao đất tại khu dân cư"]
        assert titles(three, signer="thuy hoang") == ["Cháy rừng tại phòng hộ ven biển"]
        assert len(titles(three, kind="in", year=timezone.localdate().year, with_file=False)) == 3
        assert titles(three, kind="out") == titles(three, with_file=True) == titles(three, year=1999) == []

    @pytest.mark.parametrize(
        "typed", ["'", "\\", '"', "\x00", "!!", "a'b & | ! ( )", "::*", "«", "x" * 300, "/-/", "🙂"]
    )
    def test_no_typing_breaks_it(self, three: Any, typed: str) -> None:
        titles(three, typed)

    def test_a_change_is_known_at_once(self, world: SimpleNamespace) -> None:
        record = arrival(world.a.ubnd, "Kế hoạch tuyển quân")
        record.title = "Kế hoạch trồng cây"
        record.save()
        indexing.touch(record)
        assert titles(world.a.clerk, "tuyển quân") == []
        assert titles(world.a.clerk, "trồng cây") == ["Kế hoạch trồng cây"]

    def test_pages_follow_one_another(self, world: SimpleNamespace) -> None:
        for number in range(7):
            arrival(world.a.ubnd, f"Báo cáo thống kê số {'riêng' if number % 2 else ''} {number}")
        seen, after = [], ""
        for _page in range(5):
            found = searching.find(world.a.clerk, "bao cao thong ke", Filters(), after=after, size=3)
            seen += [entry.incoming_id for entry in found.entries]
            after = found.older
            if not after:
                break
        assert len(seen) == len(set(seen)) == 7

    def test_more_than_are_counted_go_newest_first(
        self, world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(searching, "COUNT_UP_TO", 4)
        monkeypatch.setattr(searching, "RANKED_MOST", 3)
        for number in range(9):
            title = "Thống kê báo cáo" if number % 3 else "Báo cáo thống kê"
            arrival(world.a.ubnd, title, arrived_at=timezone.now() - timedelta(days=100 * (9 - number)))
        seen, after = [], ""
        while True:
            found = searching.find(world.a.clerk, "báo cáo thống kê", Filters(), after=after, size=4)
            assert found.is_capped
            seen += [(entry.incoming.title, entry.pk) for entry in found.entries if entry.incoming]
            if not (after := found.older):
                break
        assert [title for title, _pk in seen] == ["Báo cáo thống kê"] * 3 + ["Thống kê báo cáo"] * 6
        assert [pk for _title, pk in seen[:3]] == sorted((pk for _title, pk in seen[:3]), reverse=True)
        assert [pk for _title, pk in seen[3:]] == sorted((pk for _title, pk in seen[3:]), reverse=True)
        assert len({pk for _title, pk in seen}) == 9


class TestSuccessors:
    def test_a_letter_of_a_former_district_is_found_under_its_successor(self, world: SimpleNamespace) -> None:
        today = timezone.localdate()
        district = make.organization(
            "Ủy ban nhân dân huyện Tiên Phong", "ubnd", valid_from=today.replace(year=2014), valid_to=today
        )
        OrgSuccession.objects.create(old=district, new=world.c.ubnd, share="whole", effective_on=today)
        arrival(
            world.a.ubnd,
            "Điều chỉnh quy hoạch",
            issuer=district,
            issuer_printed=district.name,
            dated_on=today.replace(year=2024, day=1),
        )
        clerk = world.a.clerk
        assert titles(clerk, "ủy ban nhân dân xã C") == ["Điều chỉnh quy hoạch"]
        assert titles(clerk, "huyện Tiên Phong") == ["Điều chỉnh quy hoạch"]
        assert titles(clerk, issuer_id=world.c.ubnd.pk) == ["Điều chỉnh quy hoạch"]
        entry = SearchEntry.objects.get()
        assert entry.incoming is not None and entry.incoming.issuer_printed == district.name


class TestRights:
    """For every role: what search finds is exactly what the rules show."""

    def test_search_is_the_rules(self, everything: SimpleNamespace) -> None:
        people = [
            person
            for place in (everything.a, everything.b, everything.c)
            for person in vars(place).values()
            if hasattr(person, "email")
        ]
        counted = 0
        for person in [*people, make.citizen()]:
            user = make.again(person)
            found = searching.find(user, "thử", Filters(), size=500)
            got = {("in", e.incoming_id) if e.incoming_id else ("out", e.document_id) for e in found.entries}
            incoming = IncomingDocument.objects.visible_to(user).values_list("pk", flat=True)
            made = Document.objects.official().visible_to(user).values_list("pk", flat=True)
            assert got == {("in", pk) for pk in incoming} | {("out", pk) for pk in made}, user.full_name
            assert found.total == len(got), user.full_name  # the lexemes alone say the same
            counted += len(got)
        assert counted > 60

    def test_a_lexeme_grown_old_shows_nothing(self, everything: SimpleNamespace) -> None:
        user = everything.c.hr_officer
        assert titles(user, "thử")
        DocumentGrant.objects.filter(user=user).update(ended_at=timezone.now())
        assert titles(user, "thử") == []

    def test_the_sweep_hears_of_a_task_that_nobody_told_of(self, world: SimpleNamespace) -> None:
        record = arrival(world.b.agency, "Việc mới giao")
        given = Directive.objects.create(incoming=record, by=world.b.leader, name_printed="x", text="Xử lý")
        Task.objects.create(directive=given, incoming=record, unit=world.c.office, role=TaskRole.LEAD)
        IncomingDocument.objects.update(text_read_at=timezone.now())
        assert titles(world.c.unit_head, "việc mới") == []
        sweep_texts()
        assert titles(world.c.unit_head, "việc mới") == ["Việc mới giao"]

    def test_very_many_units_ask_the_rules(
        self, everything: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = titles(everything.a.leader, "thử")
        monkeypatch.setattr(searching, "UNITS_MAX", 0)
        assert sorted(titles(everything.a.leader, "thử")) == sorted(before)


class TestPage:
    @pytest.fixture
    def clerk(self, world: SimpleNamespace, client: Client) -> Any:
        client.force_login(world.a.clerk)
        return world.a.clerk

    def test_found_marked_and_escaped(self, world: SimpleNamespace, client: Client, clerk: Any) -> None:
        arrival(world.a.ubnd, "Phòng cháy <script>alert(1)</script> chữa cháy", "15/QĐ-UBND")
        body = client.get(PAGE, {"q": "chua chay"}).content.decode()
        assert "<mark>chữa</mark> <mark>cháy</mark>" in body
        assert "<script>alert" not in body and "15/QĐ-UBND" in body

    def test_every_combination_of_filters_answers(
        self, world: SimpleNamespace, client: Client, clerk: Any
    ) -> None:
        arrival(world.a.ubnd, "Phòng cháy", state=IncomingState.ARRIVED, due_at=timezone.now())
        for query in (
            {},
            {"q": "phong"},
            {"nhanh": "toi"},
            {"nhanh": "sao"},
            {"nhanh": "qua-han"},
            {"nhanh": "khan"},
            {"nhanh": "tuan"},
            {"cq": "không có đâu"},
            {"cq": "phường A", "loai": "CV", "nam": "2026", "khan": "2", "ky": "Nguyễn", "tep": "co"},
            {"huong": "den", "cot": ["loai", "so-den", "nguoi-ky", "noi-giu"]},
            {"q": "x", "sau": "a.b.c", "nam": "99999", "khan": "9", "loai": "khong-co"},
            {"q": "x", "sau": "9.999999999999999999.1"},
        ):
            assert client.get(PAGE, query).status_code == 200, query
        assert "Phòng cháy" in client.get(PAGE, {"nhanh": "qua-han"}).content.decode().replace("\n", "")

    def test_a_stranger_finds_nothing(self, world: SimpleNamespace, client: Client) -> None:
        arrival(world.a.ubnd, "Phòng cháy")
        client.force_login(world.b.clerk)
        assert "Không có văn bản nào khớp" in client.get(PAGE, {"q": "phòng cháy"}).content.decode()
        client.force_login(make.citizen())
        assert client.get(PAGE).status_code == 403

    def test_stars(self, world: SimpleNamespace, client: Client, clerk: Any) -> None:
        record = arrival(world.a.ubnd, "Phòng cháy")
        other = arrival(world.b.agency, "Của người khác")
        address = f"{PAGE}sao/"
        answer = client.post(address, {"van-ban": f"den-{record.pk}", "ve": f"{PAGE}?q=x"})
        assert answer.status_code == 302 and answer["Location"] == f"{PAGE}?q=x"
        assert "Phòng cháy" in client.get(PAGE, {"nhanh": "sao"}).content.decode()
        client.post(address, {"van-ban": f"den-{record.pk}", "ve": "https://xau.example/"})
        assert not Star.objects.exists()
        for key in (f"den-{other.pk}", "den-x", "di-1", "", "la-1"):
            assert client.post(address, {"van-ban": key}).status_code == 404, key

    def test_similar_ones(self, world: SimpleNamespace, client: Client, clerk: Any) -> None:
        one = arrival(world.a.ubnd, "Về việc nạo vét kênh nội đồng tại xã C")
        arrival(world.a.ubnd, "Kế hoạch nạo vét kênh nội đồng vụ xuân")
        arrival(world.a.ubnd, "Về việc giao đất tại xã C")
        hidden = arrival(world.b.agency, "Nạo vét kênh nội đồng, bản của sở")
        body = client.get(PAGE, {"giong": f"den-{one.pk}"}).content.decode()
        assert "vụ xuân" in body and "giao đất" not in body and "bản của sở" not in body
        assert client.get(PAGE, {"giong": f"den-{hidden.pk}"}).status_code == 200
        assert "bản của sở" not in client.get(PAGE, {"giong": f"den-{hidden.pk}"}).content.decode()

    def test_saved_views(self, world: SimpleNamespace, client: Client, clerk: Any) -> None:
        address = f"{PAGE}bo-loc/"
        client.post(address, {"ten": " Cháy  nổ ", "bo-loc": "q=ch%C3%A1y&sau=1.2.3"})
        kept = SavedView.objects.get()
        assert (kept.name, kept.query) == ("Cháy nổ", "q=ch%C3%A1y")
        assert "Cháy nổ" in client.get(PAGE).content.decode()
        client.post(address, {"ten": "", "bo-loc": "q=x"})
        assert SavedView.objects.count() == 1
        drop = f"{PAGE}bo-loc/{kept.pk}/bo/"
        stranger = Client()
        stranger.force_login(world.b.clerk)
        assert stranger.post(drop).status_code == 404
        assert client.post(drop).status_code == 302
        assert not SavedView.objects.exists()

    def test_the_list_is_taken_along_and_noted(
        self, world: SimpleNamespace, client: Client, clerk: Any
    ) -> None:
        from core.models import AuditEvent

        arrival(world.a.ubnd, "=HYPERLINK(phòng cháy)", "=1+1")
        for kind, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
            answer = client.get(f"{PAGE}xuat/", {"q": "phòng", "dang": kind})
            assert answer.status_code == 200 and answer.content.startswith(start)
            if kind == "csv":
                assert "'=HYPERLINK" in answer.content.decode() and "'=1+1" in answer.content.decode()
        assert AuditEvent.objects.filter(event="document.export_list").count() == 3
        assert client.get(f"{PAGE}xuat/", {"q": "x", "dang": "exe"}).status_code == 404
        assert client.get(f"{PAGE}xuat/", {"dang": "csv"}).status_code == 404

    def test_the_same_queries_for_one_row_and_twenty(
        self, world: SimpleNamespace, client: Client, clerk: Any
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(PAGE, {"q": "công tác chi"}).status_code == 200
            return len(captured)

        def fill(times: int) -> None:
            for number in range(times):
                arrival(world.a.ubnd, f"Công tác chi tiêu {number}")
                officer = world.a.case_officer
                draft(world.a, "Công tác chi", agency=world.a.ubnd, unit=world.a.office, drafter=officer)

        fill(1)
        queries()
        one = queries()
        fill(9)
        assert queries() == one < 40
