"""The staff directory: who serves where today, found by any word, in the order of Vietnamese names."""

import html
import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from org import directory
from org.choices import AssignmentKind, OrganizationKind, Role
from org.models import Assignment, DirectoryLine, Organization, Person, Position, User
from tests import factories as make
from tests.onecase.staff_doors import enter, text

pytestmark = pytest.mark.django_db
ADDRESS = "/lam-viec/danh-ba/"


@pytest.fixture
def world() -> Any:
    return make.commune("phường Thử Nghiệm")


def names(answer: Any) -> list[str]:
    """People on the page, in its order."""
    return [
        html.unescape(name)
        for name in re.findall(r'<td><a href="/lam-viec/danh-ba/\d+/">([^<]+)', answer.content.decode())
    ]


def found(browser: Any, **asked: Any) -> list[str]:
    return names(browser.get(ADDRESS, asked))


def people(*full_names: str, at: Organization, title: str = "Chuyên viên") -> list[Person]:
    """Accountless people with one post each, in bulk: as a restructuring writes them."""
    post, _made = Position.objects.get_or_create(code=f"hang-loat-{title}"[:40], defaults={"title": title})
    made = Person.objects.bulk_create(Person(full_name=name) for name in full_names)
    Assignment.objects.bulk_create(
        Assignment(person=one, organization=at, position=post, valid_from=make.EARLY) for one in made
    )
    return made


# --- order ----------------------------------------------------------------------------------------------------


def test_names_go_by_given_name_letter_and_tone(world):
    """a ă â … d đ … o ô ơ; level, huyền, hỏi, ngã, sắc, nặng; then the family name."""
    wanted = [
        "Nguyễn Văn An", "Trần Ăn", "Lê Ân", "Cao Cường", "Vũ Dung", "Mai Đức", "Trần Hà", "Trần Hả", "Trần Hã",
        "Trần Há", "Bùi Thị Hạ", "Lê Hoa", "Lê Hòa", "Đỗ Hoan", "Đặng Thị Lan", "Ngô Lan", "Nguyễn Thị Lan",
        "Nguyễn Văn Lan", "Y Ổn", "Y Ở", "H'Hen Niê Ý",
    ]  # fmt: skip
    made = [one.pk for one in people(*reversed(wanted), at=world.office)]
    assert (
        list(Person.objects.filter(pk__in=made).order_by("sort_key").values_list("full_name", flat=True))
        == wanted
    )


def test_both_spellings_of_a_tone_and_of_unicode_sort_alike(world):
    old, new, decomposed = people("Lê Hoà", "Lê Hòa", "Le\u0302 Ho\u0300a", at=world.office)
    for one in (old, new, decomposed):
        one.refresh_from_db()
    assert old.sort_key == new.sort_key == decomposed.sort_key


def test_a_new_name_moves_in_the_order(world):
    (one,) = people("Bùi An", at=world.office)
    Person.objects.filter(pk=one.pk).update(full_name="Bùi Yến")
    one.refresh_from_db()
    last = DirectoryLine.objects.order_by("-sort_key").first()
    assert last.person == one
    assert last.sort_key == one.sort_key


# --- what is found --------------------------------------------------------------------------------------------


def test_every_word_finds_with_and_without_marks(world):
    lan = world.case_officer.person
    lan.work_phone = "0225.3 842 116"
    lan.save(update_fields=["work_phone"])
    User.objects.filter(pk=lan.user_id).update(email="hotich.tn@haiphong.example")
    browser = enter(world.leader)
    for words in (
        "Nguyễn Thị Lan", "nguyen thi lan", "LAN", "lan nguy", "Lan tư pháp", "tu phap ho tich", "0225", "842116", "2116",
        "225 3842", "+842253842116", "hotich.tn", "hotich.tn@haiphong.example", "lan thu nghiem", "Lan van phong",
    ):  # fmt: skip
        assert found(browser, q=words) == ["Nguyễn Thị Lan"], words
    for words in ("Lan Hải", "anx", "tich.tnx", "99999", "lan giam doc"):
        assert found(browser, q=words) == [], words


def test_a_search_without_letters_finds_nobody(world):
    browser = enter(world.leader)
    for words in ("😀", "…", "%", "'"):
        answer = browser.get(ADDRESS, {"q": words})
        assert names(answer) == []
        assert "Không có ai khớp" in text(answer)


def test_what_was_typed_is_text_and_no_query(world):
    browser = enter(world.leader)
    for words in ("lan') | 'x", "lan & !van", "a:b:*", "\\", "\x00lan", "(" * 200):
        assert browser.get(ADDRESS, {"q": words}).status_code == 200


def test_changed_titles_units_and_mailboxes_are_found_at_once(world):
    browser = enter(world.leader)
    position = world.clerk.hat.position
    Position.objects.filter(pk=position.pk).update(title="Giữ kho lưu trữ")
    assert found(browser, q="kho luu tru") == [world.clerk.full_name]
    Organization.objects.filter(pk=world.counter.pk).update(name="Quầy Hoa Phượng")
    assert found(browser, q="hoa phuong") == [world.counter_officer.full_name]
    Organization.objects.filter(pk=world.ubnd.pk).update(name="Ủy ban Bến Bính")
    assert set(found(browser, q="ben binh")) >= {world.leader.full_name, world.counter_officer.full_name}
    User.objects.filter(pk=world.hr_officer.pk).update(email="soncanbo@haiphong.example")
    assert found(browser, q="soncanbo") == [world.hr_officer.full_name]


# --- dates ----------------------------------------------------------------------------------------------------


def test_an_ended_post_vanishes_and_a_future_one_appears_on_its_day(world, monkeypatch):
    today = timezone.localdate()
    clerk = world.clerk.hat
    Assignment.objects.filter(pk=clerk.pk).update(valid_to=today)
    (late,) = people("Trịnh Mai Sau", at=world.office)
    Assignment.objects.filter(person=late).update(valid_from=today + timedelta(days=1))
    browser = enter(world.leader)
    shown = found(browser)
    assert world.clerk.full_name not in shown
    assert "Trịnh Mai Sau" not in shown
    monkeypatch.setattr(timezone, "localdate", lambda *_: today + timedelta(days=1))
    assert "Trịnh Mai Sau" in found(enter(world.leader))


def test_several_hats_are_one_entry(world):
    person = world.counter_officer.person
    second = Position.objects.create(code="thu-kiem", title="Tổ trưởng công nghệ")
    Assignment.objects.create(
        person=person, organization=world.office, position=second, kind=AssignmentKind.CONCURRENT, rank=1,
        valid_from=make.EARLY,
    )  # fmt: skip
    answer = enter(world.leader).get(ADDRESS, {"q": "công nghệ"})
    assert names(answer) == [person.full_name]
    assert "Công chức tiếp nhận" in text(answer)
    assert "kiêm nhiệm" in text(answer)
    assert names(enter(world.leader).get(ADDRESS)).count(person.full_name) == 1


# --- units ----------------------------------------------------------------------------------------------------


def test_a_unit_stands_for_all_below_it(world):
    other = make.commune("phường Bên Cạnh")
    browser = enter(world.leader)
    page = browser.get(ADDRESS, {"don-vi": world.ubnd.slug})
    assert len(names(page)) == 6
    assert "Đơn vị trực thuộc" in text(page)
    assert world.office.name in text(page)
    assert set(found(browser, **{"don-vi": world.counter.slug})) == {world.counter_officer.full_name}
    assert len(found(browser, **{"don-vi": other.ubnd.slug, "q": "Lan"})) == 1
    assert len(found(browser, **{"don-vi": "khong-co"})) == 12


def test_a_unit_without_people_says_so(world):
    empty = make.organization("Ban Trống", OrganizationKind.MANAGEMENT_BOARD)
    assert "chưa có ai giữ chức vụ" in text(enter(world.leader).get(ADDRESS, {"don-vi": empty.slug}))


# --- pages ----------------------------------------------------------------------------------------------------


def test_keyset_pages_meet_and_do_not_overlap(world):
    people(*(f"Phạm Văn {letter}{number:02d}" for letter in "BCDG" for number in range(40)), at=world.office)
    browser, address, seen, turns = enter(world.leader), ADDRESS, [], []
    while address:
        answer = browser.get(address)
        turns.append(address)
        seen += names(answer)
        following = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        address = ADDRESS + html.unescape(following[1]) if following else ""
    wanted = list(
        Person.objects.filter(assignments__isnull=False)
        .distinct()
        .order_by("sort_key", "id")
        .values_list("full_name", flat=True)
    )
    assert seen == wanted
    assert len(turns) == 4
    back = re.search(r'rel="prev" href="([^"]+)"', answer.content.decode())
    assert names(browser.get(ADDRESS + html.unescape(back[1]))) == wanted[100:150]


def test_strange_turns_show_the_beginning(world):
    browser = enter(world.leader)
    for asked in ({"sau": "x"}, {"sau": "999999999"}, {"truoc": "-1"}, {"sau": "9" * 30}):
        assert len(found(browser, **asked)) == 6


def test_one_row_and_fifty_cost_the_same_queries(world):
    browser = enter(world.leader)
    people(*(f"Phạm Văn Bê{number}" for number in range(60)), at=world.office)
    browser.get(ADDRESS)
    counted = []
    for asked in ({"q": "Lan"}, {}):
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(ADDRESS, asked)
        counted.append((len(names(answer)), len(captured)))
    assert [rows for rows, _queries in counted] == [1, 50]
    assert counted[0][1] == counted[1][1]


@pytest.mark.slow
def test_at_twenty_thousand_people_every_page_is_read_through_an_index(world):
    families, middles = ["Nguyễn", "Trần", "Lê", "Phạm", "Vũ"], ["Văn", "Thị", "Đức", "Minh"]
    givens = [
        "An",
        "Anh",
        "Bình",
        "Chi",
        "Cường",
        "Dung",
        "Đức",
        "Giang",
        "Hà",
        "Hải",
        "Hoa",
        "Hùng",
        "Lan",
        "Linh",
    ]
    units = [make.organization(f"Phòng thử {number}", OrganizationKind.DIVISION) for number in range(50)]
    everybody = itertools.cycle(itertools.product(families, middles, givens))
    for unit in units:
        people(*(" ".join(name) for name in itertools.islice(everybody, 400)), at=unit)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE org_directoryline")
        cursor.execute("ANALYZE org_assignment")
        cursor.execute("ANALYZE org_person")
    middle = DirectoryLine.objects.order_by("sort_key")[15_000]
    asked = [
        lambda: directory.page_of(directory.lines()),
        lambda: directory.page_of(directory.lines(), after=middle.person_id),
        lambda: directory.page_of(directory.lines(), before=middle.person_id),
        lambda: directory.page_of(directory.lines("lan van phong")),
        lambda: directory.page_of(directory.lines("mai phong thu 7")),
        lambda: directory.page_of(directory.lines(units=[units[3].pk])),
        lambda: directory.count(directory.lines("lan van phong")),
    ]
    for ask in asked:
        with CaptureQueriesContext(connection) as captured:
            ask()
        for query in captured.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            for table in ("org_directoryline", "org_assignment", "org_person"):
                assert f"Seq Scan on {table}" not in plan, f"{query['sql'][:300]}\n{plan}"


# --- one person -----------------------------------------------------------------------------------------------


def test_the_page_of_a_person_tells_posts_history_and_addresses(world):
    officer = world.case_officer
    Assignment.objects.create(
        person=officer.person, organization=world.counter,
        position=Position.objects.create(code="thu-cu", title="Văn thư cũ"), decision_no="12/QĐ-UBND",
        kind="concurrent", valid_from=timezone.localdate() - timedelta(days=900),
        valid_to=timezone.localdate() - timedelta(days=400),
    )  # fmt: skip
    page = text(enter(world.leader).get(reverse("org:directory_person", args=[officer.person.pk])))
    assert "Nguyễn Thị Lan" in page
    assert "Văn thư cũ" in page
    assert "12/QĐ-UBND" in page
    assert officer.email in page
    assert f".{world.office.slug}@haiphong.gov.vn" in page


def test_who_left_keeps_a_history_and_no_address(world):
    officer = world.case_officer
    Assignment.objects.filter(person=officer.person).update(valid_to=timezone.localdate())
    page = text(enter(world.leader).get(reverse("org:directory_person", args=[officer.person.pk])))
    assert "Hôm nay không giữ chức vụ nào" in page
    assert officer.email not in page


def test_a_person_without_any_post_yet_is_not_found(world):
    nobody = Person.objects.create(full_name="Chưa Nhận Việc")
    assert enter(world.leader).get(reverse("org:directory_person", args=[nobody.pk])).status_code == 404
    assert enter(world.leader).get(reverse("org:directory_person", args=[10**9])).status_code == 404


# --- doors ----------------------------------------------------------------------------------------------------


def test_the_directory_is_for_staff(world, client):
    assert client.get(ADDRESS).status_code == 302
    for address in (ADDRESS, reverse("org:directory_person", args=[world.leader.person.pk])):
        answer = enter(make.citizen()).get(address)
        assert answer.status_code == 403
        assert world.leader.full_name not in text(answer)


def test_the_telephone_list_has_everybody_by_unit(world):
    page = text(enter(world.leader).get(ADDRESS, {"don-vi": world.ubnd.slug, "in": "1"}))
    assert page.count("<tr><td>") == 6
    assert page.index("Chánh Văn phòng") > page.index("Danh bạ điện thoại")


def test_buttons_of_the_export_are_for_who_may(world):
    assert "Tải LDIF" not in text(enter(world.leader).get(ADDRESS))
    assert "Tải LDIF" in text(
        enter(make.hat("Quản Đơn Vị", world.ubnd, "Quản trị đơn vị", Role.UNIT_ADMIN)).get(ADDRESS)
    )
