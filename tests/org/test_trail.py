"""Auditors read their part of the trail: filters, pages, one event, extracts; texts only where the record may be seen."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core import audit, files
from core.models import AuditEvent, Job
from core.transparency import keys, sequencer
from onecase.models import Case
from org import tasks, trail
from org.choices import OrganizationKind, Role
from org.models import OrgSuccession, RoleGrant
from tests import factories as make

pytestmark = pytest.mark.django_db
LIST = "/lam-viec/nhat-ky/"


@pytest.fixture(autouse=True)
def own_key(settings):
    settings.AUDIT_KEY = keys.new_secret()[0]


@pytest.fixture
def world():
    return make.commune()


@pytest.fixture
def auditor(world):
    return make.hat("Kiều Minh Tra", world.office, "Chuyên viên kiểm tra", Role.AUDITOR, on=world.ubnd)


@pytest.fixture
def subtree_auditor(auditor):
    RoleGrant.objects.filter(role=Role.AUDITOR).update(include_descendants=True)
    return make.again(auditor)


@pytest.fixture
def city_auditor():
    city = make.organization("Ủy ban nhân dân thành phố", OrganizationKind.COMMITTEE, slug="ubnd-tp")
    make.organization("Sở Thử", OrganizationKind.DEPARTMENT, parent=city)
    made = make.hat("Tạ Thanh Tra", city, "Thanh tra viên", Role.AUDITOR)
    RoleGrant.objects.filter(organization=city).update(include_descendants=True)
    return make.again(made)


def text(client, user, address=LIST, **query):
    client.force_login(user)
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def shown(client, user, **query) -> set[int]:
    """Numbers of the events on the page, without the page's own reading events."""
    client.force_login(user)
    lines = client.get(LIST, query).context["lines"]
    return {line.event.pk for line in lines if not line.event.event.startswith("audit.")}


def lines(client, user, **query) -> list[trail.Line]:
    client.force_login(user)
    return list(client.get(LIST, query).context["lines"])


class TestWhoComesIn:
    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
    def test_no_other_role(self, client, world, role):
        client.force_login(make.hat("Ai Khác", world.office, "Việc khác", role, on=world.ubnd))
        event = audit.record("unit.thu", actor=None, subject=world.ubnd)
        for address in (LIST, f"{LIST}{event.pk}/", f"{LIST}{event.pk}/chung-minh.json", f"{LIST}xuat/1/"):
            assert client.get(address).status_code == 404
        assert client.post(f"{LIST}xuat/").status_code == 404

    def test_strangers_and_citizens(self, client):
        assert client.get(LIST).status_code == 302
        client.force_login(make.citizen())
        assert client.get(LIST).status_code == 403

    def test_the_sub_navigation_names_it_for_auditors_only(self, client, auditor, world):
        assert 'href="/lam-viec/nhat-ky/"' in text(client, auditor, "/lam-viec/danh-ba/")
        assert 'href="/lam-viec/nhat-ky/"' not in text(client, world.clerk, "/lam-viec/danh-ba/")


class TestWhichPart:
    def test_acts_of_the_units_people_and_on_its_records_and_no_others(self, client, world, auditor):
        other = make.commune("phường Khác")
        by_people = audit.record("unit.thu", actor=world.leader, subject=make.user())
        on_record = audit.record("unit.thu", actor=None, subject=world.ubnd)
        foreign = audit.record("unit.thu", actor=other.leader, subject=other.ubnd)
        below = audit.record("unit.thu", actor=world.case_officer, subject=make.user())
        assert shown(client, auditor) == {by_people.pk, on_record.pk}
        for event in (foreign, below):
            assert client.get(f"{LIST}{event.pk}/").status_code == 404
            assert client.get(f"{LIST}{event.pk}/chung-minh.json").status_code == 404

    def test_with_the_subtree(self, client, world, subtree_auditor):
        below = audit.record("unit.thu", actor=world.case_officer, subject=make.user())
        assert shown(client, subtree_auditor) == {below.pk}

    def test_units_that_were_taken_over_go_on_being_read(self, client, world, subtree_auditor):
        gone = make.organization("Phòng Cũ", OrganizationKind.DIVISION)
        older = make.organization("Phòng Cũ Hơn", OrganizationKind.DIVISION)
        for old, new in ((gone, world.office), (older, gone)):
            OrgSuccession.objects.create(
                old=old, new=new, relation="merge", effective_on=timezone.localdate()
            )
        event = audit.record("unit.thu", actor=None, subject=older)
        assert shown(client, subtree_auditor) == {event.pk}

    def test_city_wide_also_what_belongs_to_no_unit(self, client, world, city_auditor):
        events = {
            audit.record("unit.thu", actor=None, subject=make.user()).pk,
            audit.record("unit.thu", actor=world.leader, subject=world.ubnd).pk,
        }
        assert shown(client, city_auditor) == events
        assert "toàn thành phố" in text(client, city_auditor)

    def test_the_citys_office_alone_is_not_the_city(self, client, world, city_auditor):
        RoleGrant.objects.filter(role=Role.AUDITOR).update(include_descendants=False)
        audit.record("unit.thu", actor=world.leader, subject=world.ubnd)
        assert shown(client, make.again(city_auditor)) == set()


class TestTexts:
    @pytest.fixture
    def event(self, world):
        case = make.case(world)
        return audit.record(
            "case.thu", actor=case.applicant, subject=case, note="bị bệnh hiểm nghèo", detail={"a": "kín"}
        )

    def test_facts_are_shown_and_texts_and_citizens_names_are_not(self, client, event, city_auditor):
        for address in (LIST, f"{LIST}{event.pk}/"):
            page = text(client, city_auditor, address)
            assert "bị bệnh" not in page and "kín" not in page and event.actor_name not in page
            assert f"hồ sơ {Case.objects.get(pk=event.subject_id).code}" in page
        assert "Nội dung không hiện" in page

    def test_who_also_serves_the_record_reads_them(self, client, event, world):
        both = make.hat("Kiêm Nhiệm", world.ubnd, "Phó Chủ tịch", Role.AUDITOR, Role.LEADER, on=world.ubnd)
        RoleGrant.objects.filter(assignment__person__user=both).update(include_descendants=True)
        page = text(client, make.again(both), f"{LIST}{event.pk}/")
        assert "bị bệnh" in page and "kín" in page and event.actor_name in page

    def test_the_proof_carries_the_texts_only_for_those(self, client, event, city_auditor):
        sequencer.run()
        client.force_login(city_auditor)
        told = client.get(f"{LIST}{event.pk}/chung-minh.json").json()
        assert "texts" not in told["event"] and told["event"]["number"] == event.pk

    def test_an_erased_event_says_so(self, client, event, city_auditor):
        audit.erase(event, "Quyết định 12")
        page = text(client, city_auditor, f"{LIST}{event.pk}/")
        assert "Nội dung đã xóa" in page


class TestWords:
    """No codes where there are words."""

    def test_values_by_the_choices_of_their_model(self, client, world, city_auditor):
        hat, grant = world.clerk.hat, world.clerk.hat.grants.get()
        audit.record("post.end", actor=world.leader, subject=hat, before=hat.kind)
        audit.record("grant.end", actor=world.leader, subject=grant, before=grant.role)
        audit.record("unit.reopen", actor=world.leader, subject=world.ubnd, after="2026-10-24")
        audit.record("user.add_second_factor", actor=world.clerk, subject=world.clerk, after="totp")
        moves = {line.event.event: line.move for line in lines(client, city_auditor)}
        assert moves["post.end"] == "chính" and moves["grant.end"] == "Văn thư"
        assert moves["unit.reopen"] == "24/10/2026"
        assert moves["user.add_second_factor"] == "ứng dụng xác thực"

    def test_staff_by_name_and_citizens_by_number(self, client, world, city_auditor):
        citizen = make.citizen()
        hat = world.clerk.hat
        for subject in (world.clerk, hat, hat.grants.get(), citizen):
            audit.record("unit.thu", actor=world.leader, subject=subject)
        names = [line.record for line in lines(client, city_auditor, viec="unit.thu")]
        assert f"số {citizen.pk}" in names[0] and citizen.full_name not in names[0]
        assert all(world.clerk.full_name in name for name in names[1:])
        assert "Văn thư" in names[1] and str(hat) in names[2]

    def test_filters_in_words(self, world):
        wanted = trail.Wanted.read(
            {
                "tu": "24/10/2026", "den": "01/11/2026", "don-vi": world.ubnd.slug, "viec": "post.end",
                "ban-ghi": "onecase.case:12", "loai": "xem",
            }
        )  # fmt: skip
        assert wanted.words() == (
            f"từ 24/10/2026; đến 01/11/2026; đơn vị: {world.ubnd.name}; việc: Thôi giữ chức vụ; "
            "bản ghi: hồ sơ số 12; loại: chỉ lượt xem dữ liệu"
        )


class TestFilters:
    def test_days(self, client, world, auditor):
        september = audit.record(
            "unit.thu", actor=None, subject=world.ubnd, at=datetime(2026, 9, 9, tzinfo=UTC)
        )
        today = audit.record("unit.thu", actor=None, subject=world.ubnd)
        assert shown(client, auditor) == {today.pk}
        assert shown(client, auditor, tu="01/09/2026") == {september.pk, today.pk}
        assert shown(client, auditor, tu="01/09/2026", den="30/09/2026") == {september.pk}
        assert shown(client, auditor, den="30/09/2026") == {september.pk}
        assert "bạn đã nhập «hôm qua»" in text(client, auditor, tu="hôm qua")

    def test_person_by_words_without_accents_and_by_mail(self, client, world, auditor):
        mine = audit.record("unit.thu", actor=world.leader, subject=world.ubnd)
        audit.record("unit.thu", actor=None, subject=world.ubnd)
        assert shown(client, auditor, nguoi="dang thu phuong") == {mine.pk}
        assert shown(client, auditor, nguoi=world.leader.email.upper()) == {mine.pk}
        assert shown(client, auditor, nguoi="không ai cả") == set()

    def test_unit_verb_and_record(self, client, world, subtree_auditor):
        case = make.case(world)
        in_office = audit.record("unit.thu", actor=world.case_officer, subject=make.user())
        at_top = audit.record("unit.khac", actor=world.leader, subject=world.ubnd)
        on_case = {audit.record("case.thu", actor=case.applicant, subject=case).pk}
        assert in_office.pk in shown(client, subtree_auditor, **{"don-vi": world.office.slug})
        assert at_top.pk not in shown(client, subtree_auditor, **{"don-vi": world.office.slug})
        assert shown(client, subtree_auditor, **{"don-vi": "khong-co"}) == set()
        assert shown(client, subtree_auditor, viec="unit.khac") == {at_top.pk}
        assert shown(client, subtree_auditor, **{"ban-ghi": case.code}) == on_case
        assert shown(client, subtree_auditor, **{"ban-ghi": f"onecase.case:{case.pk}"}) == on_case
        assert shown(client, subtree_auditor, **{"ban-ghi": "31.không-có"}) == set()

    def test_kinds(self, client, world, auditor):
        read = audit.record_read(world.leader, world.ubnd, "unit.read")
        opened = audit.record("break_glass.open", actor=world.leader, subject=world.ubnd)
        given = audit.record(
            "unit.thu", actor=world.leader, subject=world.ubnd, on_behalf_of="Trần B · Chủ tịch"
        )
        assert read.pk in shown(client, auditor, loai="xem") and opened.pk not in shown(
            client, auditor, loai="xem"
        )
        assert shown(client, auditor, loai="khan") == {opened.pk}
        assert shown(client, auditor, loai="uy-quyen") == {given.pk}
        assert "thay Trần B" in text(client, auditor, loai="uy-quyen")
        assert len(shown(client, auditor, loai="bịa")) == 3

    def test_a_nul_and_huge_numbers_do_no_harm(self, client, auditor):
        assert "Nhật ký" in text(client, auditor, nguoi="a\x00b", truoc="9" * 30, sau="-1")
        client.force_login(auditor)
        assert client.get(f"{LIST}{10**30}/").status_code == 404


class TestPages:
    def test_older_and_newer_by_key(self, client, world, auditor, monkeypatch):
        monkeypatch.setattr(trail, "PAGE", 10)
        ids = [audit.record("unit.thu", actor=None, subject=world.ubnd).pk for _n in range(25)]
        client.force_login(auditor)
        first = client.get(LIST, {"viec": "unit.thu"})
        assert [line.event.pk for line in first.context["lines"]] == ids[:14:-1]
        second = client.get(LIST + first.context["older_url"])
        assert [line.event.pk for line in second.context["lines"]] == ids[14:4:-1]
        third = client.get(LIST + second.context["older_url"])
        assert [line.event.pk for line in third.context["lines"]] == ids[4::-1] and not third.context[
            "older_url"
        ]
        back = client.get(LIST + third.context["newer_url"])
        assert [line.event.pk for line in back.context["lines"]] == ids[14:4:-1]

    def test_as_many_queries_for_one_row_as_for_fifty(self, client, world, subtree_auditor):
        case = make.case(world)
        audit.record("unit.thu", actor=world.leader, subject=case)
        for _warm in range(2):
            text(client, subtree_auditor, viec="unit.thu")
        counts = []
        for more in (0, 49):
            for _n in range(more):
                audit.record("unit.thu", actor=world.leader, subject=case)
            with CaptureQueriesContext(connection) as queries:
                client.get(LIST, {"viec": "unit.thu"})
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_every_look_leaves_an_event(self, client, world, auditor):
        event = audit.record("unit.thu", actor=None, subject=world.ubnd)
        text(client, auditor, viec="unit.thu")
        text(client, auditor, f"{LIST}{event.pk}/")
        looks = AuditEvent.objects.filter(actor=auditor, kind="read").order_by("id")
        assert [(look.event, look.subject_id) for look in looks] == [
            ("audit.read", world.office.pk), ("audit.read_event", event.pk),
        ]  # fmt: skip
        assert "việc: Unit.thu" in looks[0].note

    def test_one_event_with_its_place_in_the_log(self, client, world, auditor):
        event = audit.record(
            "unit.thu", actor=world.leader, subject=world.ubnd, before="a", after="b", note="lời"
        )
        assert "đang được đánh số" in text(client, auditor, f"{LIST}{event.pk}/")
        sequencer.run()
        page = text(client, auditor, f"{LIST}{event.pk}/")
        assert bytes(event.leaf).hex() in page and "Lô 1" in page and "lời" in page
        assert "a → b" in page and "a → b" in text(client, auditor)
        assert reverse("org:trail_proof", args=[event.pk]) in page

    def test_a_proof_that_waits_for_its_number(self, client, world, auditor):
        event = audit.record("unit.thu", actor=None, subject=world.ubnd)
        client.force_login(auditor)
        assert client.get(f"{LIST}{event.pk}/chung-minh.json").status_code == 409


class TestExtract:
    def extract(self, client, user, work, **query) -> list[list[str]]:
        client.force_login(user)
        work(client.post, f"{LIST}xuat/", query)
        job = Job.objects.latest("pk")
        answer = client.get(f"{LIST}xuat/{job.pk}/tep/")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))

    def test_rows_with_a_line_that_says_who_took_it(self, client, world, auditor, work):
        events = [
            audit.record("unit.thu", actor=world.leader, subject=world.ubnd, note="lời") for _n in range(3)
        ]
        audit.record("unit.khac", actor=world.leader, subject=world.ubnd)
        rows = self.extract(client, auditor, work, viec="unit.thu", tu="01/01/2026")
        assert (
            "Kiều Minh Tra, Chuyên viên kiểm tra" in rows[0][0]
            and "bộ lọc: từ 01/01/2026; việc: Unit.thu" in rows[0][0]
        )
        assert [row[0] for row in rows[2:]] == [str(event.pk) for event in reversed(events)]
        assert rows[2][rows[1].index("Người")] == "Đặng Thu Phương"
        assert rows[2][rows[1].index("Lúc")] == f"{timezone.localtime(events[2].at):%d/%m/%Y %H:%M:%S}"
        asked = AuditEvent.objects.get(event="audit.export")
        assert asked.actor == auditor and "việc: Unit.thu" in asked.note
        assert AuditEvent.objects.filter(event="audit.fetch_export", actor=auditor).count() == 1

    def test_no_text_that_the_page_hides(self, client, world, city_auditor, work):
        case = make.case(world)
        audit.record("case.thu", actor=case.applicant, subject=case, note="bị bệnh")
        flat = str(self.extract(client, city_auditor, work, viec="case.thu", tu="01/01/2026"))
        assert "case.thu" in flat and "bị bệnh" not in flat and case.applicant.full_name not in flat

    def test_no_cell_is_a_formula(self, client, world, auditor, work):
        audit.record("unit.thu", actor=world.leader, subject=world.ubnd, note="=HYPERLINK(1)")
        rows = self.extract(client, auditor, work, viec="unit.thu")
        assert rows[2][rows[1].index("Nội dung")] == "'=HYPERLINK(1)"

    def test_it_is_nobody_elses(self, client, world, auditor, city_auditor, work):
        self.extract(client, auditor, work)
        job = Job.objects.latest("pk")
        client.force_login(city_auditor)
        for end in ("", "tep/"):
            assert client.get(f"{LIST}xuat/{job.pk}/{end}").status_code == 404

    def test_progress_and_the_sweep(
        self, client, world, auditor, bell, django_capture_on_commit_callbacks, monkeypatch
    ):
        client.force_login(auditor)
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{LIST}xuat/")
        job = Job.objects.latest("pk")
        assert answer["Location"].endswith(f"/xuat/{job.pk}/") and bell == [("org.export_trail", job.pk)]
        assert "dòng đã ghi" in client.get(f"{LIST}xuat/{job.pk}/").content.decode()
        assert client.get(f"{LIST}xuat/{job.pk}/tep/").status_code == 404
        rung = []
        monkeypatch.setattr(tasks.export_trail, "delay", rung.append)
        tasks.sweep_trail_exports()
        assert rung == []
        Job.objects.update(created_at=timezone.now() - timedelta(minutes=10))
        tasks.sweep_trail_exports()
        assert rung == [job.pk]
        tasks.export_trail(job.pk)
        stored = Job.objects.get(pk=job.pk).artefact
        tasks.export_trail(job.pk)  # twice is harmless
        assert Job.objects.get(pk=job.pk).artefact == stored and files.read(stored)
        assert "Tải tệp CSV" in client.get(f"{LIST}xuat/{job.pk}/").content.decode()

    def test_who_lost_the_role_meanwhile_gets_an_empty_extract(
        self, client, world, auditor, django_capture_on_commit_callbacks
    ):
        audit.record("unit.thu", actor=world.leader, subject=world.ubnd)
        client.force_login(auditor)
        client.post(f"{LIST}xuat/")
        RoleGrant.objects.filter(role=Role.AUDITOR).delete()
        tasks.export_trail(Job.objects.latest("pk").pk)
        assert Job.objects.latest("pk").total == 0
