"""The desk and the list of cases: what is shown to whom, in which order, with how many queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onecase import lists
from onecase.choices import BusinessStatus as S
from onecase.models import Case
from tests import factories as make
from tests.onecase.staff_doors import enter, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make.commune()


@pytest.fixture
def procedure():
    return make.procedure()


def test_a_citizen_reads_what_the_place_is_for(world):
    answer = enter(make.citizen()).get("/lam-viec/")
    assert answer.status_code == 403
    assert "dành cho cán bộ" in text(answer)


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/lam-viec/").status_code == 302


@pytest.mark.parametrize(
    ("who", "status", "verb"),
    [
        ("counter_officer", S.SUBMITTED, "Tiếp nhận"),
        ("counter_officer", S.ACCEPTED, "Chuyển giải quyết"),
        ("counter_officer", S.COMPLETED, "Trả kết quả"),
        ("unit_head", S.FORWARDED, "Phân công"),
        ("unit_head", S.SUPPLEMENT_PROPOSED, "Duyệt bổ sung"),
        ("case_officer", S.FORWARDED, "Nhận thụ lý"),
        ("case_officer", S.APPRAISING, "Thẩm định"),
        ("leader", S.AWAITING_APPROVAL, "Duyệt và ký số"),
    ],
)
def test_each_row_says_the_verb_of_this_person(world, procedure, who, status, verb):
    case = make.case(world, status, of=procedure, due_at=timezone.now() + timedelta(days=9))
    page = text(enter(getattr(world, who)).get("/lam-viec/"))
    assert case.code in page
    assert f'desk-verb">{verb}<' in page


def test_nothing_waits_for_those_who_have_no_part(world, procedure):
    make.case(world, S.AWAITING_APPROVAL, of=procedure)
    page = text(enter(world.counter_officer).get("/lam-viec/"))
    assert "Không còn việc nào chờ bạn" in page


def test_the_most_urgent_comes_first_and_submitted_cases_wait_visibly(world, procedure):
    now = timezone.now()
    fresh = make.case(world, S.SUBMITTED, of=procedure)
    late = make.case(
        world, S.ACCEPTED, of=procedure, due_at=now - timedelta(days=3), received_at=now - timedelta(days=9)
    )
    later = make.case(world, S.ACCEPTED, of=procedure, due_at=now + timedelta(days=40))
    page = text(enter(world.counter_officer).get("/lam-viec/"))
    places = [page.index(case.code) for case in (late, fresh, later)]
    assert places == sorted(places)
    assert "chờ tiếp nhận" in page
    assert "quá hạn" in page


def test_the_desk_asks_the_same_number_of_questions_for_1_and_20_rows(world, procedure):
    client = enter(world.counter_officer)
    make.case(world, S.SUBMITTED, of=procedure)
    make.case(world, S.ACCEPTED, of=procedure, due_at=timezone.now())
    counts = []
    for _round in range(2):
        client.get("/lam-viec/")
        with _counted() as seen:
            client.get("/lam-viec/")
        counts.append(len(seen))
        for _row in range(10):
            make.case(world, S.SUBMITTED, of=procedure)
            make.case(world, S.ACCEPTED, of=procedure, due_at=timezone.now())
    assert counts[0] == counts[1]


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_the_list_asks_the_same_number_of_questions_for_1_and_50_rows(world, procedure):
    client = enter(world.counter_officer)
    make.case(world, S.SUPPLEMENT_REQUIRED, of=procedure)
    one = _asked(client, rows=1)
    for _row in range(49):
        make.case(world, S.APPRAISING, of=procedure, due_at=timezone.now() + timedelta(days=3))
    assert _asked(client, rows=50) == one


def _asked(client, *, rows):
    """How many queries the list costs once its caches are warm: the most of three looks."""
    found = []
    for _look in range(3):
        with _counted() as seen:
            page = text(client.get("/lam-viec/ho-so/"))
        assert page.count("<tr data-row") == rows
        found.append(len(seen))
    return max(found[1:])


def test_pages_go_on_by_key_and_come_back(world, procedure, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    made = [make.case(world, S.SUBMITTED, of=procedure) for _row in range(5)]
    client = enter(world.counter_officer)
    first = text(client.get("/lam-viec/ho-so/"))
    assert made[4].code in first
    assert made[2].code not in first
    assert "Cũ hơn" in first
    assert "Mới hơn" not in first
    second = text(client.get(f"/lam-viec/ho-so/?truoc={made[3].pk}"))
    assert made[2].code in second
    assert "Mới hơn" in second
    back = text(client.get(f"/lam-viec/ho-so/?sau={made[2].pk}"))
    assert made[3].code in back
    assert made[4].code in back


def test_filters_stand_in_the_address(world, procedure):
    now = timezone.now()
    late = make.case(world, S.APPRAISING, of=procedure, due_at=now - timedelta(days=2), channel="1")
    fresh = make.case(world, S.SUBMITTED, of=procedure)
    client = enter(world.counter_officer)

    def found(query):
        page = text(client.get(f"/lam-viec/ho-so/?{query}"))
        return {case.code for case in (late, fresh) if case.code in page}

    assert found("nhom=cho-tiep-nhan") == {fresh.code}
    assert found("han=qua-han") == {late.code}
    assert found("kenh=1") == {late.code}
    assert found(f"thu-tuc={procedure.code}") == {late.code, fresh.code}
    assert found(f"q={fresh.code}") == {fresh.code}
    assert found(f"tu={timezone.localtime(now):%d/%m/%Y}") == {late.code, fresh.code}
    assert found("den=01/01/2020") == set()
    assert found("nhom=khong-co") == {late.code, fresh.code}


def test_people_are_found_by_the_beginning_of_the_name_without_marks(world, procedure):
    case = make.case(world, S.SUBMITTED, of=procedure, applicant=make.citizen("Đỗ Văn Thắng"))
    other = make.case(world, S.SUBMITTED, of=procedure, applicant=make.citizen("Bùi Thị Nga"))
    found = lists.narrowed(Case.objects.all(), lists.Filter(text="do van"), user=None, now=timezone.now())
    assert list(found) == [case]
    found = lists.narrowed(Case.objects.all(), lists.Filter(text="BÙI THỊ"), user=None, now=timezone.now())
    assert list(found) == [other]


def test_the_count_is_capped(world, procedure, monkeypatch):
    client = enter(world.counter_officer)
    for _row in range(3):
        make.case(world, S.SUBMITTED, of=procedure)
    assert "· 3 hồ sơ" in text(client.get("/lam-viec/ho-so/"))
    monkeypatch.setattr(lists, "COUNT_UP_TO", 2)
    assert "hơn 1.000 hồ sơ" in text(client.get("/lam-viec/ho-so/"))


def test_cases_of_another_commune_do_not_exist_here(world, procedure):
    foreign = make.case(make.commune("phường Khác"), S.SUBMITTED, of=procedure)
    client = enter(world.counter_officer)
    assert foreign.code not in text(client.get("/lam-viec/ho-so/"))
    assert client.get(f"/lam-viec/ho-so/{foreign.code}/").status_code == 404
    assert client.post(f"/lam-viec/ho-so/{foreign.code}/accept/").status_code == 404


def test_a_draft_is_nobodys_but_the_applicants(world, procedure):
    make.case(world, S.DRAFT, of=procedure)
    assert "Chưa có hồ sơ nào" in text(enter(world.counter_officer).get("/lam-viec/ho-so/"))
