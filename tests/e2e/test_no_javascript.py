"""The citizens' walk with JavaScript switched off: plain links and forms carry everything."""

import re
import secrets

import pytest

from tests.e2e.conftest import PHONE
from tests.samples import pdf_bytes, photo_bytes

PASSWORD = "con tau ra khoi luc nam gio"


@pytest.fixture
def citizen(visitor):
    """Somebody new on a phone whose browser runs no scripts."""
    return visitor(PHONE, java_script_enabled=False)


def test_folded_parts_and_the_text_size_need_no_script(citizen):
    page, address = citizen.page, citizen.stack.address
    page.goto(f"{address}/thu-tuc/?q=lam+giay+khai+sinh")
    page.get_by_role("link", name="Đăng ký khai sinh", exact=True).first.click()
    folded = page.locator("main summary:visible").first
    folded.click()
    assert page.locator("main details[open]").count() == 1
    bigger = page.locator('a[href*="/co-chu/"]').last.get_attribute("href")
    page.goto(address + str(bigger))
    assert "size-" in (page.locator("html").get_attribute("class") or "")
    assert page.url.endswith("/thu-tuc/dang-ky-khai-sinh/")
    citizen.calm()


def test_a_citizen_files_an_application_without_javascript(citizen, tmp_path):
    page = citizen.page
    number = f"0311{secrets.randbelow(10**8):08d}"
    sign_up_on_the_way(citizen)
    fill_in(citizen, number)
    send_papers(citizen, tmp_path)
    assert "giay.pdf" in page.locator("main").inner_text()
    citizen.choose("wants_copies", "Không")
    citizen.choose("result_channel", "Bản điện tử")
    citizen.tick(page.locator('input[name="pledge"]'))
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    assert re.search(r"/ho-so/[\w.]+-\d{6}-\d+/(#|$)", page.url), page.locator("main").inner_text()[:2000]
    code = page.locator("#slip-code").inner_text().strip()
    assert "Đã nhận hồ sơ" in page.locator("h1").inner_text()

    page.goto(f"{citizen.stack.address}/tra-cuu/")
    citizen.fill(ma=code, so_cuoi=number[-4:])
    page.get_by_role("button", name="Tra cứu", exact=True).click()
    assert code in page.locator("main").inner_text()
    citizen.calm()


def sign_up_on_the_way(citizen):
    """From the search to a procedure; the account is opened where filing asks for one."""
    page, address = citizen.page, citizen.stack.address
    phone = f"09{secrets.randbelow(10**8):08d}"
    page.goto(address)
    page.locator('input[name="q"]').first.fill("cap lai the khai sinh")
    page.locator('form[role="search"] button').first.click()
    page.goto(f"{address}/thu-tuc/?q=lam+giay+khai+sinh")
    page.get_by_role("link", name="Đăng ký khai sinh", exact=True).first.click()
    page.locator(".only-phone").get_by_text("Bắt đầu nộp trực tuyến").click()
    page.get_by_role("link", name="Tạo tài khoản").first.click()
    for name, value in {"full_name": "Đỗ Thị Mai", "contact": phone, "password1": PASSWORD}.items():
        page.fill(f"#id_{name}", value)
    page.get_by_role("button", name="Tạo tài khoản").click()
    page.fill("#id_code", citizen.stack.code_sent_to(phone))
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Bắt đầu điền").click()


def fill_in(citizen, number):
    """The pages of the form for a birth."""
    page = citizen.page
    page.fill("#id_xa", "le chan")
    page.get_by_role("button", name="Tìm", exact=True).first.click()
    page.locator("#id_agency_list").select_option(label="Phường Lê Chân")
    if page.locator('input[name="variant"]').count():
        citizen.tick(page.locator('input[name="variant"]'))
    forward(page)
    citizen.fill(
        applicant_citizen_id=number,
        applicant_birth_date="01/02/1990",
        applicant_residence="số 2 Chợ Con, phường Lê Chân",
    )
    citizen.choose("applicant_relation", "Mẹ")
    forward(page)
    forward(page)  # nothing filled in: the summary leads to the fields, what was typed before is kept
    assert page.locator(".error-summary a").count() >= 4
    citizen.fill(child_family_name="Trần", child_given_name="An", child_birth_date="10/11/2026")
    citizen.fill(child_birth_place="Bệnh viện Phụ sản Hải Phòng", child_home_town="phường Lê Chân, Hải Phòng")
    citizen.choose("child_gender", "Nữ")
    citizen.choose("child_ethnic_group", "Kinh")
    citizen.choose("child_nationality", "Việt Nam")
    forward(page)
    citizen.choose("birth_proof_type", "Giấy chứng sinh bản giấy")
    forward(page)
    citizen.fill(mother_full_name="Đỗ Thị Mai", mother_citizen_id=number, mother_birth_date="1990")
    citizen.choose("mother_ethnic_group", "Kinh")
    forward(page)
    citizen.tick(page.locator('input[name="father_unknown"]'))
    forward(page)
    citizen.choose("parents_married", "Không")
    forward(page)


def send_papers(citizen, tmp_path):
    """A photo that is taken back, then a paper."""
    page = citizen.page
    photo, paper = tmp_path / "anh.jpg", tmp_path / "giay.pdf"
    photo.write_bytes(photo_bytes(seed=secrets.randbelow(10**6)))
    paper.write_bytes(pdf_bytes())
    page.locator('input[name="tep-birth_proof_file-photo"]').set_input_files(photo)
    page.get_by_role("button", name="Tải tệp đã chọn lên").click()
    assert "anh.jpg" in page.locator("main").inner_text()
    page.get_by_role("button", name=re.compile("^Bỏ")).first.click()
    assert "anh.jpg" not in page.locator("main").inner_text()
    page.locator('input[name="tep-birth_proof_file"]').set_input_files(paper)
    forward(page)


def test_a_paper_is_checked_without_javascript(citizen, tmp_path):
    page = citizen.page
    unsigned = tmp_path / "khong-ky.pdf"
    unsigned.write_bytes(pdf_bytes())
    page.goto(f"{citizen.stack.address}/kiem-tra/")
    page.locator('input[name="tep"]').set_input_files(unsigned)
    page.get_by_role("button", name="Kiểm tra tệp").click()
    assert "Tệp không có chữ ký số" in page.locator("main").inner_text()
    citizen.calm()


def forward(page):
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_load_state("load")
