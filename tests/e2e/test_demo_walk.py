"""The walk that the product exists for: from a citizen's phone to a signed result that anyone can check.

Each step is another person at his own screen. Every page on the way is looked at: axe, no sideways scrolling, a quiet
console. Runs on a stack of its own or on E2E_BASE_URL.
"""

import re
import secrets
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE, Person, Stack, Visitor
from tests.samples import pdf_bytes, photo_bytes

PASSWORD = "con tau ra khoi luc nam gio"
CODE = re.compile(r"\b[\w.]+-\d{6}-\d{4,}\b")
CHECK_CODE = re.compile(r"mã kiểm tra (\w[\w -]{8,16}\w)")
CITIZEN_ID = "031199004217"


@pytest.fixture
def papers(tmp_path: Path) -> SimpleNamespace:
    """What the citizen has on his phone. New bytes each time."""
    number = secrets.randbelow(10**6)
    made = SimpleNamespace(
        photo=tmp_path / "giấy chứng sinh.jpg",
        pdf=tmp_path / "giay-ket-hon.pdf",
        more=tmp_path / "bo-sung.jpg",
    )
    made.photo.write_bytes(photo_bytes(seed=number, size=(1200, 900)))
    made.pdf.write_bytes(pdf_bytes(2))
    made.more.write_bytes(photo_bytes(seed=number + 1, size=(900, 1200)))
    return made


def test_from_a_phone_to_a_paper_that_anyone_can_check(stack, visitor, papers, tmp_path):
    citizen = visitor(PHONE)
    account = Person(f"dan-{secrets.token_hex(4)}@example.org", PASSWORD, "", "Vũ Thị Hải Yến", "")
    finds_the_procedure(citizen)
    signs_up(citizen, account)
    fills_the_form(citizen, papers)
    code = submits(citizen)

    counter = visitor(DESK, "motcua.nq")
    accepts(counter, code, stack, tmp_path)
    hands_over(counter, code)

    head = visitor(DESK, "vanphong.nq")
    assigns(head, code, stack.people["hotich.nq"])

    officer = visitor(DESK, "hotich.nq")
    proposes_a_supplement(officer, code)
    approves_the_supplement(head, code)
    answers_the_supplement(citizen, code, papers)
    drafts_and_submits_the_result(officer, code)

    leader = visitor(DESK, "chutich.nq")
    number = signs(leader, code, stack.people["chutich.nq"].pin)
    clerk = visitor(DESK, "vanthu.nq")
    seals(clerk, code, number, stack.people["vanthu.nq"].pin)

    result = collects_and_rates(citizen, code, account, stack, tmp_path)
    anyone_checks(visitor(PHONE), stack, code, number, result, citizen, tmp_path)
    anyone_asks_where_it_is(visitor(PHONE), code)
    reads_the_whole_story(officer, code)
    for person in (citizen, counter, head, officer, leader, clerk):
        person.calm()


# --- the citizen, on a phone --------------------------------------------------------------------------------


def finds_the_procedure(citizen: Visitor) -> None:
    page = citizen.go("/")
    page.get_by_role("searchbox").first.fill("lam giay khai sinh")
    page.keyboard.press("Enter")
    citizen.arrives("/thu-tuc/")
    citizen.follow("Đăng ký khai sinh", exact=True)
    citizen.sees("1.001193", "Thời hạn", "Lệ phí", "Cần nộp", "Nơi làm")


def signs_up(citizen: Visitor, account: Person) -> None:
    page = citizen.page
    page.locator(".only-phone").get_by_text("Bắt đầu nộp trực tuyến").click()
    citizen.arrives("/tai-khoan/login/")
    citizen.follow("Tạo tài khoản")
    citizen.fill(full_name=account.name, contact=account.email, password1=PASSWORD)
    citizen.press("Tạo tài khoản")
    citizen.fill(code=citizen.stack.code_sent_to(account.email))
    citizen.press("Tiếp tục")
    citizen.sees("Đăng ký khai sinh", "Chuẩn bị trước")


def fills_the_form(citizen: Visitor, papers: SimpleNamespace) -> None:
    page = citizen.page
    citizen.press("Bắt đầu điền")
    citizen.press("Tiếp tục")  # nothing chosen: the page says what is missing
    citizen.sees("Chọn xã, phường, đặc khu giải quyết hồ sơ")
    page.fill("#id_xa", "ngo quyen")
    citizen.press("Tìm")
    citizen.tick(page.get_by_label("Phường Ngô Quyền"))
    if page.locator('input[name="variant"]').count():
        citizen.tick(page.locator('input[name="variant"]'))
    citizen.press("Tiếp tục")

    citizen.fill(applicant_citizen_id=CITIZEN_ID, applicant_birth_date="12/09/1994")
    citizen.fill(applicant_residence="số 8 Lương Khánh Thiện, phường Ngô Quyền, Hải Phòng")
    citizen.fill(applicant_phone="0912345678")
    assert page.input_value("#id_applicant_full_name") == "Vũ Thị Hải Yến"
    citizen.choose("applicant_relation", "Mẹ")
    citizen.press("Tiếp tục")

    citizen.fill(
        child_family_name="Hoàng",
        child_middle_name="Minh",
        child_given_name="Khang",
        child_birth_date="31/02/2026",
    )
    citizen.press("Tiếp tục")
    assert page.input_value("#id_child_family_name") == "Hoàng"
    assert page.locator(".error-summary").is_visible()
    citizen.fill(child_birth_date="15/11/2026", child_birth_place="Bệnh viện Phụ sản Hải Phòng")
    citizen.fill(child_home_town="phường Ngô Quyền, Hải Phòng")
    citizen.choose("child_gender", "Nam")
    citizen.choose("child_ethnic_group", "Kinh")
    citizen.choose("child_nationality", "Việt Nam")
    leaves_and_resumes(citizen)
    citizen.press("Tiếp tục")

    citizen.choose("birth_proof_type", "Giấy chứng sinh bản giấy")
    citizen.press("Tiếp tục")
    citizen.fill(
        mother_full_name="Vũ Thị Hải Yến", mother_citizen_id=CITIZEN_ID, mother_birth_date="12/09/1994"
    )
    citizen.choose("mother_ethnic_group", "Kinh")
    citizen.press("Tiếp tục")
    citizen.fill(father_full_name="Hoàng Văn Nam", father_citizen_id="031093001122", father_birth_date="1993")
    citizen.choose("father_ethnic_group", "Kinh")
    citizen.press("Tiếp tục")
    citizen.choose("parents_married", "Có")
    citizen.fill(marriage_certificate_no="12/2023, ngày 05/03/2023")
    citizen.press("Tiếp tục")
    adds_papers(citizen, papers)


def leaves_and_resumes(citizen: Visitor) -> None:
    """The draft is kept; another day it goes on where it was left."""
    citizen.press("Lưu và làm sau")
    citizen.sees("Bản nháp")
    citizen.go("/")
    citizen.go("/ho-so/")
    citizen.follow("Đăng ký khai sinh")
    assert citizen.page.input_value("#id_child_given_name") == "Khang"


def adds_papers(citizen: Visitor, papers: SimpleNamespace) -> None:
    page = citizen.page
    citizen.sees("Giấy tờ")
    page.locator('input[name="tep-birth_proof_file-photo"]').set_input_files(papers.photo)
    page.get_by_text("sẽ gửi khi bấm nút").wait_for()
    spare = page.locator('input[type="file"][accept*="pdf"]:not([name="tep-birth_proof_file"])').first
    spare.set_input_files(papers.pdf)
    citizen.press("Tiếp tục")
    if "Kiểm tra và nộp" not in page.title():
        citizen.sees("giấy chứng sinh.jpg")
        citizen.press("Tiếp tục")
    citizen.sees("Kiểm tra và nộp", "giấy chứng sinh.jpg", "giay-ket-hon.pdf", "Hoàng", "15/11/2026")


def submits(citizen: Visitor) -> str:
    """The button is pressed twice, as impatient thumbs do; then Back, and again."""
    page = citizen.page
    citizen.choose("wants_copies", "Không")
    citizen.choose("result_channel", "Bản điện tử")
    citizen.tick(page.locator('input[name="pledge"]'))
    form = page.url
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).dblclick()
    page.wait_for_url(re.compile(r"/ho-so/[\w.]+-\d{6}-\d+/$"))
    citizen.look()
    found = CODE.search(page.locator("#slip-code").inner_text())
    assert found
    code = found[0]
    citizen.sees("Đã nhận hồ sơ", "Việc tiếp theo")
    page.goto(form)
    assert page.url.endswith(f"/ho-so/{code}/")
    citizen.go("/ho-so/")
    assert len(set(CODE.findall(page.locator("main").inner_text()))) == 1
    return code


# --- the counter --------------------------------------------------------------------------------------------


def opens(person: Visitor, code: str) -> None:
    person.go(f"/lam-viec/ho-so/{code}/")


def accepts(counter: Visitor, code: str, stack: Stack, folder: Path) -> None:
    page = counter.go("/lam-viec/")
    counter.sees("Bàn làm việc")
    page.locator("[data-key-search]").fill(code)
    page.keyboard.press("Enter")
    counter.arrives("/lam-viec/ho-so/")
    page.locator(f'a[href="/lam-viec/ho-so/{code}/"]').first.click()
    counter.look()
    counter.sees("Mới nộp, chờ tiếp nhận", "Vũ Thị Hải Yến")
    checks_each_paper(counter)
    counter.press("Tiếp nhận", exact=True)
    counter.sees("Đã tiếp nhận", "Giấy hẹn (mẫu 01) đang được đóng dấu")
    counter.until("đã đóng dấu")
    counter.look()
    link = page.get_by_role("link", name=re.compile("^Mẫu 01"))
    form01 = re.search(r"xem=mau-(\d+)", link.get_attribute("href") or "")
    assert form01
    paper = counter.download(f"/lam-viec/ho-so/{code}/mau/{form01[1]}/?tai", folder / "mau-01.pdf")
    verdict = stack.verdict(paper)
    assert verdict["verdict"] == "valid", verdict
    assert len(verdict["signatures"]) == 1


def checks_each_paper(counter: Visitor) -> None:
    """One press per paper; the last one as «missing» and then corrected, with the whole table saved."""
    page = counter.page
    passes = page.get_by_role("button", name=re.compile("^Đạt"))
    papers = passes.count()
    assert papers >= 2
    for left in range(papers - 1, -1, -1):
        passes.first.click()
        page.wait_for_load_state("load")
        expect(passes).to_have_count(left)
    counter.look()
    page.locator('input[id^="note-"]').first.fill("đối chiếu bản gốc khi trả kết quả")
    counter.press("Lưu kết quả kiểm tra")


def hands_over(counter: Visitor, code: str) -> None:
    counter.press("Chuyển giải quyết", role="link")
    counter.press("Chuyển giải quyết", exact=True)
    counter.sees("Đã chuyển đơn vị giải quyết")


# --- the office ---------------------------------------------------------------------------------------------


def assigns(head: Visitor, code: str, officer: Person) -> None:
    page = head.go("/lam-viec/")
    opens(head, code)
    head.press("Phân công", role="link")
    head.tick(page.get_by_label(officer.name))
    head.press("Phân công", exact=True)
    head.sees("Đã phân công", "Đang thẩm định", officer.name)


def proposes_a_supplement(officer: Visitor, code: str) -> None:
    page = officer.go("/lam-viec/")
    opens(officer, code)
    officer.press("Đề nghị yêu cầu bổ sung", role="link")
    officer.press("Đề nghị yêu cầu bổ sung", exact=True)  # nothing chosen
    officer.sees("Chọn ít nhất một giấy tờ")
    page.fill("#id_text-x1", "Ảnh Giấy chứng sinh chụp rõ bốn góc")
    page.fill("#id_more-x1", "Ảnh đã nộp mờ ở phần số giấy")
    officer.press("Đề nghị yêu cầu bổ sung", exact=True)
    officer.sees("Đã gửi đề nghị", "Chờ duyệt yêu cầu bổ sung")


def approves_the_supplement(head: Visitor, code: str) -> None:
    opens(head, code)
    head.press("Yêu cầu bổ sung…", role="link")
    head.sees("Ảnh Giấy chứng sinh chụp rõ bốn góc")
    head.press("Yêu cầu bổ sung", exact=True)
    head.sees("Chờ người dân bổ sung", "tạm dừng")


def answers_the_supplement(citizen: Visitor, code: str, papers: SimpleNamespace) -> None:
    page = citizen.go(f"/ho-so/{code}/")
    citizen.sees("Cần bổ sung", "Ảnh Giấy chứng sinh chụp rõ bốn góc", "Ảnh đã nộp mờ ở phần số giấy")
    citizen.follow("Gửi bổ sung")
    page.locator('input[type="file"][capture]').first.set_input_files(papers.more)
    citizen.press("Gửi bổ sung", exact=True)
    page.wait_for_url(f"**/ho-so/{code}/")
    citizen.look()
    citizen.sees("Đang thẩm định", "bo-sung.jpg")


def drafts_and_submits_the_result(officer: Visitor, code: str) -> None:
    page = officer.page
    opens(officer, code)
    why = page.locator("details.why").first
    why.locator("summary").click()
    assert (
        "Hạn trả kết quả" in why.inner_text()
    )  # how far a pause moves it depends on the hour: see tests/onecase
    officer.press("Soạn kết quả", role="link")
    officer.press("Lưu và xem PDF")
    officer.sees("dự thảo lần")
    preview = officer.context.request.get(page.url.rstrip("/") + "/xem-truoc/")
    assert preview.ok
    assert preview.body().startswith(b"%PDF")
    officer.press("Lưu và trình lãnh đạo")
    officer.press("Trình lãnh đạo ký", exact=True)
    officer.sees("Trình lãnh đạo ký", "Đã trình lãnh đạo ký")


# --- leader and clerk ---------------------------------------------------------------------------------------


def signs(leader: Visitor, code: str, pin: str) -> str:
    page = leader.go("/lam-viec/")
    opens(leader, code)
    leader.press("Đọc và ký", role="link")
    leader.sees("Trình ký", code)
    leader.press("Chỉ ký văn bản này")
    leader.sees("Ký 1 văn bản")
    page.fill("#id_pin", "000000")
    leader.press("Ký 1 văn bản", exact=True)
    leader.sees("Mã PIN không đúng. Còn 4 lần thử.")
    page.fill("#id_pin", pin)
    leader.press("Ký 1 văn bản", exact=True)
    leader.arrives("/lam-viec/ky/tien-do/")
    leader.until("đã cấp số, chờ đóng dấu")
    leader.look()
    number = re.search(r"\d+/[\w-]+", page.locator("#tien-do").inner_text())
    assert number
    return number[0]


def seals(clerk: Visitor, code: str, number: str, pin: str) -> None:
    page = clerk.go("/lam-viec/")
    opens(clerk, code)
    clerk.press("Đóng dấu…", role="link")
    clerk.sees("Kiểm tra chữ ký trước khi đóng dấu", number)
    clerk.press("Chỉ đóng dấu văn bản này")
    page.fill("#id_pin", pin)
    clerk.press("Đóng dấu 1 văn bản", exact=True)
    clerk.arrives("/lam-viec/dong-dau/tien-do/")
    clerk.until("đã phát hành")
    clerk.look()
    opens(clerk, code)
    clerk.sees("Có kết quả")


# --- the citizen again, and anyone --------------------------------------------------------------------------


def collects_and_rates(citizen: Visitor, code: str, account: Person, stack: Stack, folder: Path) -> Path:
    page = citizen.go("/ho-so/")
    citizen.sees("Có kết quả")
    page = citizen.go(f"/ho-so/{code}/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Tải kết quả").click()
    result = folder / "ket-qua.pdf"
    coming.value.save_as(result)
    verdict = stack.verdict(result)
    assert (verdict["verdict"], len(verdict["signatures"])) == ("valid", 2), verdict

    citizen.go(f"/ho-so/{code}/")
    citizen.tick(page.locator('#danh-gia input[name="level"]'))
    citizen.press("Gửi đánh giá")
    citizen.sees("Bạn đã đánh giá")
    assert page.locator("#danh-gia").count() == 0

    subjects = [str(letter["Subject"]) for letter in stack.mails_to(account.email)]
    assert any(code in subject and "đã có kết quả" in subject for subject in subjects), subjects
    return result


def anyone_checks(
    anyone: Visitor, stack: Stack, code: str, number: str, result: Path, citizen: Visitor, folder: Path
) -> None:
    printed = CHECK_CODE.search(citizen.page.locator("body").inner_text())
    assert printed, "the citizen's page shows the code of Form 01"
    page = anyone.go("/kiem-tra/")
    page.fill("#id_ma", printed[1])
    anyone.press("Kiểm tra mã")
    anyone.sees("Văn bản thật, còn nguyên vẹn")

    anyone.go("/kiem-tra/")
    page.locator('input[name="tep"]').set_input_files(result)
    anyone.press("Kiểm tra tệp")
    anyone.sees("Văn bản thật, còn nguyên vẹn", number, "Nội dung không đổi", "Dấu thời gian")
    on_paper = re.search(r"mã ([A-Z0-9][A-Z0-9 -]{8,14}[A-Z0-9])", page.locator("main").inner_text())
    assert on_paper
    anyone.go(f"/kiem-tra/{on_paper[1]}/")
    anyone.sees("Văn bản thật, còn nguyên vẹn", number)

    whole = result.read_bytes()
    middle = len(whole) // 3
    for name, content in {
        "sua-mot-chu.pdf": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "them-duoi-duoi.pdf": whole + b"\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    }.items():
        altered = folder / name
        altered.write_bytes(content)
        assert stack.verdict(altered)["verdict"] == "invalid", name
        anyone.go("/kiem-tra/")
        page.locator('input[name="tep"]').set_input_files(altered)
        anyone.press("Kiểm tra tệp")
        anyone.sees("Đừng dùng tệp này")

    anyone.go("/kiem-tra/")
    page.fill("#id_ma", "KHONGCOMA1")
    page.get_by_role("button", name="Kiểm tra mã").click()
    page.wait_for_load_state("load")
    anyone.sees("Không có văn bản nào mang mã")


def anyone_asks_where_it_is(anyone: Visitor, code: str) -> None:
    page = anyone.go("/tra-cuu/")
    anyone.fill(ma=code, so_cuoi="0000")
    anyone.press("Tra cứu", exact=True)
    anyone.sees("Không có hồ sơ")
    anyone.fill(ma=code.replace("-", "").replace(".", ""), so_cuoi=CITIZEN_ID[-4:])
    anyone.press("Tra cứu", exact=True)
    anyone.sees(code)
    shown = page.locator("main").inner_text()
    for secret in ("Vũ Thị Hải Yến", "Hoàng", "Khang", "0912345678", CITIZEN_ID, "Lương Khánh Thiện"):
        assert secret not in shown


def reads_the_whole_story(officer: Visitor, code: str) -> None:
    """The timeline, drawn from the audit trail: who, in which post of which unit, when, from what to what."""
    opens(officer, code)
    told = officer.page.locator("section", has=officer.page.locator("#dien-bien")).inner_text()
    for who in ("motcua.nq", "vanphong.nq", "hotich.nq", "chutich.nq", "vanthu.nq"):
        person = officer.stack.people[who]
        assert person.name in told or person.post in told, f"{person.name} is not in the story:\n{told}"
