"""A citizen signs in by the (simulated) identity provider, reads who looked at his data, takes a copy, asks for a correction;
the data officer answers. On a phone and at a desk, axe on every page."""

import pytest

from tests.e2e.conftest import DESK, PHONE, Visitor, axe

BUTTON = "Đăng nhập bằng VNeID (bản thử)"
OWN_DATA = "/tai-khoan/du-lieu/"


def by_provider(person: Visitor, name: str = "", *, agree: bool = True) -> None:
    """Off to the provider, choose who one is, and back. Its page is another site, so it is looked at by itself."""
    if "/tai-khoan/login/" not in person.page.url:
        person.go("/tai-khoan/login/")
    person.press(BUTTON, look=False)
    person.page.wait_for_url("**/authorize?**")
    axe(person.page)
    if name:
        person.page.get_by_role("radio", name=name).first.check()
    person.page.get_by_role("button", name="Đồng ý" if agree else "Từ chối").click()
    person.page.wait_for_url(lambda url: url.startswith(person.stack.address))
    person.troubles[:] = [words for words in person.troubles if "loads from outside" not in words]
    person.look()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_known_by_a_proven_number_one_lands_in_ones_own_account(visitor, screen):
    citizen = visitor(screen)
    by_provider(citizen)  # the first of the list is congdan1, whose number is proven in the demo's data
    citizen.arrives("/ho-so/")
    citizen.go("/tai-khoan/dinh-danh/")
    citizen.sees("đã xác minh")
    citizen.press("Hiện số")
    citizen.sees("Lần xem này đã ghi vào nhật ký.")
    citizen.go(OWN_DATA)
    citizen.sees("chính bạn")
    citizen.follow("Xem tất cả các lượt")


def test_a_new_citizen_gets_an_account_a_copy_and_an_answer(visitor):
    citizen = visitor(PHONE)
    by_provider(citizen, "Đỗ Thị Thanh Xuân")
    citizen.go(OWN_DATA)
    citizen.press("Lập bản sao mới", look=False)
    citizen.until("Bản để đọc (PDF)")
    citizen.look()
    citizen.go(f"{OWN_DATA}yeu-cau/sua/moi/")
    citizen.press("Gửi yêu cầu")
    citizen.sees("Nhập nội dung yêu cầu.")
    citizen.fill(text="Nơi cư trú ghi sai: đúng là số 7 đường Lạch Tray.")
    citizen.press("Gửi yêu cầu")
    citizen.sees("chờ tiếp nhận")

    officer = visitor(DESK, "dulieu.tp")
    officer.go("/lam-viec/du-lieu-ca-nhan/")
    officer.page.locator("tr", has_text="Đỗ Thị Thanh Xuân").first.get_by_role("link").click()
    officer.page.wait_for_load_state("load")
    officer.look()
    officer.press("Nhận xử lý")
    officer.fill(address="Số 7 đường Lạch Tray, phường Ngô Quyền, Hải Phòng", note="Đã sửa theo giấy tờ.")
    officer.press("Sửa và trả lời")
    officer.sees("đã thực hiện")

    citizen.page.reload()
    citizen.sees("Đã sửa theo giấy tờ.", "Nơi cư trú")
    citizen.go(f"{OWN_DATA}ai-da-xem/")
    citizen.sees("Mở yêu cầu về dữ liệu cá nhân")


def test_a_number_that_an_account_only_declares_asks_whose_it_is(visitor):
    citizen = visitor(PHONE)
    by_provider(citizen, "congdan40")
    citizen.arrives("/tai-khoan/dinh-danh/chon/")
    citizen.sees("Đã có tài khoản khai số này")
    citizen.press("Mở tài khoản mới")
    citizen.arrives("/ho-so/")


def test_who_refuses_there_is_back_at_the_door(visitor):
    citizen = visitor(PHONE)
    by_provider(citizen, agree=False)
    citizen.sees("Việc đăng nhập đã dừng theo ý bạn.")


def test_staff_give_a_reason_before_numbers_are_shown(visitor):
    officer = visitor(PHONE, "motcua.nq")
    officer.go("/lam-viec/ho-so/")
    officer.page.locator("main table a").first.click()
    officer.page.wait_for_load_state("load")
    officer.page.locator("details.reveal summary").click()
    officer.look()
    officer.page.locator("details.reveal select").select_option("doi-chieu")
    officer.page.locator("details.reveal button").click()
    officer.page.wait_for_load_state("load")
    officer.sees("Lần xem này đã ghi vào nhật ký.")
