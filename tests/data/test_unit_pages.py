"""Pages of units over the loaded files: any name leads on, history is shown, and a list costs the same for one row."""

import html
import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from org import places, tree
from org.choices import OrganizationKind, Role
from org.models import Organization
from tests import factories as make
from tests.onecase.staff_doors import enter

pytestmark = pytest.mark.django_db  # so that a database is made when the file runs alone
LAST = "30/06/2025"


@pytest.fixture(scope="module", autouse=True)
def reference(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """Loaded once for the module and rolled back; one person serves Gia Viên."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        unit = Organization.objects.get(slug="ttpvhcc-phuong-gia-vien")
        yield SimpleNamespace(
            clerk=make.hat("Vũ Hồng Nhung", unit, "Công chức tiếp nhận", Role.COUNTER_OFFICER)
        )
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def unblocked(reference: SimpleNamespace, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        tree.forget()
        yield
        transaction.set_rollback(True)


def shown(answer: Any) -> str:
    """The words of the page itself."""
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def staff(reference: SimpleNamespace) -> Client:
    return enter(reference.clerk)


class TestSearch:
    @pytest.mark.parametrize(
        ("typed", "old", "heirs"),
        [
            ("quận Lê Chân", "Quận Lê Chân", {"Phường An Biên", "Phường Lê Chân"}),
            ("QUAN LE CHAN", "Quận Lê Chân", {"Phường An Biên", "Phường Lê Chân"}),
            ("UBND quận Lê Chân cũ", "Quận Lê Chân", {"Phường An Biên", "Phường Lê Chân"}),
            ("phường Cát Dài", "Phường Cát Dài", {"Phường An Biên", "Phường Lê Chân"}),
            ("phường Cát Dài, quận Lê Chân", "Phường Cát Dài", {"Phường An Biên", "Phường Lê Chân"}),
            (
                "huyện Kim Thành",
                "Huyện Kim Thành",
                {
                    "Xã An Thành", "Xã Hà Nam", "Xã Kim Thành", "Xã Lai Khê", "Xã Nam An Phụ", "Xã Phú Thái",
                },
            ),
            ("huyện Cát Hải", "Huyện Cát Hải", {"Đặc khu Cát Hải"}),
            ("huyện Thuỷ Nguyên", "Huyện Thủy Nguyên", None),  # the other spelling, and a unit of before 2025
        ],
    )  # fmt: skip
    def test_old_names(self, typed: str, old: str, heirs: set[str] | None) -> None:
        finding = next(found for found in places.ask(typed).findings if found.unit.full_name == old)
        assert finding.until is not None and finding.basis
        assert finding.effective_on == date(2025, 7, 1)
        if heirs is not None:
            assert {heir.name for heir in finding.heirs} == heirs

    def test_both_spellings_and_no_marks_find_the_same(self) -> None:
        answers = [
            {found.unit.pk for found in places.ask(typed).findings}
            for typed in ("Hoà Bình", "Hòa Bình", "hoa binh", "HOÀ BÌNH")
        ]
        assert answers[0] and all(answer == answers[0] for answer in answers)

    def test_names_repeat_so_the_path_is_shown(self, client: Client) -> None:
        page = shown(client.get("/don-vi/", {"q": "phường Trần Hưng Đạo"}))
        assert "Phường Trần Hưng Đạo , thành phố Hải Dương" in page
        narrowed = places.ask("Trần Hưng Đạo, thành phố Hải Dương").findings
        assert {found.path for found in narrowed if not found.is_current} == {"Thành phố Hải Dương"}

    def test_agencies_that_are_no_more(self, client: Client) -> None:
        page = shown(client.get("/don-vi/", {"q": "Sở Thông tin và Truyền thông"}))
        assert "Sở Thông tin và Truyền thông thành phố Hải Phòng (đến 28/2/2025) nay chia về" in page
        assert "Sở Khoa học và Công nghệ thành phố Hải Phòng" in page

    def test_the_same_in_the_search_of_procedures_and_on_the_home_page(self, client: Client) -> None:
        for address in ("/thu-tuc/?q=phường Cát Dài", "/?xa=phường Cát Dài"):
            page = shown(client.get(address))
            assert "Phường Cát Dài , quận Lê Chân (đến 31/12/2024) nay chia về phường An Biên" in page
            assert "từ 1/7/2025, theo NQ 1669/NQ-UBTVQH15" in page
        assert "nay chia về" not in shown(client.get("/thu-tuc/?q=an táng"))

    def test_the_search_of_staff(self, staff: Client) -> None:
        page = staff.get("/lam-viec/ho-so/", {"q": "quận Lê Chân"})
        assert "địa bàn thuộc phường An Biên và phường Lê Chân" in shown(page)
        assert "/lam-viec/don-vi/ubnd-quan-le-chan/" in page.content.decode()
        assert "đến 30/6/2025" not in shown(staff.get("/lam-viec/ho-so/", {"q": "Nguyễn Văn Thanh"}))
        assert "nay là" in shown(staff.get("/lam-viec/ho-so/", {"q": "Sở Tài nguyên và Môi trường"}))


class TestPublicPages:
    def test_lists(self, client: Client) -> None:
        page = client.get("/don-vi/").content.decode()
        assert len(re.findall(r'<li><a href="/don-vi/(?:phuong|xa|dac-khu)-[\w-]+/">', page)) == 114
        former = shown(client.get("/don-vi/?xem=dia-ban-cu"))
        assert former.index("Thành phố Hải Phòng") < former.index("Tỉnh Hải Dương")
        assert "Quận Lê Chân" in former and "Huyện Kim Thành" in former
        assert "Sở Tư pháp thành phố Hải Phòng" in shown(client.get("/don-vi/?xem=co-quan"))

    def test_an_old_district(self, client: Client) -> None:
        page = shown(client.get("/don-vi/quan-le-chan/"))
        assert page.index("đến 30/6/2025") < page.index("Địa bàn nay thuộc") < page.index("Phường An Biên")
        assert "giữ một phần, từ 1/7/2025, theo NQ 1669/NQ-UBTVQH15" in page
        assert "Phường Vĩnh Niệm" in page  # what lay in it

    def test_a_divided_ward_is_not_converted(self, client: Client) -> None:
        page = shown(client.get("/don-vi/phuong-cau-dat-11344-2020/"))
        assert "Nay chia về" in page and "Phường Gia Viên giữ một phần" in page
        assert "cần thôn, tổ dân phố" in page
        assert "Phường Lương Khánh Thiện" in page and "mã này còn của" in page

    def test_a_ward_of_today(self, client: Client) -> None:
        page = shown(client.get("/don-vi/phuong-gia-vien/"))
        assert "Gồm địa bàn của" in page and "Phường Cầu Đất , quận Ngô Quyền" in page
        assert "Trung tâm Phục vụ hành chính công phường Gia Viên" in page
        assert client.get("/don-vi/11359/")["Location"] == "/don-vi/phuong-gia-vien/"

    def test_an_authority_of_before(self, client: Client) -> None:
        page = shown(client.get("/don-vi/sldtbxh/"))
        assert "đến 28/2/2025" in page and "Nay chia về" in page and "Sở Y tế thành phố Hải Phòng" in page
        page = shown(client.get("/don-vi/ubnd-huyen-cat-hai/"))
        assert "Nay là Ủy ban nhân dân đặc khu Cát Hải giữ toàn bộ" in page

    def test_an_authority_of_today(self, client: Client) -> None:
        page = shown(client.get("/don-vi/sxd/"))
        assert "Kế thừa từ" in page and "Sở Xây dựng tỉnh Hải Dương" in page

    def test_a_name_that_several_bore_asks_which(self, client: Client) -> None:
        answer = client.get("/don-vi/phuong-cau-dat/")
        assert answer.status_code == 302 and answer["Location"].startswith("/don-vi/?q=")
        assert shown(client.get(answer["Location"])).count("Phường Cầu Đất") >= 1
        assert client.get("/don-vi/khong-co-noi-nay/").status_code == 404
        assert client.get("/don-vi/dia-gioi/11344/hom-qua/").status_code == 404

    @pytest.mark.parametrize("code", ["30", "31", "305", "318", "11410", "11560", "11948"])
    def test_every_kind_of_territory_opens(self, client: Client, code: str) -> None:
        answer = client.get(f"/don-vi/{code}/", follow=True)
        assert answer.status_code == 200 and "Tên qua thời gian" in answer.content.decode()

    def test_the_list_costs_the_same_for_one_and_for_all(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as everything:
            client.get("/don-vi/")
        for address in ("/don-vi/?xem=dia-ban-cu", "/don-vi/?xem=co-quan"):
            with CaptureQueriesContext(connection) as listed:
                client.get(address)
            assert len(listed) <= 6
        assert len(everything) <= 4


class TestStaffPages:
    def test_only_staff(self, client: Client) -> None:
        assert client.get("/lam-viec/don-vi/").status_code == 302
        client.force_login(make.citizen())
        assert client.get("/lam-viec/don-vi/").status_code == 403
        assert client.get("/lam-viec/don-vi/stp/").status_code == 403

    def test_the_tree_of_today_and_of_a_day(self, staff: Client) -> None:
        now = shown(staff.get("/lam-viec/don-vi/"))
        assert "Sở Tư pháp thành phố Hải Phòng" in now and "Phường Gia Viên" in now
        assert "Ủy ban nhân dân quận Lê Chân" not in now
        then = shown(staff.get("/lam-viec/don-vi/", {"ngay": LAST}))
        assert "như vào ngày 30/6/2025" in then and "Ủy ban nhân dân quận Lê Chân" in then
        assert "Ủy ban nhân dân huyện Kim Thành" in then and "đặc khu" not in then
        assert "chưa có đơn vị nào" in shown(staff.get("/lam-viec/don-vi/", {"ngay": "1/1/1990"}))
        assert "Không đọc được ngày «mai»" in shown(staff.get("/lam-viec/don-vi/", {"ngay": "mai"}))

    def test_the_filter(self, staff: Client) -> None:
        page = shown(staff.get("/lam-viec/don-vi/", {"q": "so tu phap"}))
        assert "1 trên" in page and "Ủy ban nhân dân thành phố Hải Phòng" in page
        page = shown(staff.get("/lam-viec/don-vi/", {"q": "Lê Chân", "ngay": LAST}))
        assert "Ủy ban nhân dân quận Lê Chân" in page
        page = staff.get("/lam-viec/don-vi/", {"q": "quận Lê Chân"})
        assert "địa bàn thuộc" in shown(page)
        assert "Không có đơn vị nào khớp «zzz»" in shown(staff.get("/lam-viec/don-vi/", {"q": "zzz"}))

    def test_one_unit(self, staff: Client) -> None:
        page = shown(staff.get("/lam-viec/don-vi/ttpvhcc-phuong-gia-vien/"))
        assert "Vũ Hồng Nhung Công chức tiếp nhận" in page and "để trống đến khi xác minh" in page
        page = shown(staff.get("/lam-viec/don-vi/ubnd-quan-le-chan/"))
        assert "Nay chia về" in page and "giải thể, chuyển chức năng" in page and "30/06/2025" in page
        assert staff.get("/lam-viec/don-vi/khong-co/").status_code == 404

    def test_the_tree_costs_the_same_for_few_and_for_many(self, staff: Client) -> None:
        staff.get("/lam-viec/don-vi/")
        counted = []
        for day in ("", LAST, "31/12/2017", "01/01/1990"):
            with CaptureQueriesContext(connection) as captured:
                staff.get("/lam-viec/don-vi/", {"ngay": day})
            counted.append(len(captured))
        assert max(counted) - min(counted) <= 1  # no territory to name on a day without units

    def test_parts_open_where_a_unit_has_many(self, staff: Client) -> None:
        city = Organization.objects.get(slug="ubnd-tp")
        staff.get("/lam-viec/don-vi/ubnd-tp/")
        counted = []
        for number in (1, 30):
            for one in range(number):
                make.organization(f"Ban {number}.{one}", OrganizationKind.MANAGEMENT_BOARD, parent=city)
            with CaptureQueriesContext(connection) as captured:
                staff.get("/lam-viec/don-vi/ubnd-tp/")
            counted.append(len(captured))
        assert counted[0] == counted[1]
